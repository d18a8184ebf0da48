//! Polls on which accounts vote.

use hyper::Method;
use pollster_integration::{PollView, Reply, Stack, lunch, token};
use serde_json::{Value, json};

fn of_accounts() -> Value {
    let mut poll = lunch();
    poll["settings"] = json!({"voter_identity": "account"});
    poll
}

async fn vote(stack: &Stack, poll: &PollView, who: &[(&str, &str)], choice: usize) -> Reply {
    let headers: Vec<_> = [("content-type", "application/json")].iter().chain(who).copied().collect();
    let ballot = poll.ballot(0, choice);
    let body = std::str::from_utf8(&ballot).unwrap();
    stack.request(Method::POST, &poll.votes_path().to_string(), &headers, body).await
}

fn is(reply: &Reply, status: u16, code: Option<&str>) {
    assert_eq!((reply.status.as_u16(), reply.code().as_deref()), (status, code), "{}", reply.text());
}

/// The `Authorization` header of a new account, got as people get it.
async fn sign_up(stack: &Stack, username: &str) -> String {
    let email = format!("{username}@example.org");
    let json_body = [("content-type", "application/json")];
    let account = json!({"email": email, "username": username, "password": "a long password"}).to_string();
    is(&stack.request(Method::POST, "/api/v1/accounts", &json_body, &account).await, 201, None);
    sign_in(stack, &email).await
}

async fn sign_in(stack: &Stack, email: &str) -> String {
    let json_body = [("content-type", "application/json")];
    let credentials = json!({"email": email, "password": "a long password"}).to_string();
    let session = stack.request(Method::POST, "/api/v1/sessions", &json_body, &credentials).await;
    is(&session, 200, None);
    format!("Bearer {}", session.json::<Value>().unwrap()["access_token"].as_str().unwrap())
}

#[tokio::test]
async fn an_account_votes_once_whatever_browser_it_uses() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&of_accounts()).await;
    let (first, second) = (stack.account("first").await, stack.account("second").await);
    let (browser, other_browser) = (token(), token());
    is(&vote(&stack, &poll, &[first.header(), ("x-voter-token", &browser)], 0).await, 202, None);
    let again = vote(&stack, &poll, &[first.header(), ("x-voter-token", &other_browser)], 1).await;
    is(&again, 409, Some("already_voted"));
    // Another account in the same browser is another voter.
    is(&vote(&stack, &poll, &[second.header(), ("x-voter-token", &browser)], 1).await, 202, None);
    assert_eq!(stack.assert_exact(&poll).await.total, 2);

    let path = format!("/api/v1/polls/{}", poll.poll_id);
    let read: Value = stack.request(Method::GET, &path, &[first.header()], "").await.json().unwrap();
    let voted = json!({poll.questions[0].question_id.to_string(): [poll.questions[0].choices[0].choice_id]});
    assert_eq!(read["voted"], voted);
}

#[tokio::test]
async fn who_does_not_sign_in_does_not_vote_on_a_poll_of_accounts() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&of_accounts()).await;
    is(&vote(&stack, &poll, &[], 0).await, 401, Some("unauthenticated"));
    is(&vote(&stack, &poll, &[("x-voter-token", &token())], 0).await, 401, Some("unauthenticated"));
    is(&vote(&stack, &poll, &[("authorization", "Bearer forged")], 0).await, 401, Some("unauthenticated"));
    assert_eq!(stack.assert_exact(&poll).await.total, 0);
}

#[tokio::test]
async fn a_poll_may_ask_for_a_verified_address() {
    let stack = Stack::start().await;
    let mut poll = of_accounts();
    poll["settings"]["verified_email"] = json!(true);
    let poll = stack.create_poll(&poll).await;
    let unverified = sign_up(&stack, "ada").await;
    is(&vote(&stack, &poll, &[("authorization", &unverified)], 0).await, 403, Some("not_verified"));

    let mail = stack.mail_to("ada@example.org", 1).await;
    let verify = json!({"token": pollster_integration::mailed_token(&mail)}).to_string();
    let json_body = [("content-type", "application/json")];
    is(&stack.request(Method::POST, "/api/v1/accounts/verify", &json_body, &verify).await, 204, None);
    // The token says what was so when it was issued.
    is(&vote(&stack, &poll, &[("authorization", &unverified)], 0).await, 403, Some("not_verified"));
    let verified = sign_in(&stack, "ada@example.org").await;
    is(&vote(&stack, &poll, &[("authorization", &verified)], 0).await, 202, None);
    assert_eq!(stack.assert_exact(&poll).await.total, 1);
}

#[tokio::test]
async fn no_account_can_be_told_from_what_is_stored_of_its_vote() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&of_accounts()).await;
    let account = stack.account("ada").await;
    is(&vote(&stack, &poll, &[account.header()], 0).await, 202, None);
    stack.drained().await;
    let database = stack.database().connect().await;
    let found = database
        .query_one("SELECT count(*) FROM responses WHERE voter::text = $1", &[&account.subject])
        .await
        .unwrap();
    assert_eq!(found.get::<_, i64>(0), 0);
    for log in [stack.gateway(0).log(), stack.aggregator(0).log()] {
        assert!(!log.contains(&account.subject));
    }
}
