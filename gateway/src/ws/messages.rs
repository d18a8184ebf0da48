//! What is said over the socket.

use std::collections::BTreeMap;

use pollster_shared::counts::{Counted, Counts};
use serde::{Deserialize, Serialize};
use tokio_tungstenite::tungstenite::Utf8Bytes;
use uuid::Uuid;

use crate::error::ApiError;

/// What a client sends.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum ClientMessage {
    /// Wants the results of a poll.
    Subscribe(Subscribe),
    /// Wants them no more.
    Unsubscribe { poll_id: Uuid },
    /// Wants to know whether we are there.
    Ping {},
}

/// Which poll's results somebody wants, what version they have, and who they are.
#[derive(Debug, Deserialize)]
pub(crate) struct Subscribe {
    pub(crate) poll_id: String,
    #[serde(default)]
    pub(crate) version: Option<i64>,
    #[serde(default)]
    pub(crate) voter_token: Option<String>,
    #[serde(default)]
    pub(crate) access_token: Option<String>,
    #[serde(default)]
    pub(crate) manage_token: Option<String>,
}

/// What the server sends.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum ServerMessage<'a> {
    Results(Frame<'a>),
    PollClosed(Frame<'a>),
    /// The same to those who may not see the results.
    #[serde(rename = "poll_closed")]
    PollClosedHidden {
        poll_id: Uuid,
    },
    Unsubscribed {
        poll_id: Uuid,
    },
    Pong,
    Error {
        code: &'a str,
        detail: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        poll_id: Option<Uuid>,
    },
}

/// All counts of a poll.
#[derive(Debug, Serialize)]
pub(crate) struct Frame<'a> {
    poll_id: Uuid,
    version: i64,
    total_votes: i64,
    results: &'a BTreeMap<Counted, i64>,
}

impl<'a> From<&'a Counts> for Frame<'a> {
    fn from(counts: &'a Counts) -> Self {
        Self {
            poll_id: counts.poll_id,
            version: counts.version,
            total_votes: counts.total_votes,
            results: &counts.results,
        }
    }
}

impl ServerMessage<'_> {
    /// The message as text, which is cheap to clone.
    pub(crate) fn encode(&self) -> Utf8Bytes {
        serde_json::to_string(self).unwrap_or_else(|_| unreachable!("messages are plain data")).into()
    }
}

/// An error as a message, with the code that REST would give, and the poll where it is about one.
pub(crate) fn error(error: &ApiError, poll_id: Option<Uuid>) -> Utf8Bytes {
    ServerMessage::Error { code: error.code().name(), detail: &error.detail(), poll_id }.encode()
}
