//! A whole answer.

use std::time::Duration;

use bytes::Bytes;
use hyper::header::RETRY_AFTER;
use hyper::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::ClientError;

/// An answer with its whole body.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

#[derive(Deserialize)]
struct Problem {
    code: String,
}

impl Reply {
    /// The body, read as JSON.
    ///
    /// # Errors
    /// [`ClientError::Unreadable`], with the body.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, ClientError> {
        serde_json::from_slice(&self.body)
            .map_err(|source| ClientError::Unreadable { source, body: self.body.clone() })
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The answer itself, if it has this status.
    ///
    /// # Errors
    /// [`ClientError::Unexpected`], with status and body, if it has another.
    pub fn expect(self, status: StatusCode) -> Result<Self, ClientError> {
        if self.status == status {
            return Ok(self);
        }
        Err(ClientError::Unexpected { status: self.status, body: self.body })
    }

    /// The `code` of an error's body, such as `already_voted`.
    pub fn code(&self) -> Option<String> {
        self.json::<Problem>().ok().map(|problem| problem.code)
    }

    /// How long the server asks to wait, where it says so in seconds.
    pub fn retry_after(&self) -> Option<Duration> {
        let seconds = self.headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
        Some(Duration::from_secs(seconds))
    }
}
