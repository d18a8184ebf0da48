//! The poll that the ballots are cast in.

use bytes::Bytes;
use hyper::{StatusCode, Uri};
use serde_json::json;

use super::cast::LIMITS_OFF;
use crate::client::{Client, ClientError, PollView};

/// A poll and what it takes to vote in it.
#[derive(Debug)]
pub struct Target {
    /// The poll.
    pub poll: PollView,
    /// Where its votes go.
    pub votes_path: Uri,
    /// The body of a vote for each of the file's choices, in their order.
    pub bodies: Vec<Bytes>,
}

/// Why a poll can't be used.
#[derive(Debug, thiserror::Error)]
pub enum TargetError {
    /// It could not be made or read.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// It was not made.
    #[error("the gateway limits how many polls are made. {LIMITS_OFF}")]
    Limited,
    /// It is another election's.
    #[error(
        "poll {poll} has no choice {choice:?}: it was made for another file; leave --poll out to make one"
    )]
    OtherFile {
        /// The poll's id.
        poll: String,
        /// The first choice that is missing.
        choice: String,
    },
}

impl Target {
    /// Makes a single-choice poll of these choices.
    ///
    /// # Errors
    /// [`TargetError::Client`], [`TargetError::Limited`].
    pub async fn create(client: &mut Client, title: &str, choices: &[String]) -> Result<Self, TargetError> {
        let question =
            json!({"text": "First choice", "choices": choices, "min_choices": 1, "max_choices": 1});
        let definition = json!({"title": title, "questions": [question]});
        match client.create_poll(&definition).await {
            Err(ClientError::Unexpected { status: StatusCode::TOO_MANY_REQUESTS, .. }) => {
                Err(TargetError::Limited)
            }
            made => Self::of(made?, choices),
        }
    }

    /// A poll that an earlier run has made.
    ///
    /// # Errors
    /// [`TargetError`].
    pub async fn find(client: &mut Client, poll: &str, choices: &[String]) -> Result<Self, TargetError> {
        Self::of(client.poll(poll).await?, choices)
    }

    fn of(poll: PollView, choices: &[String]) -> Result<Self, TargetError> {
        let place = |choice: &String| {
            let known = poll.questions.first().map_or(&[][..], |question| &question.choices);
            known.iter().position(|known| known.text == *choice).ok_or_else(|| TargetError::OtherFile {
                poll: poll.poll_id.to_string(),
                choice: choice.clone(),
            })
        };
        let body = |choice| place(choice).map(|place| poll.ballot(0, place));
        let bodies = choices.iter().map(body).collect::<Result<_, _>>()?;
        Ok(Self { votes_path: poll.votes_path(), bodies, poll })
    }
}
