//! The whole life of an account.

use hyper::Method;
use pollster_integration::{Stack, link, lunch, mailed_token, token};
use serde_json::{Value, json};
use uuid::Uuid;

use super::*;
use crate::errors::assert_problem;

const EMAIL: &str = "ann@example.org";
const NEW_PASSWORD: &str = "staple battery horse";

#[tokio::test]
async fn an_account_lives_from_its_registration_to_its_leaving() {
    let stack = Stack::builder().env("PUBLIC_URL", "https://polls.example.org/").start().await;
    let made = register(&stack, "ann").await;
    let user_id: Uuid = made["user_id"].as_str().unwrap().parse().unwrap();
    let created_at = made["created_at"].as_str().unwrap();
    assert_eq!(
        made,
        json!({"user_id": user_id, "email": EMAIL, "username": "ann", "role": "user", "verified": false,
               "created_at": created_at})
    );

    let bearer = sign_in(&stack, EMAIL, A_PASSWORD).await;
    let seen: Value = me(&stack, &bearer).await.json().unwrap();
    let mut expected = made.clone();
    expected["subject"] = json!(user_id);
    expected["notification_choices"] =
        json!({"email": true, "milestones": true, "closings": true, "digest": "off", "nudges": false});
    expected["notifications"] = json!([]);
    assert_eq!(seen, expected);

    let mail = stack.mail_to(EMAIL, 1).await;
    assert!(
        mail.contains("Subject: Verify your e-mail address\r\n") && mail.contains("Hello ann,"),
        "{mail}"
    );
    assert!(link(&mail).starts_with("https://polls.example.org/verify?token="), "{mail}");
    assert_eq!(verify(&stack, &mailed_token(&mail)).await.status, 204);
    expected["verified"] = json!(true);
    assert_eq!(me(&stack, &bearer).await.json::<Value>().unwrap(), expected);

    ask(&stack, PASSWORD_RESET, "ANN@example.org").await;
    let mail = stack.mail_to(EMAIL, 2).await;
    assert!(mail.contains("Subject: Choose a new password\r\n"), "{mail}");
    assert!(link(&mail).starts_with("https://polls.example.org/reset-password?token="), "{mail}");
    assert_eq!(set_password(&stack, &mailed_token(&mail), NEW_PASSWORD).await.status, 204);
    assert_problem("old", &try_sign_in(&stack, EMAIL, A_PASSWORD).await, 401, "unauthenticated");
    let bearer = sign_in(&stack, EMAIL, NEW_PASSWORD).await;

    assert_eq!(leave(&stack, &bearer).await.status, 204);
    assert_problem("gone", &me(&stack, &bearer).await, 401, "unauthenticated");
    assert_problem("gone", &leave(&stack, &bearer).await, 401, "unauthenticated");
    assert_problem("gone", &try_sign_in(&stack, EMAIL, NEW_PASSWORD).await, 401, "unauthenticated");
    assert_ne!(register(&stack, "ann").await["user_id"], made["user_id"]);
    // Whoever has the name now is somebody else.
    assert_problem("gone", &me(&stack, &bearer).await, 401, "unauthenticated");
}

#[tokio::test]
async fn polls_and_votes_outlive_their_creator() {
    let stack = Stack::start().await;
    let made = register(&stack, "ann").await;
    let user_id: Uuid = made["user_id"].as_str().unwrap().parse().unwrap();
    let poll = stack.create_poll(&lunch()).await;
    stack.accepted(&poll, &token(), None, poll.ballot(0, 0)).await;
    let database = stack.database().connect().await;
    let owned = "UPDATE polls SET creator = (SELECT id FROM users WHERE user_id = $1) WHERE poll_id = $2";
    assert_eq!(database.execute(owned, &[&user_id, &poll.poll_id]).await.unwrap(), 1);
    stack.mail_to(EMAIL, 1).await;

    let bearer = sign_in(&stack, EMAIL, A_PASSWORD).await;
    assert_eq!(leave(&stack, &bearer).await.status, 204);
    let creator: Option<i64> = database
        .query_one("SELECT creator FROM polls WHERE poll_id = $1", &[&poll.poll_id])
        .await
        .unwrap()
        .get(0);
    assert_eq!(creator, None);
    assert_eq!((number_of(&stack, "users").await, number_of(&stack, "account_tokens").await), (0, 0));
    assert_eq!(stack.assert_exact(&poll).await.total, 1);
}

#[tokio::test]
async fn an_account_reads_its_newest_100_notifications_and_no_other_s() {
    let stack = Stack::start().await;
    register(&stack, "ann").await;
    register(&stack, "bob").await;
    let poll = stack.create_poll(&lunch()).await;
    let database = stack.database().connect().await;
    let insert = "INSERT INTO notifications (notification_id, recipient, poll, type, message, event) \
                  SELECT gen_random_uuid(), u.id, p.id, 'milestone', u.username || ' ' || n, gen_random_uuid() \
                  FROM users u, polls p, generate_series(1, 101) n ORDER BY n";
    database.execute(insert, &[]).await.unwrap();

    let bearer = sign_in(&stack, EMAIL, A_PASSWORD).await;
    let seen: Value = me(&stack, &bearer).await.json().unwrap();
    let notifications = seen["notifications"].as_array().unwrap();
    let messages: Vec<_> = notifications.iter().map(|one| one["message"].as_str().unwrap()).collect();
    assert_eq!(messages, (2..=101).rev().map(|n| format!("ann {n}")).collect::<Vec<_>>());
    let first = notifications[0].as_object().unwrap();
    let mut members: Vec<_> = first.keys().map(String::as_str).collect();
    members.sort_unstable();
    assert_eq!(members, ["created_at", "message", "notification_id", "poll_id", "read_at", "type"]);
    assert_eq!((&first["type"], &first["read_at"]), (&json!("milestone"), &Value::Null));
    assert_eq!(first["poll_id"], json!(poll.poll_id));
}

#[tokio::test]
async fn me_takes_a_token_and_nothing_else() {
    let stack = Stack::start().await;
    for method in [Method::GET, Method::DELETE] {
        let reply = stack.request(method.clone(), ME, &[], "").await;
        assert_problem("nobody", &reply, 401, "unauthenticated");
        let voter = token();
        let reply = stack.request(method, ME, &[("x-voter-token", &voter)], "").await;
        assert_problem("a voter", &reply, 401, "unauthenticated");
    }
}
