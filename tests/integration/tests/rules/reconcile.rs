//! Counts that are wrong, wherever they stand, are found and put right; counts that move are never taken for wrong.

mod command;
mod redis;
mod slices;
mod tallies;
mod under_load;

use pollster_integration::{PollView, Ran, Stack, Viewer, token};
use serde_json::Value;
use tokio_postgres::types::ToSql;

/// A poll of two choices with three votes, two of them for the first, counted everywhere.
async fn voted(stack: &Stack) -> PollView {
    let poll = stack.create_poll(&pollster_integration::lunch()).await;
    for choice in [0, 0, 1] {
        stack.accepted(&poll, &token(), None, poll.ballot(0, choice)).await;
    }
    assert_eq!(stack.assert_exact(&poll).await.total, 3);
    poll
}

/// Somebody who has seen the poll's present counts.
async fn watching(stack: &Stack, poll: &PollView) -> Viewer {
    let mut viewer = Viewer::connect(stack.gateway(0).address()).await;
    viewer.subscribe(poll.poll_id, None).await;
    viewer.next("results").await;
    viewer
}

/// Waits until the viewer is shown the poll's three votes under a version above `version`.
async fn is_shown_above(viewer: &mut Viewer, poll: &PollView, version: i64) {
    let frame = viewer
        .next_where("a frame of a newer version", |frame| {
            frame["type"] == "results" && frame["version"].as_i64().unwrap() > version
        })
        .await;
    let counts = &frame["results"];
    let choices = &poll.questions[0].choices;
    let votes = [0, 1].map(|choice: usize| counts[format!("choice:{}", choices[choice].choice_id)].clone());
    let responses = counts[format!("question:{}", poll.questions[0].question_id)].clone();
    assert_eq!((frame["total_votes"].clone(), votes, responses), (3.into(), [2.into(), 1.into()], 3.into()));
}

/// Executes a statement with the poll's public id as its parameter, past everything that guards the counts.
async fn plant(stack: &Stack, poll: &PollView, statement: &str) {
    let parameters: [&(dyn ToSql + Sync); 1] = [&poll.poll_id];
    let changed = stack.database().connect().await.execute(statement, &parameters).await.unwrap();
    assert!(changed > 0, "{statement}");
}

/// What a run found: where, which count, what it should be, what it is, whether it was fixed.
fn found(ran: &Ran) -> Vec<(String, String, i64, i64, bool)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let number = |value: &Value| value.as_i64().unwrap();
    let all = ran.json();
    let found = all["differences"].as_array().unwrap().iter().map(|one| {
        let fixed = one["fixed"].as_bool().unwrap();
        (text(&one["what"]), text(&one["count"]), number(&one["expected"]), number(&one["found"]), fixed)
    });
    found.collect()
}

/// Name of the count of a choice of the first question.
fn choice(poll: &PollView, position: usize) -> String {
    format!("choice:{}", poll.questions[0].choices[position].choice_id)
}

/// Name of the count of the first question.
fn question(poll: &PollView) -> String {
    format!("question:{}", poll.questions[0].question_id)
}

/// One difference, as [`found`] has it.
fn one(what: &str, count: &str, expected: i64, found: i64, fixed: bool) -> (String, String, i64, i64, bool) {
    (what.to_owned(), count.to_owned(), expected, found, fixed)
}
