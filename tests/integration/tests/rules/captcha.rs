//! Captchas: a poll that asks for them takes no vote without one, and whoever solved one is not asked twice.

pub(crate) mod verifier;

use std::time::Duration;

use bytes::Bytes;
use pollster_integration::{PollView, Stack, ballot, cast, lunch, survey, token};
use serde_json::{Value, json};

use crate::errors::{JSON, assert_problem, fields, polls, post};
use verifier::{Mood, SECRET, Verifier};

const SITE_KEY: &str = "10000000-ffff-ffff-ffff-000000000001";

/// A stack whose captchas `verifier` verifies.
pub(crate) async fn stack(verifier: &Verifier) -> Stack {
    let stack = Stack::builder()
        .env("CAPTCHA_VERIFY_URL", verifier.url())
        .env("CAPTCHA_SECRET", SECRET)
        .env("CAPTCHA_SITE_KEY", SITE_KEY)
        .env("CAPTCHA_SCRIPT_ORIGIN", "https://captcha.example");
    stack.start().await
}

/// The poll, asking for captchas.
pub(crate) fn with_captcha(mut poll: Value) -> Value {
    poll["settings"] = json!({"captcha": true});
    poll
}

/// A ballot with a captcha's token.
pub(crate) fn solved(ballot: &Bytes, captcha_token: &str) -> Bytes {
    let mut ballot: Value = serde_json::from_slice(ballot).unwrap();
    ballot["captcha_token"] = json!(captcha_token);
    ballot.to_string().into()
}

async fn view(stack: &Stack, poll: &PollView) -> Value {
    stack.get(&format!("/api/v1/polls/{}", poll.poll_id)).await.json().unwrap()
}

#[tokio::test]
async fn a_poll_that_asks_for_captchas_takes_no_vote_without_one() {
    let verifier = Verifier::start().await;
    let stack = stack(&verifier).await;
    let poll = stack.create_poll(&with_captcha(lunch())).await;
    assert_eq!(view(&stack, &poll).await["captcha_site_key"], SITE_KEY);

    for bad in [poll.ballot(0, 0), solved(&poll.ballot(0, 0), ""), solved(&poll.ballot(0, 0), "guessed")] {
        let reply = stack.vote(&poll, &token(), None, bad.clone()).await;
        assert_problem(&format!("{bad:?}"), &reply, 403, "captcha_failed");
    }
    let wrong: Bytes =
        json!({"question_id": poll.questions[0].question_id, "choice_ids": [], "captcha_token": "solved-0"})
            .to_string()
            .into();
    let invalid = stack.vote(&poll, &token(), None, wrong).await;
    assert_problem("an invalid ballot", &invalid, 422, "invalid_ballot");
    assert_eq!(verifier.asked().len(), 1, "no token is spent on a ballot that is not valid");

    stack.accepted(&poll, &token(), None, solved(&poll.ballot(0, 0), "solved-1 & more=")).await;
    let again = stack.vote(&poll, &token(), None, solved(&poll.ballot(0, 0), "solved-1 & more=")).await;
    assert_problem("a token used before", &again, 403, "captcha_failed");
    let asked = verifier.asked();
    let field = |name: &str| asked[1][name].as_str();
    assert_eq!(
        (field("secret"), field("response"), field("remoteip")),
        (SECRET, "solved-1 & more=", "127.0.0.1")
    );
    assert_eq!(stack.assert_exact(&poll).await.total, 1);
}

#[tokio::test]
async fn a_poll_that_asks_for_none_ignores_them() {
    let verifier = Verifier::start().await;
    let stack = stack(&verifier).await;
    let poll = stack.create_poll(&lunch()).await;
    assert!(view(&stack, &poll).await.get("captcha_site_key").is_none());
    stack.accepted(&poll, &token(), None, solved(&poll.ballot(0, 0), "guessed")).await;
    assert!(verifier.asked().is_empty());
    assert_eq!(stack.assert_exact(&poll).await.total, 1);
}

#[tokio::test]
async fn a_retry_gets_its_first_answer_although_its_captcha_is_spent() {
    let verifier = Verifier::start().await;
    let stack = stack(&verifier).await;
    let poll = stack.create_poll(&with_captcha(survey())).await;
    let voter = token();
    let answers = [&[(0, &[0][..])][..], &[(1, &[2]), (2, &[0, 3])]];
    for (n, answers) in answers.into_iter().enumerate() {
        let (key, body) = (format!("key-{n}"), solved(&ballot(&poll, answers), &format!("solved-{n}")));
        let first = stack.vote(&poll, &voter, Some(&key), body.clone()).await;
        assert_eq!(first.status, 202, "{}", first.text());
        let again = stack.vote(&poll, &voter, Some(&key), body.clone()).await;
        assert_eq!((again.status, again.body), (first.status, first.body));
        // The key is the voter's own.
        let other = stack.vote(&poll, &token(), Some(&key), body.clone()).await;
        assert_problem("another voter", &other, 403, "captcha_failed");
        let without_key = stack.vote(&poll, &voter, None, body).await;
        assert_problem("without its key", &without_key, 403, "captcha_failed");
    }
    // Another ballot under the key is no retry.
    let other = solved(&ballot(&poll, &[(0, &[1])]), "solved-0");
    let other = stack.vote(&poll, &voter, Some("key-0"), other).await;
    assert_problem("another ballot", &other, 403, "captcha_failed");
    assert_eq!(verifier.asked().len(), 2 * 3 + 1);
    assert_eq!(stack.assert_exact(&poll).await.total, 3);
}

#[tokio::test]
async fn no_vote_is_taken_while_there_is_no_verdict() {
    let mut verifier = Verifier::start().await;
    let stack = stack(&verifier).await;
    let poll = stack.create_poll(&with_captcha(lunch())).await;
    let voter = token();
    let body = solved(&poll.ballot(0, 0), "solved");
    let mut client = stack.client(0);
    for mood in [
        Mood::Silent,
        Mood::Answers(500, r#"{"success":true}"#),
        Mood::Answers(302, r#"{"success":true}"#),
        Mood::Answers(200, "<html>success</html>"),
        Mood::Answers(200, ""),
        Mood::Answers(200, r#"{"error-codes":[]}"#),
        Mood::Answers(200, r#"{"success":"true"}"#),
    ] {
        verifier.turns(mood);
        let reply = cast(&mut client, &poll, &voter, Some("key"), body.clone()).await;
        assert_problem(&format!("{mood:?}"), &reply, 503, "unavailable");
        assert_eq!(reply.retry_after(), Some(Duration::from_secs(1)), "{mood:?}");
    }
    verifier.turns(Mood::Well);
    assert_eq!(cast(&mut client, &poll, &voter, Some("key"), body.clone()).await.status, 202);

    verifier.goes_down().await;
    let late = stack.vote(&poll, &token(), None, solved(&poll.ballot(0, 1), "solved-too")).await;
    assert_problem("a verifier that is gone", &late, 503, "unavailable");
    // Who was let through before needs it no more.
    assert_eq!(cast(&mut client, &poll, &voter, Some("key"), body).await.status, 202);
    assert_eq!(stack.assert_exact(&poll).await.total, 1);
}

#[tokio::test]
async fn without_a_verifier_no_poll_may_ask_for_captchas() {
    let stack = Stack::start().await;
    let reply = post(&stack, "/api/v1/polls", &with_captcha(lunch()).to_string()).await;
    let problem = assert_problem("a poll", &reply, 422, "invalid_poll");
    assert_eq!(fields(&problem), ["settings.captcha"]);
    assert_eq!(polls(&stack).await, 0);
    let mut off = lunch();
    off["settings"] = json!({"captcha": false});
    assert_eq!(
        stack.request(hyper::Method::POST, "/api/v1/polls", &[JSON], &off.to_string()).await.status,
        201
    );
}
