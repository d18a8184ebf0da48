//! Errors as clients see them: problem details (RFC 9457), made in one place.

use hyper::StatusCode;
use hyper::header::{ALLOW, CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use pollster_shared::database::DatabaseError;
use pollster_shared::poll::FieldError;
use pollster_shared::redis::RedisError;
use serde::Serialize;
use uuid::Uuid;

use crate::response::{Response, with_body};

/// Seconds after which a refused or lost request is worth sending again.
const RETRY_AFTER_SECONDS: u16 = 1;

/// Why a request is not answered as it asks.
#[derive(Debug, Clone)]
pub(crate) enum ApiError {
    /// It can't be read; says where.
    Malformed(String),
    /// Its body did not come in time.
    TooSlow,
    /// Its body is not JSON by its own account.
    UnsupportedMediaType,
    /// Its body is longer than these bytes.
    TooLarge(usize),
    /// The path is served, for these methods.
    MethodNotAllowed(String),
    /// It does not say who asks; says what is missing.
    Unauthenticated(&'static str),
    /// Who asks may not.
    Forbidden,
    /// No poll of this name.
    PollNotFound,
    /// No vote of this id by this voter.
    VoteNotFound,
    /// Nothing is served on this path.
    NotFound,
    /// The voter answered these questions before.
    AlreadyVoted(Vec<Uuid>),
    /// The poll takes no votes any more.
    PollClosed,
    /// The poll takes no votes yet.
    PollNotStarted,
    /// The poll breaks these rules.
    InvalidPoll(Vec<FieldError>),
    /// The ballot breaks these rules.
    InvalidBallot(Vec<FieldError>),
    /// The idempotency key was used with another ballot.
    IdempotencyMismatch,
    /// Refused because too much is waiting: nothing was done.
    Overloaded,
    /// A dependency failed: whether something was done is unknown.
    Unavailable,
    /// Our own fault.
    Internal,
}

#[derive(Serialize)]
struct Problem<'a> {
    r#type: &'static str,
    title: &'static str,
    status: u16,
    detail: String,
    code: &'static str,
    request_id: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldProblem>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    questions: Vec<Uuid>,
}

#[derive(Serialize)]
struct FieldProblem {
    field: String,
    detail: String,
}

impl ApiError {
    /// The status, the code of `api.md`'s table, and a title that is the same for all of that code.
    fn kind(&self) -> (StatusCode, &'static str, &'static str) {
        use StatusCode as S;
        match self {
            Self::Malformed(_) => (S::BAD_REQUEST, "malformed_request", "The request can't be read"),
            Self::TooSlow => (S::REQUEST_TIMEOUT, "malformed_request", "The request did not come in time"),
            Self::UnsupportedMediaType => {
                (S::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", "The body must be JSON")
            }
            Self::TooLarge(_) => (S::PAYLOAD_TOO_LARGE, "too_large", "The body is too large"),
            Self::MethodNotAllowed(_) => {
                (S::METHOD_NOT_ALLOWED, "method_not_allowed", "The method is not served here")
            }
            Self::Unauthenticated(_) => (S::UNAUTHORIZED, "unauthenticated", "Who asks is missing"),
            Self::Forbidden => (S::FORBIDDEN, "forbidden", "Not allowed"),
            Self::PollNotFound => (S::NOT_FOUND, "poll_not_found", "No such poll"),
            Self::VoteNotFound => (S::NOT_FOUND, "vote_not_found", "No such vote"),
            Self::NotFound => (S::NOT_FOUND, "not_found", "Nothing here"),
            Self::AlreadyVoted(_) => (S::CONFLICT, "already_voted", "Already voted"),
            Self::PollClosed => (S::CONFLICT, "poll_closed", "The poll is closed"),
            Self::PollNotStarted => (S::CONFLICT, "poll_not_started", "The poll has not started"),
            Self::InvalidPoll(_) => (S::UNPROCESSABLE_ENTITY, "invalid_poll", "The poll is not valid"),
            Self::InvalidBallot(_) => (S::UNPROCESSABLE_ENTITY, "invalid_ballot", "The ballot is not valid"),
            Self::IdempotencyMismatch => {
                (S::UNPROCESSABLE_ENTITY, "idempotency_mismatch", "The idempotency key is taken")
            }
            Self::Overloaded => (S::SERVICE_UNAVAILABLE, "overloaded", "Too much is waiting"),
            Self::Unavailable => (S::SERVICE_UNAVAILABLE, "unavailable", "Not available for the moment"),
            Self::Internal => (S::INTERNAL_SERVER_ERROR, "internal", "Something went wrong"),
        }
    }

    /// What it says to a person.
    pub(crate) fn detail(&self) -> String {
        match self {
            Self::Malformed(detail) => detail.clone(),
            Self::TooSlow => "The body must arrive within some seconds.".into(),
            Self::UnsupportedMediaType => "Send `Content-Type: application/json`.".into(),
            Self::TooLarge(limit) => format!("At most {limit} bytes are read here."),
            Self::MethodNotAllowed(allowed) => format!("Served here: {allowed}."),
            Self::Unauthenticated(missing) => (*missing).into(),
            Self::Forbidden => "Only who made the poll may do this.".into(),
            Self::PollNotFound => "There is no poll of this id or slug.".into(),
            Self::VoteNotFound => "There is no vote of this id by this voter.".into(),
            Self::NotFound => "Nothing is served on this path.".into(),
            Self::AlreadyVoted(_) => "This voter has answered the listed questions before.".into(),
            Self::PollClosed => "The poll takes no votes any more.".into(),
            Self::PollNotStarted => "The poll takes no votes yet; see its `starts_at`.".into(),
            Self::InvalidPoll(_) | Self::InvalidBallot(_) => "See `errors` for what must be changed.".into(),
            Self::IdempotencyMismatch => "This voter sent another ballot under the same key.".into(),
            Self::Overloaded => "The vote was not taken; send it again in a moment.".into(),
            Self::Unavailable => {
                "The outcome is unknown; send it again with the same idempotency key.".into()
            }
            Self::Internal => "The fault is ours; the request id helps to find it.".into(),
        }
    }

    /// The answer that tells the client.
    pub(crate) fn into_response(self, request_id: &str) -> Response {
        let (status, code, title) = self.kind();
        let detail = self.detail();
        let retry = matches!(self, Self::Overloaded | Self::Unavailable);
        let allow = match &self {
            Self::MethodNotAllowed(allowed) => HeaderValue::from_str(allowed).ok(),
            _ => None,
        };
        let (errors, questions) = match self {
            Self::InvalidPoll(errors) | Self::InvalidBallot(errors) => (errors, Vec::new()),
            Self::AlreadyVoted(questions) => (Vec::new(), questions),
            _ => (Vec::new(), Vec::new()),
        };
        let errors = errors
            .into_iter()
            .map(|error| FieldProblem { field: error.field, detail: error.detail })
            .collect();
        let status_number = status.as_u16();
        let problem = Problem {
            r#type: "about:blank",
            title,
            status: status_number,
            detail,
            code,
            request_id,
            errors,
            questions,
        };
        let mut response = with_body(status, &problem);
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if retry {
            headers.insert(RETRY_AFTER, RETRY_AFTER_SECONDS.into());
        }
        if let Some(allow) = allow {
            headers.insert(ALLOW, allow);
        }
        response
    }

    /// The code of `api.md`'s table.
    pub(crate) fn code(&self) -> &'static str {
        self.kind().1
    }
}

impl From<DatabaseError> for ApiError {
    fn from(error: DatabaseError) -> Self {
        tracing::warn!(%error, "PostgreSQL failed");
        Self::Unavailable
    }
}

impl From<RedisError> for ApiError {
    fn from(error: RedisError) -> Self {
        tracing::warn!(%error, "Redis failed");
        Self::Unavailable
    }
}
