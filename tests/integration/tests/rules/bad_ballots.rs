//! Ballots that are refused: how, and that nothing comes of them.

use hyper::Method;
use pollster_integration::{PollView, Reply, Stack, lunch, survey, token};
use serde_json::json;
use uuid::Uuid;

use crate::errors::{JSON, assert_problem, fields};

/// Sends a ballot as a new voter.
async fn vote(stack: &Stack, poll: &PollView, body: &str) -> Reply {
    stack.vote(poll, &token(), None, body.to_owned().into()).await
}

#[tokio::test]
async fn a_ballot_that_can_not_be_read_is_refused() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&survey()).await;
    let question_id = poll.questions[0].question_id;
    let choice_ids = json!([poll.questions[0].choices[0].choice_id]);
    let answer = json!({"question_id": question_id, "choice_ids": choice_ids});
    let bodies = [
        ("nothing", json!(null)),
        ("an empty object", json!({})),
        ("no choices", json!({"question_id": question_id})),
        ("no question", json!({"choice_ids": choice_ids})),
        ("both forms", json!({"question_id": question_id, "choice_ids": choice_ids, "answers": [answer]})),
        ("a question that is no UUID", json!({"question_id": "one", "choice_ids": choice_ids})),
        ("choices that are no array", json!({"question_id": question_id, "choice_ids": choice_ids[0]})),
        ("a choice that is no UUID", json!({"question_id": question_id, "choice_ids": ["Thai"]})),
        ("an unknown field", json!({"question_id": question_id, "choice_ids": choice_ids, "weight": 100})),
        ("answers that are no array", json!({"answers": answer})),
        ("an answer without choices", json!({"answers": [{"question_id": question_id}]})),
    ];
    for (what, body) in &bodies {
        assert_problem(what, &vote(&stack, &poll, &body.to_string()).await, 400, "malformed_request");
    }
    assert_problem("not JSON", &vote(&stack, &poll, "yes").await, 400, "malformed_request");
    assert_problem("no body", &vote(&stack, &poll, "").await, 400, "malformed_request");
    assert_eq!(stack.assert_exact(&poll).await.total, 0);
}

#[tokio::test]
async fn a_ballot_that_breaks_a_rule_is_refused_with_the_field() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&survey()).await;
    let other = stack.create_poll(&lunch()).await;
    let id = |question: usize| poll.questions[question].question_id;
    let choice = |question: usize, choice: usize| poll.questions[question].choices[choice].choice_id;
    let one = |question_id: Uuid, choice_ids: &[Uuid]| json!({"question_id": question_id, "choice_ids": choice_ids});
    let good = one(id(0), &[choice(0, 0)]);
    let table = [
        (one(Uuid::now_v7(), &[choice(0, 0)]), &["question_id"][..]),
        (one(other.questions[0].question_id, &[choice(0, 0)]), &["question_id"]),
        (one(id(0), &[Uuid::now_v7()]), &["choice_ids[0]"]),
        (one(id(0), &[choice(1, 0)]), &["choice_ids[0]"]),
        (one(id(0), &[]), &["choice_ids"]),
        (one(id(0), &[choice(0, 0), choice(0, 1)]), &["choice_ids"]),
        (one(id(2), &[choice(2, 0)]), &["choice_ids"]),
        (one(id(2), &[0, 1, 2, 3].map(|n| choice(2, n))), &["choice_ids"]),
        (one(id(2), &[choice(2, 0), choice(2, 0)]), &["choice_ids[1]"]),
        (json!({"answers": []}), &["answers"]),
        (json!({"answers": [good, good]}), &["answers"]),
        (json!({"answers": [good, one(id(1), &[choice(0, 0)])]}), &["answers[1].choice_ids[0]"]),
    ];
    for (body, wrong) in &table {
        let problem = assert_problem(
            &body.to_string(),
            &vote(&stack, &poll, &body.to_string()).await,
            422,
            "invalid_ballot",
        );
        assert_eq!(fields(&problem), *wrong, "{body}");
    }
    assert_eq!(stack.assert_exact(&poll).await.total, 0);
    assert_eq!(stack.assert_exact(&other).await.total, 0);
}

#[tokio::test]
async fn a_vote_without_a_proper_token_or_key_is_refused() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&lunch()).await;
    let path = poll.votes_path().to_string();
    let body = String::from_utf8(poll.ballot(0, 0).to_vec()).unwrap();
    let voter = token();
    let identity = ("x-voter-token", voter.as_str());
    let long = "k".repeat(65);
    type Headers<'a> = &'a [(&'a str, &'a str)];
    let table: [(&str, Headers<'_>, u16, &str); 6] = [
        ("no token", &[JSON], 401, "unauthenticated"),
        ("an empty token", &[JSON, ("x-voter-token", "")], 400, "malformed_request"),
        ("a token that is no UUID", &[JSON, ("x-voter-token", "me")], 400, "malformed_request"),
        ("a key of 65", &[JSON, identity, ("idempotency-key", &long)], 400, "malformed_request"),
        ("an empty key", &[JSON, identity, ("idempotency-key", "")], 400, "malformed_request"),
        (
            "a form",
            &[("content-type", "application/x-www-form-urlencoded"), identity],
            415,
            "unsupported_media_type",
        ),
    ];
    for (what, headers, status, code) in table {
        let reply = stack.request(Method::POST, &path, headers, &body).await;
        assert_problem(what, &reply, status, code);
    }
    let reply = stack.request(Method::POST, &path, &[identity], &body).await;
    assert_problem("no content type", &reply, 415, "unsupported_media_type");
    assert_eq!(stack.assert_exact(&poll).await.total, 0);

    let allowed = "k".repeat(64);
    let headers =
        [("content-type", "Application/JSON; charset=utf-8"), identity, ("idempotency-key", &allowed)];
    assert_eq!(stack.request(Method::POST, &path, &headers, &body).await.status, 202);
    assert_eq!(stack.assert_exact(&poll).await.total, 1);
}
