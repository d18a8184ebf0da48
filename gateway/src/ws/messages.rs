//! What is said over the socket.

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use tokio_tungstenite::tungstenite::Utf8Bytes;
use uuid::Uuid;

use crate::error::{ApiError, ErrorMessage};
use crate::request::json;
use crate::votes::ballot::AnswerBody;
use crate::votes::receipt::Receipt;

/// What a client sends.
#[derive(Debug)]
pub(crate) enum ClientMessage {
    /// Wants the results of a poll.
    Subscribe(Subscribe),
    /// Wants them no more.
    Unsubscribe(Unsubscribe),
    /// Votes on a poll that is watched.
    Vote(Vote),
    /// Wants to know whether we are there.
    Ping,
}

/// What is read of a message first.
#[derive(Debug, Deserialize)]
struct Typed {
    r#type: Type,
}

/// The types of messages.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Type {
    Subscribe,
    Unsubscribe,
    Vote,
    Ping,
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

/// Which poll's results somebody wants no more.
#[derive(Debug, Deserialize)]
pub(crate) struct Unsubscribe {
    pub(crate) poll_id: Uuid,
}

/// A vote as REST takes it, as whom the subscription to the poll says.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Vote {
    /// Was read before.
    #[serde(rename = "type")]
    _type: IgnoredAny,
    /// Comes back with the answer, and is the idempotency key.
    pub(crate) request_id: String,
    pub(crate) poll_id: Uuid,
    pub(crate) question_id: Option<Uuid>,
    pub(crate) choice_ids: Option<Vec<Uuid>>,
    pub(crate) answers: Option<Vec<AnswerBody>>,
    pub(crate) captcha_token: Option<String>,
}

impl ClientMessage {
    /// Reads a message.
    ///
    /// # Errors
    /// Where it is none.
    pub(crate) fn parse(text: &str) -> serde_json::Result<Self> {
        let bytes = text.as_bytes();
        let Typed { r#type } = json::from_slice(bytes)?;
        Ok(match r#type {
            Type::Subscribe => Self::Subscribe(json::from_slice(bytes)?),
            Type::Unsubscribe => Self::Unsubscribe(json::from_slice(bytes)?),
            Type::Vote => Self::Vote(json::from_slice(bytes)?),
            Type::Ping => Self::Ping,
        })
    }
}

/// What the server sends.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum ServerMessage<'a> {
    Unsubscribed {
        poll_id: Uuid,
    },
    VoteAccepted {
        request_id: &'a str,
        poll_id: Uuid,
        #[serde(flatten)]
        receipt: &'a Receipt,
    },
    Pong,
}

impl ServerMessage<'_> {
    /// The message as text, which is cheap to clone.
    pub(crate) fn encode(&self) -> Utf8Bytes {
        encode(self)
    }
}

/// An error as a message, in answer to that of this id, and the poll where it is about one.
pub(crate) fn error(error: ApiError, request_id: Option<&str>, poll_id: Option<Uuid>) -> Utf8Bytes {
    encode(&ErrorMessage::new(error, request_id, poll_id))
}

fn encode(message: &impl Serialize) -> Utf8Bytes {
    serde_json::to_string(message).unwrap_or_else(|_| unreachable!("messages are plain data")).into()
}

/// The id of a message that can't be read otherwise, so that its sender knows which one it was.
pub(crate) fn request_id(text: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Identified {
        request_id: String,
    }
    serde_json::from_str(text).ok().map(|Identified { request_id }| request_id)
}

#[cfg(test)]
mod fuzz;
