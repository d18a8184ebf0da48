//! The polls that are voted in.

use std::time::{Duration, Instant};

use indicatif::ProgressBar;
use serde_json::json;

use super::run::Error;
use super::votes::Load;
use crate::client::{Client, ClientError, PollView};
use crate::replay::{Counted, wait_until_counted};

/// Makes one, of one question.
pub(super) async fn create(client: &mut Client) -> Result<PollView, ClientError> {
    let question =
        json!({"text": "Which?", "choices": ["A", "B", "C", "D"], "min_choices": 1, "max_choices": 1});
    client.create_poll(&json!({"title": "Benchmark", "questions": [question]})).await
}

/// Waits until the results hold every accepted vote; when that was, and how long it took. More or fewer is
/// an error: a benchmark of wrong counts is worth nothing.
pub(super) async fn wait_for_counts(
    client: &mut Client,
    poll: &PollView,
    load: &Load,
) -> Result<(Instant, Duration), Error> {
    let accepted = load.accepted();
    if accepted == 0 {
        return Err(Error::NoneAccepted(load.last_failure().unwrap_or_default()));
    }
    eprintln!("Waiting until all {accepted} votes are counted ...");
    let start = Instant::now();
    let poll = poll.poll_id.to_string();
    let counted = wait_until_counted(client, &poll, accepted, &ProgressBar::hidden()).await;
    match counted {
        Some(Counted { results, since }) if results.total_votes == accepted => Ok((since, since - start)),
        other => {
            let counted = other.map_or(0, |other| other.results.total_votes);
            Err(Error::Miscounted { accepted, counted })
        }
    }
}
