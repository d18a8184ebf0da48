//! Who gets an export, and whom it names.

use hyper::{Method, StatusCode};
use pollster_integration::{Reply, Stack, TestAccount, lunch, token};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{json_rows, path};
use crate::errors::{JSON, assert_problem};

/// A poll of `account` on which accounts vote.
async fn made_by(stack: &Stack, account: &TestAccount) -> pollster_integration::PollView {
    let mut definition = lunch();
    definition["settings"] = json!({"voter_identity": "account"});
    let headers = [JSON, account.header()];
    let reply = stack.request(Method::POST, "/api/v1/polls", &headers, &definition.to_string()).await;
    reply.expect(StatusCode::CREATED).unwrap().json().unwrap()
}

async fn get(stack: &Stack, path: &str, headers: &[(&str, &str)]) -> Reply {
    stack.request(Method::GET, path, headers, "").await
}

#[tokio::test]
async fn only_who_manages_the_poll_gets_an_export() {
    let stack = Stack::start().await;
    let (ada, eve) = (stack.account("ada").await, stack.account("eve").await);
    let admin = stack.admin("root").await;
    let poll = made_by(&stack, &ada).await;
    let other = stack.create_poll(&lunch()).await;
    let of_other = other.manage_token.as_deref().unwrap();
    let path = path(&poll, "format=csv&audit=true");

    assert_problem("nobody", &get(&stack, &path, &[]).await, 401, "unauthenticated");
    let voter = token();
    assert_problem(
        "a voter",
        &get(&stack, &path, &[("x-voter-token", &voter)]).await,
        401,
        "unauthenticated",
    );
    assert_problem("a stranger", &get(&stack, &path, &[eve.header()]).await, 403, "forbidden");
    for token in ["", "wrong", of_other] {
        assert_problem(token, &get(&stack, &path, &[("x-manage-token", token)]).await, 403, "forbidden");
    }
    for account in [&ada, &admin] {
        assert_eq!(get(&stack, &path, &[account.header()]).await.status, 200);
        assert_eq!(get(&stack, &super::path(&other, "format=csv"), &[admin.header()]).await.status, 200);
    }
    let unknown = format!("/api/v1/polls/{}/export?format=csv", Uuid::now_v7());
    assert_problem("no poll", &get(&stack, &unknown, &[admin.header()]).await, 404, "poll_not_found");
}

#[tokio::test]
async fn what_is_not_asked_for_clearly_is_refused() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&lunch()).await;
    let headers = [("x-manage-token", poll.manage_token.as_deref().unwrap())];
    for (query, says) in [
        ("", "format=parquet"),
        ("audit=true", "format=parquet"),
        ("format=", "parquet"),
        ("format=xlsx", "parquet"),
        ("format=CSV", "parquet"),
        ("format=csv&audit=maybe", "maybe"),
        ("format=csv&columns=voter", "columns"),
    ] {
        let reply = get(&stack, &path(&poll, query), &headers).await;
        let problem = assert_problem(query, &reply, 400, "malformed_request");
        assert!(problem["detail"].as_str().unwrap().contains(says), "{query}: {problem}");
    }
}

#[tokio::test]
async fn accounts_have_one_name_a_poll_that_is_not_theirs() {
    let stack = Stack::start().await;
    let (ada, bob) = (stack.account("ada").await, stack.account("bob").await);
    let polls = [made_by(&stack, &ada).await, made_by(&stack, &ada).await];
    let mut names = Vec::new();
    for poll in &polls {
        for account in [&ada, &bob] {
            let ballot = poll.ballot(0, 0);
            let body = std::str::from_utf8(&ballot).unwrap();
            let votes = poll.votes_path().to_string();
            let reply = stack.request(Method::POST, &votes, &[JSON, account.header()], body).await;
            assert_eq!(reply.status, 202);
        }
        stack.drained().await;
        let of = async |query: &str| -> Vec<Value> {
            let rows = json_rows(&get(&stack, &path(poll, query), &[ada.header()]).await.body);
            rows.iter().map(|row| row["voter"].clone()).collect()
        };
        let named = of("format=json").await;
        assert_eq!(of("format=json&audit=true").await, named, "the trail calls them the same");
        names.extend(named);
    }
    let database = stack.database().connect().await;
    let stored = database.query("SELECT DISTINCT voter FROM responses", &[]).await.unwrap();
    assert_eq!((stored.len(), names.len()), (2, 4));
    for (place, name) in names.iter().enumerate() {
        assert!(!names[..place].contains(name), "no two are the same: {names:?}");
        let name = Uuid::parse_str(name.as_str().unwrap()).unwrap();
        assert!(stored.iter().all(|row| row.get::<_, Uuid>(0) != name), "it is not what is stored");
    }
}
