//! Votes over the socket that are refused: with the codes of REST, with their request's id, and without an effect.

use bytes::Bytes;
use pollster_integration::{DEADLINE, Stack, ballot, lunch, survey, token, wait_until};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{accepted, answer, assert_error, browser, message, vote};
use crate::captcha::verifier::Verifier;
use crate::captcha::{self, solved, with_captcha};
use crate::errors::{assert_problem, fields};

#[tokio::test]
async fn a_second_vote_is_refused_with_the_questions() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&survey()).await;
    let voter = token();
    let mut viewer = browser(&stack, &poll, &voter).await;
    accepted(&mut viewer, &poll, "first", &poll.ballot(0, 0)).await;
    stack.accepted(&poll, &voter, None, poll.ballot(1, 0)).await;
    let all = ballot(&poll, &[(0, &[1]), (1, &[0]), (2, &[0, 1])]);
    let second = vote(&mut viewer, &poll, "second", &all).await;
    assert_error("a second vote", &second, "already_voted");
    let answered = json!([poll.questions[0].question_id, poll.questions[1].question_id]);
    assert_eq!((&second["questions"], &second["poll_id"]), (&answered, &json!(poll.poll_id)));
    let rest = stack.vote(&poll, &voter, Some("third"), all).await;
    let problem = assert_problem("the same over REST", &rest, 409, "already_voted");
    assert_eq!((&problem["questions"], &problem["detail"]), (&answered, &second["detail"]));
    assert_eq!(stack.assert_exact(&poll).await.total, 2);
}

#[tokio::test]
async fn another_ballot_under_the_same_request_id_is_refused() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&lunch()).await;
    let voter = token();
    let mut viewer = browser(&stack, &poll, &voter).await;
    accepted(&mut viewer, &poll, "key", &poll.ballot(0, 0)).await;
    let other = vote(&mut viewer, &poll, "key", &poll.ballot(0, 1)).await;
    assert_error("another ballot", &other, "idempotency_mismatch");
    let rest = stack.vote(&poll, &voter, Some("key"), poll.ballot(0, 1)).await;
    assert_problem("over REST", &rest, 422, "idempotency_mismatch");
    assert_eq!(stack.assert_exact(&poll).await.total, 1);
}

#[tokio::test]
async fn a_ballot_that_breaks_a_rule_is_refused_with_the_field_as_over_rest() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&survey()).await;
    let mut viewer = browser(&stack, &poll, &token()).await;
    let (question_id, choice_id) = (poll.questions[0].question_id, poll.questions[0].choices[0].choice_id);
    let good = json!({"question_id": question_id, "choice_ids": [choice_id]});
    let bad = [
        json!({"question_id": Uuid::now_v7(), "choice_ids": [choice_id]}),
        json!({"question_id": question_id, "choice_ids": [Uuid::now_v7(), choice_id]}),
        json!({"answers": []}),
        json!({"answers": [good, {"question_id": poll.questions[1].question_id, "choice_ids": [choice_id]}]}),
    ];
    for ballot in bad {
        let ballot = Bytes::from(ballot.to_string());
        let refusal = vote(&mut viewer, &poll, "bad", &ballot).await;
        assert_error("a bad ballot", &refusal, "invalid_ballot");
        let problem: Value = stack.vote(&poll, &token(), None, ballot).await.json().unwrap();
        assert!(!fields(&problem).is_empty(), "{problem}");
        assert_eq!((&refusal["errors"], &refusal["detail"]), (&problem["errors"], &problem["detail"]));
    }
    assert_eq!(stack.assert_exact(&poll).await.total, 0);
}

#[tokio::test]
async fn a_vote_that_can_not_be_read_is_an_error_with_its_request_id() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&lunch()).await;
    let mut viewer = browser(&stack, &poll, &token()).await;
    let good = message(&poll, "id", &poll.ballot(0, 0));
    let with = |member: &str, value: Value| {
        let mut bad = good.clone();
        bad[member] = value;
        bad
    };
    for bad in [
        with("poll_id", json!(null)),
        with("poll_id", json!("lunch")),
        with("question_id", json!("one")),
        with("question_id", json!(null)),
        with("choice_ids", json!("Thai")),
        with("answers", json!([])),
        with("captcha_token", json!(1)),
        with("weight", json!(100)),
        with("type", json!("votes")),
        with("request_id", json!("")),
        with("request_id", json!("ß".repeat(65))),
    ] {
        let refusal = answer(&mut viewer, bad.clone()).await;
        assert_error(&bad.to_string(), &refusal, "malformed_request");
    }
    // Where there is none to be read, none comes back.
    for request_id in [json!(null), json!(7)] {
        viewer.say(with("request_id", request_id)).await;
        let refusal = viewer.next("error").await;
        assert_error("no request_id", &refusal, "malformed_request");
        assert!(refusal.get("request_id").is_none(), "{refusal}");
    }
    assert_eq!(stack.assert_exact(&poll).await.total, 0);
    accepted(&mut viewer, &poll, &"ß".repeat(64), &poll.ballot(0, 0)).await;
}

#[tokio::test]
async fn a_poll_takes_votes_between_its_start_and_its_close() {
    let stack = Stack::start().await;
    let mut definition = lunch();
    definition["starts_at"] = json!("2999-01-01T00:00:00Z");
    let scheduled = stack.create_poll(&definition).await;
    let mut viewer = browser(&stack, &scheduled, &token()).await;
    let early = vote(&mut viewer, &scheduled, "early", &scheduled.ballot(0, 0)).await;
    assert_error("before the start", &early, "poll_not_started");

    let poll = stack.create_poll(&lunch()).await;
    let mut viewer = browser(&stack, &poll, &token()).await;
    assert_eq!(stack.close(&poll).await.status, 200);
    stack.final_results(&poll).await;
    viewer.next("poll_closed").await;
    let late = vote(&mut viewer, &poll, "late", &poll.ballot(0, 0)).await;
    assert_error("after the close", &late, "poll_closed");
    for poll in [&scheduled, &poll] {
        assert_eq!(stack.assert_exact(poll).await.total, 0);
    }
}

#[tokio::test]
async fn a_voter_has_one_limit_for_both_ways() {
    let stack = Stack::builder().env("VOTES_PER_5_MINUTES", 4).start().await;
    let poll = stack.create_poll(&lunch()).await;
    let voter = token();
    let mut viewer = browser(&stack, &poll, &voter).await;
    for n in 0..2 {
        let answer = vote(&mut viewer, &poll, &format!("{n}"), &poll.ballot(0, 0)).await;
        assert_ne!(answer["code"], "rate_limited");
        let reply = stack.vote(&poll, &voter, None, poll.ballot(0, 0)).await;
        assert_ne!(reply.status, 429);
    }
    let refusal = vote(&mut viewer, &poll, "too-many", &poll.ballot(0, 0)).await;
    assert_error("a vote too many", &refusal, "rate_limited");
    let rest = stack.vote(&poll, &voter, None, poll.ballot(0, 0)).await;
    assert_problem("over REST", &rest, 429, "rate_limited");
    let wait = rest.retry_after().unwrap().as_secs();
    assert!((1..=75).contains(&wait));
    assert!(refusal["retry_after"].as_u64().unwrap().abs_diff(wait) <= 5, "{refusal}");
    assert_eq!(stack.assert_exact(&poll).await.total, 1);
}

#[tokio::test]
async fn a_vote_whose_outcome_is_unknown_is_sent_again_on_the_same_connection_and_counts_once() {
    let stack = Stack::builder().own_postgres().start().await;
    let poll = stack.create_poll(&lunch()).await;
    let mut viewer = browser(&stack, &poll, &token()).await;
    stack.redis().kill().await;
    stack.database().kill_server().await;
    let unknown = vote(&mut viewer, &poll, "key", &poll.ballot(0, 0)).await;
    assert_error("without Redis and PostgreSQL", &unknown, "unavailable");
    assert_eq!(unknown["retry_after"], 1);
    stack.database().restart_server().await;
    stack.redis().restart().await;
    wait_until("the vote is accepted", DEADLINE, async || {
        let answer = vote(&mut viewer, &poll, "key", &poll.ballot(0, 0)).await;
        (answer["type"] == "vote_accepted").then_some(())
    })
    .await;
    assert_eq!(stack.assert_exact(&poll).await.total, 1);
}

#[tokio::test]
async fn a_vote_is_confirmed_here_too_while_redis_is_gone() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&lunch()).await;
    let mut viewer = browser(&stack, &poll, &token()).await;
    stack.redis().kill().await;
    let counted = vote(&mut viewer, &poll, "key", &poll.ballot(0, 0)).await;
    assert_eq!((&counted["type"], &counted["status"]), (&json!("vote_accepted"), &json!("confirmed")));
    assert_eq!(stack.recounted(&poll).await.total, 1);
}

#[tokio::test]
async fn a_poll_that_asks_for_captchas_asks_here_too() {
    let verifier = Verifier::start().await;
    let stack = captcha::stack(&verifier).await;
    let poll = stack.create_poll(&with_captcha(lunch())).await;
    let mut viewer = browser(&stack, &poll, &token()).await;
    for bad in [poll.ballot(0, 0), solved(&poll.ballot(0, 0), "guessed")] {
        let refusal = vote(&mut viewer, &poll, "key", &bad).await;
        assert_error(&format!("{bad:?}"), &refusal, "captcha_failed");
    }
    let good = solved(&poll.ballot(0, 0), "solved-1");
    accepted(&mut viewer, &poll, "key", &good).await;
    // A retry has spent its token.
    accepted(&mut viewer, &poll, "key", &good).await;
    let asked = verifier.asked();
    assert_eq!(asked.len(), 2);
    assert_eq!(asked[1]["remoteip"], "127.0.0.1");
    assert_eq!(stack.assert_exact(&poll).await.total, 1);
}
