//! How an anonymous poll becomes an account's.

use futures_util::future::join_all;
use hyper::Method;
use pollster_integration::{PollView, Reply, Stack, TestAccount, lunch};
use serde_json::Value;
use uuid::Uuid;

use super::{made_by, owner};
use crate::errors::assert_problem;

async fn claim(stack: &Stack, poll: Uuid, account: &TestAccount, manage_token: &str) -> Reply {
    let headers = [account.header(), ("x-manage-token", manage_token)];
    stack.request(Method::POST, &format!("/api/v1/polls/{poll}/claim"), &headers, "").await
}

/// An anonymous poll with its manage token.
async fn anonymous(stack: &Stack) -> (PollView, String) {
    let poll = stack.create_poll(&lunch()).await;
    let manage_token = poll.manage_token.clone().unwrap();
    (poll, manage_token)
}

#[tokio::test]
async fn a_claim_gives_the_poll_to_the_account_and_ends_the_manage_token() {
    let stack = Stack::start().await;
    let ada = stack.account("ada").await;
    let (poll, manage_token) = anonymous(&stack).await;
    let claimed = claim(&stack, poll.poll_id, &ada, &manage_token).await;
    assert_eq!(claimed.status, 200, "{}", claimed.text());
    let view: Value = claimed.json().unwrap();
    assert_eq!((&view["poll_id"], &view["status"]), (&poll.poll_id.to_string().into(), &"active".into()));
    assert!(view.get("manage_token").is_none());
    assert_eq!(owner(&stack, poll.poll_id).await, (Some(ada.subject.clone()), None));

    assert_problem("the old token", &stack.close(&poll).await, 403, "forbidden");
    let path = format!("/api/v1/polls/{}/close", poll.poll_id);
    assert_eq!(stack.request(Method::POST, &path, &[ada.header()], "").await.status, 200);
}

#[tokio::test]
async fn a_claim_sent_again_gets_the_same_answer() {
    let stack = Stack::start().await;
    let ada = stack.account("ada").await;
    let (poll, manage_token) = anonymous(&stack).await;
    let first = claim(&stack, poll.poll_id, &ada, &manage_token).await;
    let again = claim(&stack, poll.poll_id, &ada, &manage_token).await;
    assert_eq!((first.status.as_u16(), again.status.as_u16()), (200, 200));
    assert_eq!(first.body, again.body);
}

#[tokio::test]
async fn nobody_claims_without_an_account_and_the_right_manage_token() {
    let stack = Stack::start().await;
    let (ada, eve) = (stack.account("ada").await, stack.account("eve").await);
    let admin = stack.admin("root").await;
    let (poll, manage_token) = anonymous(&stack).await;
    let (_, other) = anonymous(&stack).await;
    let before = owner(&stack, poll.poll_id).await;
    let path = format!("/api/v1/polls/{}/claim", poll.poll_id);
    for headers in [vec![], vec![("x-manage-token", manage_token.as_str())], vec![eve.header()]] {
        let reply = stack.request(Method::POST, &path, &headers, "").await;
        assert_problem("too little", &reply, 401, "unauthenticated");
    }
    for wrong in ["", "wrong", &other] {
        let reply = claim(&stack, poll.poll_id, &eve, wrong).await;
        assert_problem(wrong, &reply, 403, "forbidden");
        let reply = claim(&stack, poll.poll_id, &admin, wrong).await;
        assert_problem(wrong, &reply, 403, "forbidden");
    }
    assert_eq!(owner(&stack, poll.poll_id).await, before);
    let unknown = claim(&stack, Uuid::now_v7(), &eve, &manage_token).await;
    assert_problem("no poll", &unknown, 404, "poll_not_found");

    // What belongs to somebody stays theirs, whatever is shown.
    assert_eq!(claim(&stack, poll.poll_id, &ada, &manage_token).await.status, 200);
    let of_ada = super::id(&made_by(&stack, &ada).await);
    for poll in [poll.poll_id, of_ada] {
        assert_problem("Ada's", &claim(&stack, poll, &eve, &manage_token).await, 403, "forbidden");
        assert_eq!(owner(&stack, poll).await, (Some(ada.subject.clone()), None));
    }
}

#[tokio::test]
async fn of_many_claims_at_once_one_wins() {
    let stack = Stack::builder().gateways(2).start().await;
    let accounts =
        join_all((0..8).map(async |number| stack.account(&format!("account{number}")).await)).await;
    for _ in 0..5 {
        let (poll, manage_token) = anonymous(&stack).await;
        let path = format!("/api/v1/polls/{}/claim", poll.poll_id);
        let claims = join_all(accounts.iter().enumerate().map(async |(number, account)| {
            let headers = [account.header(), ("x-manage-token", &manage_token)];
            let mut client = stack.client(number % 2);
            client.request(Method::POST, &path, &headers, "").await.unwrap()
        }))
        .await;
        let (owner, token_hash) = owner(&stack, poll.poll_id).await;
        assert_eq!(token_hash, None);
        for (account, claim) in accounts.iter().zip(&claims) {
            let expected = if owner.as_ref() == Some(&account.subject) { 200 } else { 403 };
            assert_eq!(claim.status, expected, "{}", claim.text());
        }
        assert!(claims.iter().any(|claim| claim.status == 200));
    }
}

#[tokio::test]
async fn an_account_that_has_left_claims_nothing() {
    let stack = Stack::start().await;
    let ada = stack.account("ada").await;
    let (poll, manage_token) = anonymous(&stack).await;
    let database = stack.database().connect().await;
    database.execute("DELETE FROM users WHERE subject = $1", &[&ada.subject]).await.unwrap();
    let reply = claim(&stack, poll.poll_id, &ada, &manage_token).await;
    assert_problem("gone", &reply, 401, "unauthenticated");
    assert_eq!(stack.close(&poll).await.status, 200);
}

#[tokio::test]
async fn a_manage_token_is_shown_once_and_kept_as_a_hash_only() {
    let stack = Stack::builder().env("RUST_LOG", "debug").start().await;
    let ada = stack.account("ada").await;
    let (poll, manage_token) = anonymous(&stack).await;
    let (_, token_hash) = owner(&stack, poll.poll_id).await;
    assert_eq!(token_hash.as_ref().map(Vec::len), Some(32));
    let database = stack.database().connect().await;
    let row = database.query_one("SELECT polls::text FROM polls", &[]).await.unwrap();
    assert!(!row.get::<_, String>(0).contains(&manage_token));
    let view = stack.get(&format!("/api/v1/polls/{}", poll.poll_id)).await;
    assert!(!view.text().contains("manage_token"));

    claim(&stack, poll.poll_id, &ada, "wrong-token").await;
    assert_eq!(claim(&stack, poll.poll_id, &ada, &manage_token).await.status, 200);
    stack.close(&poll).await;
    let log = stack.gateway(0).log();
    assert!(log.contains("/api/v1/polls/{poll}/claim"), "requests are logged at this level");
    for secret in [&manage_token, "wrong-token", ada.bearer.trim_start_matches("Bearer ")] {
        assert!(!log.contains(secret), "{secret}");
    }
}
