//! What accounts change of themselves: what they want to be told, and what they have read.

use pollster_integration::{Stack, TestAccount};
use uuid::Uuid;

use super::*;
use crate::errors::{assert_problem, fields};

/// Records so many notifications for an account; returns their ids, the oldest first.
async fn told(stack: &Stack, account: &TestAccount, number: i32) -> Vec<Uuid> {
    let insert = "INSERT INTO notifications (notification_id, recipient, type, message, event) \
                  SELECT gen_random_uuid(), u.id, 'milestone', 'told', gen_random_uuid() \
                  FROM users u, generate_series(1, $2) WHERE u.subject = $1 RETURNING notification_id";
    let database = stack.database().connect().await;
    let rows = database.query(insert, &[&account.subject, &number]).await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

async fn seen(stack: &Stack, account: &TestAccount) -> Value {
    me(stack, &account.bearer).await.json().unwrap()
}

/// When each notification was read, by its id.
fn read_at(account: &Value, id: Uuid) -> &Value {
    let notifications = account["notifications"].as_array().unwrap();
    &notifications.iter().find(|one| one["notification_id"] == json!(id)).unwrap()["read_at"]
}

#[tokio::test]
async fn choices_are_changed_one_by_one_and_stay() {
    let stack = Stack::start().await;
    let (ann, bob) = (stack.account("ann").await, stack.account("bob").await);
    let mut expected = seen(&stack, &ann).await;
    for (choice, value) in [
        ("email", json!(false)),
        ("milestones", json!(false)),
        ("closings", json!(false)),
        ("digest", json!("daily")),
        ("digest", json!("weekly")),
        ("digest", json!("off")),
        ("nudges", json!(true)),
        ("email", json!(true)),
    ] {
        expected["notification_choices"][choice] = value.clone();
        let reply = change(&stack, &ann.bearer, &json!({"notification_choices": {choice: value}})).await;
        assert_eq!(
            (reply.status.as_u16(), reply.json::<Value>().unwrap()),
            (200, expected.clone()),
            "{choice}"
        );
        assert_eq!(seen(&stack, &ann).await, expected, "{choice}");
    }
    let all =
        json!({"email": false, "milestones": true, "closings": true, "digest": "daily", "nudges": false});
    let reply = change(&stack, &ann.bearer, &json!({"notification_choices": all})).await;
    assert_eq!(reply.json::<Value>().unwrap()["notification_choices"], all);
    for nothing in [json!({}), json!({"notification_choices": {}}), json!({"read": []})] {
        let reply = change(&stack, &ann.bearer, &nothing).await;
        assert_eq!(reply.json::<Value>().unwrap()["notification_choices"], all, "{nothing}");
    }
    assert_eq!(seen(&stack, &bob).await["notification_choices"]["email"], true);
}

#[tokio::test]
async fn notifications_are_marked_as_read_once_each_or_all() {
    let stack = Stack::start().await;
    let (ann, bob) = (stack.account("ann").await, stack.account("bob").await);
    let (ids, bobs) = (told(&stack, &ann, 3).await, told(&stack, &bob, 1).await);
    let reply = change(&stack, &ann.bearer, &json!({"read": [ids[0], ids[0]]})).await;
    let after: Value = reply.json().unwrap();
    let first = read_at(&after, ids[0]).clone();
    assert!(first.is_string() && read_at(&after, ids[1]).is_null() && read_at(&after, ids[2]).is_null());

    let reply = change(&stack, &ann.bearer, &json!({"read": [ids[1], ids[0]]})).await;
    let after: Value = reply.json().unwrap();
    assert_eq!(read_at(&after, ids[0]), &first, "the first time counts");
    assert!(read_at(&after, ids[1]).is_string() && read_at(&after, ids[2]).is_null());

    let reply = change(&stack, &ann.bearer, &json!({"read": "all"})).await;
    let after: Value = reply.json().unwrap();
    assert_eq!(read_at(&after, ids[0]), &first);
    assert!(read_at(&after, ids[2]).is_string());
    assert!(read_at(&seen(&stack, &bob).await, bobs[0]).is_null());
}

#[tokio::test]
async fn nobody_marks_what_another_was_told_and_nothing_is_changed() {
    let stack = Stack::start().await;
    let (ann, bob) = (stack.account("ann").await, stack.account("bob").await);
    let (anns, bobs) = (told(&stack, &ann, 2).await, told(&stack, &bob, 1).await);
    let before = (seen(&stack, &ann).await, seen(&stack, &bob).await);
    for stranger in [bobs[0], Uuid::now_v7()] {
        let body = json!({"read": [anns[0], stranger, anns[1]], "notification_choices": {"digest": "daily"}});
        let problem =
            assert_problem("not theirs", &change(&stack, &ann.bearer, &body).await, 422, "invalid_account");
        assert_eq!(fields(&problem), ["read[1]"]);
    }
    assert_eq!((seen(&stack, &ann).await, seen(&stack, &bob).await), before);
}

#[tokio::test]
async fn a_change_that_can_t_be_read_is_refused_and_changes_nothing() {
    let stack = Stack::start().await;
    let ann = stack.account("ann").await;
    told(&stack, &ann, 1).await;
    let before = seen(&stack, &ann).await;
    for (body, says) in [
        (json!({"choices": {"digest": "daily"}}), "choices"),
        (json!({"notification_choices": {"digest": "daily", "sms": true}}), "sms"),
        (json!({"notification_choices": {"digest": "hourly"}}), "weekly"),
        (json!({"notification_choices": {"nudges": "yes"}}), "boolean"),
        (json!({"notification_choices": {"digest": "daily"}, "read": "some"}), "list of notification ids"),
        (json!({"notification_choices": {"digest": "daily"}, "read": ["1"]}), "list of notification ids"),
        (json!({"email": "bob@example.org", "read": "all"}), "email"),
        (json!([]), "Change"),
    ] {
        let problem =
            assert_problem("bad", &change(&stack, &ann.bearer, &body).await, 400, "malformed_request");
        assert!(problem["detail"].as_str().unwrap().contains(says), "{body}: {problem}");
    }
    let long = vec![Uuid::now_v7(); 300];
    assert_problem("long", &change(&stack, &ann.bearer, &json!({"read": long})).await, 413, "too_large");
    let untyped = stack.request(Method::PATCH, ME, &[ann.header()], "{}").await;
    assert_problem("untyped", &untyped, 415, "unsupported_media_type");
    assert_eq!(seen(&stack, &ann).await, before);
}

#[tokio::test]
async fn only_an_account_that_is_there_changes_itself() {
    let stack = Stack::start().await;
    let reply = stack.request(Method::PATCH, ME, &[JSON], "{}").await;
    assert_problem("nobody", &reply, 401, "unauthenticated");
    let ann = stack.account("ann").await;
    assert_eq!(leave(&stack, &ann.bearer).await.status, 204);
    assert_problem("gone", &change(&stack, &ann.bearer, &json!({})).await, 401, "unauthenticated");
    assert_eq!(number_of(&stack, "users").await, 0);
}
