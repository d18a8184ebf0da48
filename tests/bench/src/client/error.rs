//! What can go wrong with a request.

use std::io;

use bytes::Bytes;
use hyper::StatusCode;
use hyper::header::InvalidHeaderValue;

/// Why there is no answer, or not the one asked for.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The address can't be used.
    #[error("{url:?} is no address of a gateway ({problem}); give one such as http://127.0.0.1:8080")]
    BadUrl {
        /// The address given.
        url: String,
        /// What is wrong with it.
        problem: String,
    },
    /// No connection; the request was not sent.
    #[error("can't connect to {host}: {source}; is the gateway running?")]
    Connect {
        /// Host and port.
        host: String,
        /// The system's answer.
        source: io::Error,
    },
    /// The path or a header can't be sent.
    #[error("the request can't be sent: {0}")]
    BadRequest(#[from] hyper::http::Error),
    /// The connection ended before the answer; the server may have done what was asked.
    #[error("the connection broke before the answer: {0}")]
    Broken(#[from] hyper::Error),
    /// No answer in time; the server may have done, or may yet do, what was asked.
    #[error("no answer within {seconds} s")]
    TimedOut {
        /// How long it was awaited.
        seconds: f64,
    },
    /// Another status than the call gives when it succeeds.
    #[error("the gateway answers {status}: {}", String::from_utf8_lossy(body))]
    Unexpected {
        /// The status.
        status: StatusCode,
        /// The body.
        body: Bytes,
    },
    /// The body is not what the interface says.
    #[error("can't read the answer ({source}): {}", String::from_utf8_lossy(body))]
    Unreadable {
        /// What the parser says.
        source: serde_json::Error,
        /// The body.
        body: Bytes,
    },
}

impl From<InvalidHeaderValue> for ClientError {
    fn from(error: InvalidHeaderValue) -> Self {
        Self::BadRequest(error.into())
    }
}
