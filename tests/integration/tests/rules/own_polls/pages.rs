//! Lists of one's own polls.

use chrono::{TimeDelta, Utc};
use hyper::{Method, StatusCode};
use pollster_integration::{Reply, Stack, TestAccount, lunch, survey};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{close, id, made_by};
use crate::errors::{JSON, assert_problem};

async fn list(stack: &Stack, account: &TestAccount, query: &str) -> Reply {
    stack.request(Method::GET, &format!("/api/v1/polls?{query}"), &[account.header()], "").await
}

/// The polls of one page, and the cursor of the next.
async fn page(stack: &Stack, account: &TestAccount, query: &str) -> (Vec<Value>, Option<String>) {
    let reply = list(stack, account, query).await.expect(StatusCode::OK).unwrap();
    let page: Value = reply.json().unwrap();
    let cursor = page["next_cursor"].as_str().map(str::to_owned);
    assert!(cursor.is_some() || page["next_cursor"].is_null());
    (page["polls"].as_array().unwrap().clone(), cursor)
}

async fn ids(stack: &Stack, account: &TestAccount, query: &str) -> Vec<Uuid> {
    page(stack, account, query).await.0.iter().map(id).collect()
}

async fn make(stack: &Stack, account: &TestAccount, definition: &Value) -> Value {
    let headers = [JSON, account.header()];
    let reply = stack.request(Method::POST, "/api/v1/polls", &headers, &definition.to_string()).await;
    reply.expect(StatusCode::CREATED).unwrap().json().unwrap()
}

#[tokio::test]
async fn pages_show_every_own_poll_once_newest_first_also_while_polls_are_made() {
    let stack = Stack::start().await;
    let (ada, eve) = (stack.account("ada").await, stack.account("eve").await);
    let mut made = Vec::new();
    for _ in 0..45 {
        made.push(id(&made_by(&stack, &ada).await));
        if made.len() % 9 == 0 {
            made_by(&stack, &eve).await;
            stack.create_poll(&lunch()).await;
        }
    }
    made.reverse();
    // Times that are the same must not matter.
    let database = stack.database().connect().await;
    database.execute("UPDATE polls SET created_at = '2026-12-01'", &[]).await.unwrap();

    for (limit, pages) in [("", vec![20, 20, 5]), ("&limit=15", vec![15, 15, 15]), ("&limit=100", vec![45])] {
        let (mut seen, mut sizes, mut next) = (Vec::new(), Vec::new(), String::new());
        loop {
            let (polls, cursor) = page(&stack, &ada, &format!("mine=true{limit}{next}")).await;
            sizes.push(polls.len());
            seen.extend(polls.iter().map(id));
            match cursor {
                Some(cursor) => next = format!("&cursor={cursor}"),
                None => break,
            }
        }
        assert_eq!((seen, sizes), (made.clone(), pages), "{limit}");
    }

    let (_, cursor) = page(&stack, &ada, "mine=true").await;
    let newest = id(&made_by(&stack, &ada).await);
    let second = ids(&stack, &ada, &format!("mine=true&cursor={}", cursor.unwrap())).await;
    assert_eq!(second, made[20..40], "a new poll moves nothing on the pages that follow");
    assert_eq!(ids(&stack, &ada, "mine=true&limit=1").await, [newest]);
}

#[tokio::test]
async fn nobody_sees_the_polls_of_others() {
    let stack = Stack::start().await;
    let (ada, eve, admin) =
        (stack.account("ada").await, stack.account("eve").await, stack.admin("root").await);
    for _ in 0..3 {
        made_by(&stack, &ada).await;
        stack.create_poll(&lunch()).await;
    }
    for stranger in [&eve, &admin] {
        assert_eq!(page(&stack, stranger, "mine=true").await, (vec![], None));
    }
    // Nor with the cursor of somebody else.
    let of_eve = id(&made_by(&stack, &eve).await);
    let (_, cursor) = page(&stack, &ada, "mine=true&limit=1").await;
    let query = format!("mine=true&cursor={}", cursor.unwrap());
    assert_eq!(ids(&stack, &eve, &query).await, Vec::<Uuid>::new());
    assert_eq!(ids(&stack, &eve, "mine=true").await, [of_eve]);
}

#[tokio::test]
async fn a_list_shows_polls_as_they_read_back_without_results() {
    let stack = Stack::start().await;
    let ada = stack.account("ada").await;
    let made = [make(&stack, &ada, &survey()).await, made_by(&stack, &ada).await];
    close(&stack, &made[0], &[ada.header()]).await;
    let (listed, _) = page(&stack, &ada, "mine=true").await;
    for (listed, made) in listed.iter().rev().zip(&made) {
        let path = format!("/api/v1/polls/{}", made["poll_id"].as_str().unwrap());
        let mut read: Value = stack.get(&path).await.json().unwrap();
        assert!(read.as_object_mut().unwrap().remove("results").is_some());
        assert_eq!(*listed, read);
    }
    assert_eq!(listed[1]["questions"].as_array().unwrap().len(), 3);
    assert_eq!((&listed[0]["status"], &listed[1]["status"]), (&json!("active"), &json!("closed")));
}

#[tokio::test]
async fn a_claimed_poll_is_listed() {
    let stack = Stack::start().await;
    let ada = stack.account("ada").await;
    let poll = stack.create_poll(&lunch()).await;
    let headers = [ada.header(), ("x-manage-token", poll.manage_token.as_deref().unwrap())];
    let path = format!("/api/v1/polls/{}/claim", poll.poll_id);
    assert_eq!(stack.request(Method::POST, &path, &headers, "").await.status, 200);
    assert_eq!(ids(&stack, &ada, "mine=true").await, [poll.poll_id]);
}

#[tokio::test]
async fn the_status_filter_agrees_with_the_status_shown() {
    // Without the background nobody closes a poll at its end: it is closed all the same.
    let stack = Stack::builder().without_background().start().await;
    let ada = stack.account("ada").await;
    let now = Utc::now();
    let (past, future) = (now - TimeDelta::hours(1), now + TimeDelta::hours(1));
    let database = stack.database().connect().await;
    let closed = Some(now - TimeDelta::minutes(1));
    let table = [
        ("active", None, None, None),
        ("active", Some(past), Some(future), None),
        ("active", None, Some(future), None),
        ("scheduled", Some(future), None, None),
        ("scheduled", Some(future), Some(future + TimeDelta::hours(1)), None),
        ("closed", Some(past - TimeDelta::hours(1)), Some(past), None),
        ("closed", None, Some(past), None),
        ("closed", None, None, closed),
        ("closed", Some(future), None, closed),
        ("closed", None, Some(future), closed),
    ];
    let mut made = Vec::new();
    for (status, starts_at, ends_at, closed_at) in table {
        let poll = id(&made_by(&stack, &ada).await);
        let at = |time: Option<chrono::DateTime<Utc>>| time.map(|time| time.to_rfc3339());
        let update = "UPDATE polls SET starts_at = $2::text::timestamptz, ends_at = $3::text::timestamptz,
                                       closed_at = $4::text::timestamptz WHERE poll_id = $1";
        let times = [at(starts_at), at(ends_at), at(closed_at)];
        database.execute(update, &[&poll, &times[0], &times[1], &times[2]]).await.unwrap();
        made.insert(0, (poll, status));
    }
    for status in ["scheduled", "active", "closed", "archived"] {
        let expected = made.iter().filter(|(_, of)| *of == status).map(|(poll, _)| *poll);
        let (listed, _) = page(&stack, &ada, &format!("mine=true&status={status}")).await;
        assert_eq!(listed.iter().map(id).collect::<Vec<_>>(), expected.collect::<Vec<_>>(), "{status}");
        assert!(listed.iter().all(|poll| poll["status"] == status), "{status}");
    }
    let (first, cursor) = page(&stack, &ada, "mine=true&status=closed&limit=2").await;
    let (second, _) =
        page(&stack, &ada, &format!("mine=true&status=closed&cursor={}", cursor.unwrap())).await;
    assert_eq!((first.len(), second.len()), (2, 3));
}

#[tokio::test]
async fn a_list_that_can_not_be_read_is_refused() {
    let stack = Stack::start().await;
    let ada = stack.account("ada").await;
    for _ in 0..2 {
        made_by(&stack, &ada).await;
    }
    let (_, cursor) = page(&stack, &ada, "mine=true&limit=1").await;
    let cursor = cursor.unwrap();
    let altered = format!("{}{}", if cursor.starts_with('0') { 'f' } else { '0' }, &cursor[1..]);
    for query in [
        "".to_owned(),
        "mine=false".to_owned(),
        "mine=yes".to_owned(),
        "mine=true&mine=true".to_owned(),
        "mine=true&status=open".to_owned(),
        "mine=true&limit=0".to_owned(),
        "mine=true&limit=101".to_owned(),
        "mine=true&limit=-1".to_owned(),
        "mine=true&limit=ten".to_owned(),
        "mine=true&cursor=1".to_owned(),
        format!("mine=true&cursor={}", "0".repeat(32)),
        format!("mine=true&cursor={altered}"),
        format!("mine=true&cursor={cursor}0"),
        "mine=true&cursor=%F0%9F%97%B3%00".to_owned(),
    ] {
        assert_problem(&query, &list(&stack, &ada, &query).await, 400, "malformed_request");
    }
    let unknown = list(&stack, &ada, "mine=true&colour=red").await;
    let problem = assert_problem("unknown", &unknown, 400, "malformed_request");
    assert!(problem["detail"].as_str().unwrap().contains("colour"), "{problem}");
    let not_mine = assert_problem("all", &list(&stack, &ada, "").await, 400, "malformed_request");
    assert!(not_mine["detail"].as_str().unwrap().contains("mine=true"), "{not_mine}");

    let nobody = stack.get("/api/v1/polls?mine=true").await;
    assert_problem("nobody", &nobody, 401, "unauthenticated");
    // What is left empty is not asked for.
    assert_eq!(ids(&stack, &ada, "mine=true&status=&cursor=&limit=").await.len(), 2);
}
