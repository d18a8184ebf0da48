//! One vote an address, and what is kept of addresses.

use pollster_integration::{DEADLINE, PollView, Reply, Stack, ballot, lunch, survey, token, wait_until};
use serde_json::{Value, json};

/// `poll` with one vote a browser token and one an address.
fn one_an_address(mut poll: Value) -> Value {
    poll["settings"] = json!({"voter_identity": "browser_and_address"});
    poll
}

async fn stack() -> Stack {
    Stack::builder().env("TRUSTED_PROXIES", "127.0.0.1").start().await
}

/// Votes as if from `address`, through a proxy that is trusted.
async fn vote_from(stack: &Stack, poll: &PollView, address: &str, voter: &str, body: &str) -> Reply {
    let headers = [
        ("content-type", "application/json"),
        ("x-voter-token", voter),
        ("idempotency-key", "key"),
        ("x-forwarded-for", address),
    ];
    stack.request(hyper::Method::POST, &poll.votes_path().to_string(), &headers, body).await
}

fn text(ballot: &bytes::Bytes) -> &str {
    std::str::from_utf8(ballot).unwrap()
}

fn is(reply: &Reply, status: u16, code: Option<&str>) {
    assert_eq!((reply.status.as_u16(), reply.code().as_deref()), (status, code), "{}", reply.text());
}

#[tokio::test]
async fn an_address_votes_once_and_so_does_a_token() {
    let stack = stack().await;
    let poll = stack.create_poll(&one_an_address(lunch())).await;
    let (voter, first) = (token(), poll.ballot(0, 0));
    let first = text(&first);
    is(&vote_from(&stack, &poll, "192.0.2.1", &voter, first).await, 202, None);
    is(&vote_from(&stack, &poll, "192.0.2.1", &token(), first).await, 409, Some("already_voted"));
    is(
        &vote_from(&stack, &poll, "192.0.2.2", &voter, text(&poll.ballot(0, 1))).await,
        422,
        Some("idempotency_mismatch"),
    );
    is(&vote_from(&stack, &poll, "192.0.2.2", &token(), first).await, 202, None);
    // The same vote sent again, also from elsewhere: the first answer.
    is(&vote_from(&stack, &poll, "192.0.2.3", &voter, first).await, 202, None);
    assert_eq!(stack.assert_exact(&poll).await.total, 2);
}

#[tokio::test]
async fn an_ipv6_household_is_one_address() {
    let stack = stack().await;
    let poll = stack.create_poll(&one_an_address(lunch())).await;
    let ballot = poll.ballot(0, 0);
    is(&vote_from(&stack, &poll, "2001:db8:1:2::1", &token(), text(&ballot)).await, 202, None);
    is(
        &vote_from(&stack, &poll, "2001:db8:1:2:ffff::9", &token(), text(&ballot)).await,
        409,
        Some("already_voted"),
    );
    is(&vote_from(&stack, &poll, "2001:db8:1:3::1", &token(), text(&ballot)).await, 202, None);
    // IPv4 in IPv6 clothes is IPv4.
    is(&vote_from(&stack, &poll, "192.0.2.1", &token(), text(&ballot)).await, 202, None);
    is(
        &vote_from(&stack, &poll, "::ffff:192.0.2.1", &token(), text(&ballot)).await,
        409,
        Some("already_voted"),
    );
    assert_eq!(stack.assert_exact(&poll).await.total, 3);
}

#[tokio::test]
async fn a_question_that_an_address_left_out_is_open_to_it() {
    let stack = stack().await;
    let poll = stack.create_poll(&one_an_address(survey())).await;
    let (one, two, both) =
        (ballot(&poll, &[(0, &[0])]), ballot(&poll, &[(1, &[0])]), ballot(&poll, &[(0, &[1]), (1, &[1])]));
    is(&vote_from(&stack, &poll, "192.0.2.1", &token(), text(&one)).await, 202, None);
    let refused = vote_from(&stack, &poll, "192.0.2.1", &token(), text(&both)).await;
    is(&refused, 409, Some("already_voted"));
    let problem: Value = refused.json().unwrap();
    assert_eq!(problem["questions"], json!([poll.questions[0].question_id]));
    is(&vote_from(&stack, &poll, "192.0.2.1", &token(), text(&two)).await, 202, None);
    assert_eq!(stack.assert_exact(&poll).await.total, 2);
}

#[tokio::test]
async fn the_database_holds_one_vote_an_address_when_redis_forgot() {
    let stack = stack().await;
    let poll = stack.create_poll(&one_an_address(survey())).await;
    let (one, both) = (ballot(&poll, &[(0, &[0])]), ballot(&poll, &[(0, &[1]), (1, &[1])]));
    is(&vote_from(&stack, &poll, "192.0.2.1", &token(), text(&one)).await, 202, None);
    stack.drained().await;
    stack.redis().flush().await;
    let second = token();
    let accepted = vote_from(&stack, &poll, "192.0.2.1", &second, text(&both)).await;
    is(&accepted, 202, None);
    let vote_id = accepted.json::<Value>().unwrap()["vote_id"].as_str().unwrap().to_owned();
    wait_until("the vote reads rejected", DEADLINE, async || {
        let status: Value = stack.vote_status(&poll, &second, &vote_id).await.json().unwrap();
        (status["status"] == "rejected").then_some(())
    })
    .await;
    let counts = stack.assert_exact(&poll).await;
    assert_eq!(counts.total, 1, "all or none");
    assert_eq!(stack.aggregator(0).metric("pollster_accepted_then_refused_total").await, 1.0);
    assert_eq!(stack.aggregator(0).metric("pollster_dead_letters_total").await, 0.0);
}

#[tokio::test]
async fn no_address_is_stored_and_none_can_be_followed_from_poll_to_poll() {
    let stack = stack().await;
    let polls = [
        stack.create_poll(&one_an_address(lunch())).await,
        stack.create_poll(&one_an_address(lunch())).await,
        stack.create_poll(&lunch()).await,
    ];
    for poll in &polls {
        is(&vote_from(&stack, poll, "192.0.2.77", &token(), text(&poll.ballot(0, 0))).await, 202, None);
    }
    stack.drained().await;
    let database = stack.database().connect().await;
    let rows = database.query("SELECT DISTINCT address FROM responses WHERE address IS NOT NULL", &[]).await;
    assert_eq!(rows.unwrap().len(), 3, "a hash a poll");
    for log in [stack.gateway(0).log(), stack.aggregator(0).log()] {
        assert!(!log.contains("192.0.2.77"));
    }
}
