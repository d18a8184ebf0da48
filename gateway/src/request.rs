//! What a request says, read and checked: path, headers, body.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::Request;
use hyper::body::Incoming;
use hyper::header::CONTENT_TYPE;
use pollster_shared::poll::Poll;
use pollster_shared::vote::Voter;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::app::App;
use crate::error::ApiError;

/// How long a body may take to arrive.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);
const MAX_IDEMPOTENCY_KEY: usize = 64;

/// A request on its way through a handler.
#[derive(Debug)]
pub(crate) struct Context {
    pub(crate) app: Arc<App>,
    pub(crate) request: Request<Incoming>,
    /// `{poll}` of the path, or empty.
    pub(crate) poll: String,
    /// `{vote_id}` of the path, or empty.
    pub(crate) vote_id: String,
}

impl Context {
    /// The poll that the path names.
    pub(crate) async fn poll(&self) -> Result<Arc<Poll>, ApiError> {
        self.app.definitions.get(&self.poll).await
    }

    /// The value of a header, `None` where it is absent.
    pub(crate) fn header(&self, name: &'static str) -> Result<Option<&str>, ApiError> {
        let text = self.request.headers().get(name).map(|value| std::str::from_utf8(value.as_bytes()));
        text.transpose().map_err(|_| ApiError::Malformed(format!("{name} is not UTF-8.")))
    }

    /// The voter that the request's token stands for, `None` without one.
    pub(crate) fn voter(&self) -> Result<Option<Voter>, ApiError> {
        let Some(token) = self.header("x-voter-token")? else { return Ok(None) };
        let token = Uuid::parse_str(token)
            .map_err(|_| ApiError::Malformed("X-Voter-Token must be a UUID.".to_owned()))?;
        Ok(Some(Voter::from_browser_token(&self.app.secret, token)))
    }

    /// The voter, who must be named.
    pub(crate) fn required_voter(&self) -> Result<Voter, ApiError> {
        self.voter()?.ok_or(ApiError::Unauthenticated("Send `X-Voter-Token`, a UUID made once and kept."))
    }

    /// The idempotency key, `None` without one.
    pub(crate) fn idempotency_key(&self) -> Result<Option<&str>, ApiError> {
        match self.header("idempotency-key")? {
            Some(key) if key.is_empty() || key.chars().count() > MAX_IDEMPOTENCY_KEY => {
                let detail = format!("Idempotency-Key must be 1 to {MAX_IDEMPOTENCY_KEY} characters.");
                Err(ApiError::Malformed(detail))
            }
            key => Ok(key),
        }
    }

    /// The body as JSON of at most `limit` bytes.
    pub(crate) async fn json<T: DeserializeOwned>(&mut self, limit: usize) -> Result<T, ApiError> {
        if !is_json(&self.request) {
            return Err(ApiError::UnsupportedMediaType);
        }
        let body = self.body(limit).await?;
        serde_json::from_slice(&body).map_err(|error| ApiError::Malformed(format!("The body: {error}.")))
    }

    async fn body(&mut self, limit: usize) -> Result<Bytes, ApiError> {
        let body = Limited::new(self.request.body_mut(), limit).collect();
        match tokio::time::timeout(BODY_TIMEOUT, body).await {
            Ok(Ok(body)) => Ok(body.to_bytes()),
            Ok(Err(error)) if error.is::<LengthLimitError>() => Err(ApiError::TooLarge(limit)),
            Ok(Err(_)) => Err(ApiError::Malformed("The body ended early.".to_owned())),
            Err(_) => Err(ApiError::TooSlow),
        }
    }
}

fn is_json(request: &Request<Incoming>) -> bool {
    let content_type = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = content_type.and_then(|value| value.split(';').next()).unwrap_or_default();
    essence.trim().eq_ignore_ascii_case("application/json")
}
