//! Votes over the WebSocket: accepted, counted and refused like those over REST.

mod identity;
mod refused;

use bytes::Bytes;
use pollster_integration::{PollView, Stack, Viewer, ballot, lunch, survey, token};
use serde_json::{Value, json};

/// A connection that watches a poll with these tokens.
pub(crate) async fn subscribed(stack: &Stack, poll: &PollView, tokens: &Value) -> Viewer {
    let mut viewer = Viewer::connect(stack.gateway(0).address()).await;
    subscribe(&mut viewer, poll, tokens).await;
    viewer
}

/// Subscribes to a poll with these tokens.
pub(crate) async fn subscribe(viewer: &mut Viewer, poll: &PollView, tokens: &Value) {
    let mut message = tokens.clone();
    message["type"] = json!("subscribe");
    message["poll_id"] = json!(poll.poll_id);
    viewer.say(message).await;
    viewer.ping().await;
}

/// A connection that watches a poll as `voter`.
pub(crate) async fn browser(stack: &Stack, poll: &PollView, voter: &str) -> Viewer {
    subscribed(stack, poll, &json!({"voter_token": voter})).await
}

/// A vote with this ballot, as a message.
pub(crate) fn message(poll: &PollView, request_id: &str, ballot: &Bytes) -> Value {
    let mut message: Value = serde_json::from_slice(ballot).unwrap();
    message["type"] = json!("vote");
    message["request_id"] = json!(request_id);
    message["poll_id"] = json!(poll.poll_id);
    message
}

/// Sends a message; returns the answer to it.
pub(crate) async fn answer(viewer: &mut Viewer, message: Value) -> Value {
    let request_id = message["request_id"].clone();
    viewer.say(message.clone()).await;
    viewer.next_where(&format!("an answer to {message}"), |frame| frame["request_id"] == request_id).await
}

/// Votes; returns the answer.
pub(crate) async fn vote(viewer: &mut Viewer, poll: &PollView, request_id: &str, ballot: &Bytes) -> Value {
    answer(viewer, message(poll, request_id, ballot)).await
}

/// Votes, which must be accepted; returns the vote's id.
pub(crate) async fn accepted(
    viewer: &mut Viewer,
    poll: &PollView,
    request_id: &str,
    ballot: &Bytes,
) -> String {
    let answer = vote(viewer, poll, request_id, ballot).await;
    assert_eq!(answer["type"], "vote_accepted", "{answer}");
    answer["vote_id"].as_str().unwrap().to_owned()
}

/// Holds a refusal against its code.
pub(crate) fn assert_error(what: &str, answer: &Value, code: &str) {
    assert_eq!((&answer["type"], &answer["code"]), (&json!("error"), &json!(code)), "{what}: {answer}");
    assert!(answer["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{what}: {answer}");
}

/// Holds the number of votes with this outcome that the gateway counted.
async fn assert_counted(stack: &Stack, outcome: &str, votes: u32) {
    let metrics = stack.gateway(0).metrics().await;
    let line = format!("pollster_votes_total{{outcome=\"{outcome}\"}} {votes}");
    assert!(metrics.lines().any(|counted| counted == line), "{line}");
}

#[tokio::test]
async fn a_vote_over_the_socket_is_accepted_counted_and_shown() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&survey()).await;
    let voter = token();
    let mut viewer = browser(&stack, &poll, &voter).await;
    let id = |question: usize| poll.questions[question].question_id;
    let choice = |question: usize, choice: usize| poll.questions[question].choices[choice].choice_id;

    let one = vote(&mut viewer, &poll, "one", &poll.ballot(0, 1)).await;
    let several = vote(&mut viewer, &poll, "several", &ballot(&poll, &[(2, &[3, 0]), (1, &[2])])).await;
    let status = stack.vote_status(&poll, &voter, one["vote_id"].as_str().unwrap()).await;
    assert_eq!(status.status, 200);
    assert_eq!(
        one,
        json!({
            "type": "vote_accepted", "request_id": "one", "poll_id": poll.poll_id, "vote_id": one["vote_id"],
            "status": "accepted", "answers": [{"question_id": id(0), "choice_ids": [choice(0, 1)]}],
        })
    );
    assert_eq!(
        several["answers"],
        json!([
            {"question_id": id(1), "choice_ids": [choice(1, 2)]},
            {"question_id": id(2), "choice_ids": [choice(2, 0), choice(2, 3)]},
        ])
    );
    assert_eq!(stack.assert_exact(&poll).await.total, 3);
    viewer.next_where("all three answers counted", |frame| frame["total_votes"] == 3).await;
    assert_counted(&stack, "accepted", 2).await;
    assert_eq!(stack.gateway(0).metric("pollster_vote_request_seconds_count").await, 2.0);
}

#[tokio::test]
async fn a_retry_gets_its_first_answer_whichever_way_it_comes_and_counts_once() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&lunch()).await;
    let (voter, ballot) = (token(), poll.ballot(0, 0));
    let mut viewer = browser(&stack, &poll, &voter).await;
    let first = vote(&mut viewer, &poll, "key", &ballot).await;
    assert_eq!(first["type"], "vote_accepted", "{first}");
    assert_eq!(vote(&mut viewer, &poll, "key", &ballot).await, first);
    let mut other = browser(&stack, &poll, &voter).await;
    assert_eq!(vote(&mut other, &poll, "key", &ballot).await, first);
    assert_eq!(stack.accepted(&poll, &voter, Some("key"), ballot.clone()).await, first["vote_id"]);

    let by_rest = token();
    let vote_id = stack.accepted(&poll, &by_rest, Some("by-rest"), ballot.clone()).await;
    let mut viewer = browser(&stack, &poll, &by_rest).await;
    assert_eq!(accepted(&mut viewer, &poll, "by-rest", &ballot).await, vote_id);
    assert_eq!(stack.assert_exact(&poll).await.total, 2);
    assert_counted(&stack, "replayed", 4).await;

    // After the close as well.
    assert_eq!(stack.close(&poll).await.status, 200);
    assert_eq!(vote(&mut other, &poll, "key", &ballot).await, first);
}

#[tokio::test]
async fn votes_sent_at_once_on_one_connection_are_all_answered_each_once() {
    let stack = Stack::builder().aggregators(2).start().await;
    let voter = token();
    let mut polls = Vec::new();
    for _ in 0..20 {
        polls.push(stack.create_poll(&survey()).await);
    }
    let mut viewer = Viewer::connect(stack.gateway(0).address()).await;
    for poll in &polls {
        subscribe(&mut viewer, poll, &json!({"voter_token": voter})).await;
    }
    let mut sent = Vec::new();
    for (n, poll) in polls.iter().enumerate() {
        for question in 0..2 {
            let request_id = format!("{n}-{question}");
            viewer.say(message(poll, &request_id, &poll.ballot(question, 0))).await;
            sent.push(request_id);
        }
    }
    viewer.ping().await;
    let answers = viewer.frames_of("vote_accepted");
    let mut answered: Vec<&str> =
        answers.iter().map(|answer| answer["request_id"].as_str().unwrap()).collect();
    answered.sort_unstable();
    sent.sort_unstable();
    assert_eq!(answered, sent);
    assert!(viewer.frames_of("error").is_empty());
    for poll in &polls {
        assert_eq!(stack.assert_exact(poll).await.total, 2);
    }
}

#[tokio::test]
async fn the_widest_ballot_fits_a_message() {
    let stack = Stack::start().await;
    let choices: Vec<String> = (0..50).map(|n| format!("choice {n}")).collect();
    let question = json!({"text": "Which?", "choices": choices, "max_choices": 50});
    let poll = stack.create_poll(&json!({"title": "Wide", "questions": vec![question; 20]})).await;
    let mut viewer = browser(&stack, &poll, &token()).await;
    let all: Vec<usize> = (0..50).collect();
    let answers: Vec<(usize, &[usize])> = (0..20).map(|question| (question, &all[..])).collect();
    accepted(&mut viewer, &poll, &"x".repeat(64), &ballot(&poll, &answers)).await;
    assert_eq!(stack.assert_exact(&poll).await.total, 20);
}

#[tokio::test]
async fn who_votes_over_the_socket_sees_hidden_results_at_once_and_from_then_on() {
    let stack = Stack::start().await;
    let mut definition = lunch();
    definition["settings"] = json!({"result_visibility": "after_vote"});
    let poll = stack.create_poll(&definition).await;
    stack.accepted(&poll, &token(), None, poll.ballot(0, 0)).await;
    let mut voter = browser(&stack, &poll, &token()).await;
    let mut bystander = browser(&stack, &poll, &token()).await;
    for viewer in [&voter, &bystander] {
        assert_eq!(viewer.frames_of("error")[0]["code"], "results_hidden");
    }
    stack.drained().await;

    // A vote that is refused shows nothing.
    vote(&mut voter, &poll, "bad", &Bytes::from_static(br#"{"answers":[]}"#)).await;
    voter.ping().await;
    assert!(voter.frames_of("results").is_empty());

    // No count changes while nothing is committed: what is shown at once is what was there before.
    stack.aggregator(0).stop().await;
    accepted(&mut voter, &poll, "vote", &poll.ballot(0, 1)).await;
    voter.next_where("what was counted before", |frame| frame["total_votes"] == 1).await;
    stack.aggregator(0).cont().await;
    voter.next_where("their own vote", |frame| frame["total_votes"] == 2).await;
    stack.accepted(&poll, &token(), None, poll.ballot(0, 0)).await;
    voter.next_where("a later vote", |frame| frame["total_votes"] == 3).await;

    assert_eq!(stack.recounted(&poll).await, stack.counts(&poll).await);
    bystander.ping().await;
    assert!(bystander.frames_of("results").is_empty());
}

#[tokio::test]
async fn a_vote_shows_no_results_that_are_hidden_until_the_close() {
    let stack = Stack::start().await;
    let mut definition = lunch();
    definition["settings"] = json!({"result_visibility": "after_close"});
    let poll = stack.create_poll(&definition).await;
    let mut viewer = browser(&stack, &poll, &token()).await;
    accepted(&mut viewer, &poll, "vote", &poll.ballot(0, 1)).await;
    stack.drained().await;
    viewer.ping().await;
    assert!(viewer.frames_of("results").is_empty());
    assert_eq!(stack.close(&poll).await.status, 200);
    assert_eq!(viewer.next("results").await["total_votes"], 1);
}
