//! A request's body, read within bounds, or got out of the way.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::{Body, Incoming};

use crate::error::ApiError;

/// How long a body may take to arrive.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);
/// What is read of a body that nobody wants, so that the connection can be used again.
const MAX_UNWANTED: usize = 64 * 1024;

/// The body of a request. One that is never read, because the request was refused before, is received all
/// the same: a connection that is closed while its client still sends may take the answer with it.
#[derive(Debug)]
pub(crate) struct RequestBody(Option<Incoming>);

impl RequestBody {
    pub(crate) fn new(incoming: Incoming) -> Self {
        Self(Some(incoming))
    }

    /// What is there of it, of which nothing is left here.
    pub(super) fn take(&mut self) -> Self {
        Self(self.0.take())
    }

    /// Whether there is nothing in it, or nothing left.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.as_ref().is_none_or(Body::is_end_stream)
    }

    /// The whole body, of at most `limit` bytes; nothing if it was read before.
    pub(super) async fn read(&mut self, limit: usize) -> Result<Bytes, ApiError> {
        let Some(incoming) = self.0.take() else { return Ok(Bytes::new()) };
        match tokio::time::timeout(BODY_TIMEOUT, Limited::new(incoming, limit).collect()).await {
            Ok(Ok(body)) => Ok(body.to_bytes()),
            Ok(Err(error)) if error.is::<LengthLimitError>() => Err(ApiError::TooLarge(limit)),
            Ok(Err(_)) => Err(ApiError::Malformed("The body ended early.".to_owned())),
            Err(_) => Err(ApiError::TooSlow),
        }
    }
}

impl Drop for RequestBody {
    fn drop(&mut self) {
        if let Some(incoming) = self.0.take().filter(|incoming| !incoming.is_end_stream()) {
            tokio::spawn(tokio::time::timeout(BODY_TIMEOUT, Limited::new(incoming, MAX_UNWANTED).collect()));
        }
    }
}
