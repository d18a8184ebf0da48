//! Votes while Redis is gone: the gateway commits them to PostgreSQL itself.

mod changes;
mod crowd;
mod overlap;
mod shown;

use hyper::{Method, StatusCode};
use pollster_integration::{DEADLINE, PollView, Reply, Stack, ballot, lunch, survey, token, wait_until};
use serde_json::{Value, json};

fn is(reply: &Reply, status: u16, code: Option<&str>) {
    assert_eq!((reply.status.as_u16(), reply.code().as_deref()), (status, code), "{}", reply.text());
}

/// Sends a vote that must be counted at once; returns its id.
async fn confirmed(stack: &Stack, poll: &PollView, voter: &str, key: &str, ballot: bytes::Bytes) -> String {
    let reply = stack.vote(poll, voter, Some(key), ballot).await;
    let vote: Value = reply.expect(StatusCode::OK).unwrap().json().unwrap();
    assert_eq!(vote["status"], "confirmed");
    vote["vote_id"].as_str().unwrap().to_owned()
}

/// Kills Redis, and waits until the gateways have found out.
async fn lose_redis(stack: &Stack) {
    stack.redis().kill().await;
    no_longer_asked(stack).await;
}

/// Waits until no gateway asks Redis any more.
async fn no_longer_asked(stack: &Stack) {
    for gateway in stack.gateways() {
        wait_until("the gateway asks Redis no longer", DEADLINE, async || {
            // Asks whether Redis is there.
            gateway.is_ready().await;
            (gateway.metric("pollster_circuit_open").await == 1.0).then_some(())
        })
        .await;
    }
}

/// Waits until votes go through Redis again, by votes on another poll.
async fn goes_through_redis(stack: &Stack) {
    let other = stack.create_poll(&lunch()).await;
    wait_until("votes go through Redis", DEADLINE, async || {
        let reply = stack.vote(&other, &token(), None, other.ballot(0, 0)).await;
        (reply.status == 202).then_some(())
    })
    .await;
}

async fn status(stack: &Stack, poll: &PollView, voter: &str, vote_id: &str) -> String {
    let status: Value = stack.vote_status(poll, voter, vote_id).await.json().unwrap();
    status["status"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_vote_is_confirmed_and_counts_once_while_redis_is_gone() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&lunch()).await;
    let (early, voter) = (token(), token());
    stack.accepted(&poll, &early, Some("key"), poll.ballot(0, 0)).await;
    stack.drained().await;
    lose_redis(&stack).await;

    let vote_id = confirmed(&stack, &poll, &voter, "key", poll.ballot(0, 1)).await;
    assert_eq!(status(&stack, &poll, &voter, &vote_id).await, "confirmed");
    assert_eq!(stack.results(&poll).await.total_votes, 2);
    // Sent again it is the same vote, whichever way it came at first; another one is refused.
    assert_eq!(confirmed(&stack, &poll, &voter, "key", poll.ballot(0, 1)).await, vote_id);
    confirmed(&stack, &poll, &early, "key", poll.ballot(0, 0)).await;
    let second = stack.vote(&poll, &voter, Some("other"), poll.ballot(0, 0)).await;
    is(&second, 409, Some("already_voted"));
    let questions = second.json::<Value>().unwrap()["questions"].clone();
    assert_eq!(questions, json!([poll.questions[0].question_id]));
    is(&stack.vote(&poll, &voter, Some("key"), poll.ballot(0, 0)).await, 422, Some("idempotency_mismatch"));

    stack.redis().restart().await;
    // A Redis that comes back does not know the vote, PostgreSQL does.
    let counts = stack.assert_exact(&poll).await;
    assert_eq!(counts.total, 2);
    goes_through_redis(&stack).await;
    let late = stack.accepted(&poll, &voter, Some("other"), poll.ballot(0, 0)).await;
    stack.drained().await;
    assert_eq!(status(&stack, &poll, &voter, &late).await, "rejected");
    assert_eq!(stack.assert_exact(&poll).await.total, 2);
}

#[tokio::test]
async fn a_ballot_counts_whole_or_not_at_all_and_its_key_is_good_for_one() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&survey()).await;
    let voter = token();
    lose_redis(&stack).await;
    confirmed(&stack, &poll, &voter, "first", ballot(&poll, &[(0, &[1])])).await;
    let overlapping = ballot(&poll, &[(0, &[0]), (1, &[0])]);
    is(&stack.vote(&poll, &voter, Some("second"), overlapping).await, 409, Some("already_voted"));
    // The key belongs to a ballot on another question.
    let other = ballot(&poll, &[(1, &[0])]);
    is(&stack.vote(&poll, &voter, Some("first"), other).await, 422, Some("idempotency_mismatch"));
    confirmed(&stack, &poll, &voter, "third", ballot(&poll, &[(1, &[2]), (2, &[0, 3])])).await;
    assert_eq!(stack.results(&poll).await.total_votes, 3);
    assert_eq!(stack.recounted(&poll).await, stack.counts(&poll).await);
}

#[tokio::test]
async fn a_poll_that_is_closed_or_not_started_or_gone_takes_no_direct_votes() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&lunch()).await;
    let gone = stack.create_poll(&lunch()).await;
    let mut scheduled = lunch();
    scheduled["starts_at"] = json!("2999-01-01T00:00:00Z");
    let scheduled = stack.create_poll(&scheduled).await;
    let voter = token();
    for poll in [&poll, &gone] {
        stack.accepted(poll, &voter, Some("key"), poll.ballot(0, 0)).await;
    }
    stack.drained().await;
    lose_redis(&stack).await;
    confirmed(&stack, &poll, &voter, "key", poll.ballot(0, 0)).await;
    assert_eq!(stack.close(&poll).await.status, 200);
    is(&stack.vote(&poll, &token(), Some("key"), poll.ballot(0, 0)).await, 409, Some("poll_closed"));
    // A retry gets its first answer all the same.
    confirmed(&stack, &poll, &voter, "key", poll.ballot(0, 0)).await;
    let early = stack.vote(&scheduled, &token(), Some("key"), scheduled.ballot(0, 0)).await;
    is(&early, 409, Some("poll_not_started"));
    let database = stack.database().connect().await;
    database
        .execute("UPDATE polls SET deleted_at = now() WHERE poll_id = $1", &[&gone.poll_id])
        .await
        .unwrap();
    is(&stack.vote(&gone, &token(), Some("key"), gone.ballot(0, 0)).await, 404, Some("poll_not_found"));

    stack.redis().restart().await;
    assert_eq!(stack.final_results(&poll).await.total_votes, 1);
}

#[tokio::test]
async fn an_address_votes_once_directly_too() {
    let stack = Stack::builder().env("TRUSTED_PROXIES", "127.0.0.1").start().await;
    let mut definition = lunch();
    definition["settings"] = json!({"voter_identity": "browser_and_address"});
    let poll = stack.create_poll(&definition).await;
    let vote = async |voter: &str, address: &str| {
        let headers = [
            ("content-type", "application/json"),
            ("x-voter-token", voter),
            ("idempotency-key", "key"),
            ("x-forwarded-for", address),
        ];
        let body = poll.ballot(0, 0);
        let body = std::str::from_utf8(&body).unwrap();
        stack.request(Method::POST, &poll.votes_path().to_string(), &headers, body).await
    };
    assert_eq!(vote(&token(), "192.0.2.1").await.status, 202);
    stack.drained().await;
    lose_redis(&stack).await;
    is(&vote(&token(), "192.0.2.1").await, 409, Some("already_voted"));
    let voter = token();
    assert_eq!(vote(&voter, "192.0.2.2").await.status, 200);
    assert_eq!(vote(&voter, "192.0.2.3").await.status, 200, "the same vote");
    // Of two at once one counts.
    let (one, other) = (token(), token());
    let (one, other) = tokio::join!(vote(&one, "192.0.2.4"), vote(&other, "192.0.2.4"));
    let mut statuses = [one.status.as_u16(), other.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
    assert_eq!(stack.recounted(&poll).await.total, 3);
}

#[tokio::test]
async fn without_redis_and_postgresql_a_vote_is_refused_and_promised_nothing() {
    let stack = Stack::builder().own_postgres().start().await;
    let poll = stack.create_poll(&lunch()).await;
    stack.accepted(&poll, &token(), None, poll.ballot(0, 0)).await;
    stack.drained().await;
    lose_redis(&stack).await;
    stack.database().kill_server().await;
    let voter = token();
    let refused = stack.vote(&poll, &voter, Some("key"), poll.ballot(0, 1)).await;
    is(&refused, 503, Some("unavailable"));
    assert!(refused.headers.contains_key("retry-after"));

    stack.database().restart_server().await;
    wait_until("the vote is counted directly", DEADLINE, async || {
        (stack.vote(&poll, &voter, Some("key"), poll.ballot(0, 1)).await.status == 200).then_some(())
    })
    .await;
    stack.redis().restart().await;
    assert_eq!(stack.assert_exact(&poll).await.total, 2);
}
