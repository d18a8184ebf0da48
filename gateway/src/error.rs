//! Errors as clients see them: problem details (RFC 9457), made in one place.

mod code;
mod example;
mod message;
mod problem;

use hyper::header::{ALLOW, CONTENT_TYPE, HeaderValue, RETRY_AFTER, SEC_WEBSOCKET_VERSION, WWW_AUTHENTICATE};
use pollster_shared::database::DatabaseError;
use pollster_shared::export::ExportError;
use pollster_shared::poll::FieldError;
use pollster_shared::redis::{RedisError, is_refused};
use uuid::Uuid;

use crate::limits::Standing;
use crate::response::{Response, with_body};
use crate::ws::handshake;

pub(crate) use code::Code;
pub(crate) use message::ErrorMessage;
pub(crate) use problem::Problem;

/// Seconds after which a refused or lost request is worth sending again.
const RETRY_AFTER_SECONDS: u64 = 1;

/// Why a request is not answered as it asks.
#[derive(Debug, Clone)]
pub(crate) enum ApiError {
    /// It can't be read; says where.
    Malformed(String),
    /// It opens a WebSocket of another version than ours.
    WebSocketVersion,
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
    /// Its access token is not one that we believe.
    TokenInvalid,
    /// Its access token was valid once.
    TokenExpired,
    /// Who asks may not; says why.
    Forbidden(&'static str),
    /// Who asks may not see the results now.
    ResultsHidden,
    /// The account's e-mail address is not verified, and the poll asks for that.
    NotVerified,
    /// The captcha was not solved; says what is missing.
    CaptchaFailed(&'static str),
    /// No poll of this name.
    PollNotFound,
    /// No vote of this id by this voter.
    VoteNotFound,
    /// No webhook of this id of this poll.
    WebhookNotFound,
    /// The poll's responses are in the archive only, where no single one is looked up.
    VoteArchived,
    /// Nothing is served on this path.
    NotFound,
    /// Accounts are kept by an identity provider, not here.
    AccountsElsewhere,
    /// The voter answered these questions before.
    AlreadyVoted(Vec<Uuid>),
    /// The poll takes no votes any more.
    PollClosed,
    /// The poll takes no votes yet.
    PollNotStarted,
    /// Another account has this e-mail address.
    EmailTaken,
    /// Another account has this username.
    UsernameTaken,
    /// The poll breaks these rules.
    InvalidPoll(Vec<FieldError>),
    /// The ballot breaks these rules.
    InvalidBallot(Vec<FieldError>),
    /// The account breaks these rules.
    InvalidAccount(Vec<FieldError>),
    /// The webhook breaks these rules.
    InvalidWebhook(Vec<FieldError>),
    /// The idempotency key was used with another ballot.
    IdempotencyMismatch,
    /// Refused because the sender asks too often: nothing was done.
    RateLimited(Box<Standing>),
    /// Refused because too much is waiting: nothing was done.
    Overloaded,
    /// A dependency failed: whether something was done is unknown.
    Unavailable,
    /// Our own fault.
    Internal,
}

impl ApiError {
    /// Its code.
    pub(crate) fn code(&self) -> Code {
        match self {
            Self::Malformed(_) | Self::WebSocketVersion => Code::MalformedRequest,
            Self::TooSlow => Code::TooSlow,
            Self::UnsupportedMediaType => Code::UnsupportedMediaType,
            Self::TooLarge(_) => Code::TooLarge,
            Self::MethodNotAllowed(_) => Code::MethodNotAllowed,
            Self::Unauthenticated(_) | Self::TokenInvalid => Code::Unauthenticated,
            Self::TokenExpired => Code::TokenExpired,
            Self::Forbidden(_) => Code::Forbidden,
            Self::ResultsHidden => Code::ResultsHidden,
            Self::NotVerified => Code::NotVerified,
            Self::CaptchaFailed(_) => Code::CaptchaFailed,
            Self::PollNotFound => Code::PollNotFound,
            Self::VoteNotFound | Self::VoteArchived => Code::VoteNotFound,
            Self::WebhookNotFound => Code::WebhookNotFound,
            Self::NotFound | Self::AccountsElsewhere => Code::NotFound,
            Self::AlreadyVoted(_) => Code::AlreadyVoted,
            Self::PollClosed => Code::PollClosed,
            Self::PollNotStarted => Code::PollNotStarted,
            Self::EmailTaken => Code::EmailTaken,
            Self::UsernameTaken => Code::UsernameTaken,
            Self::InvalidPoll(_) => Code::InvalidPoll,
            Self::InvalidBallot(_) => Code::InvalidBallot,
            Self::InvalidAccount(_) => Code::InvalidAccount,
            Self::InvalidWebhook(_) => Code::InvalidWebhook,
            Self::IdempotencyMismatch => Code::IdempotencyMismatch,
            Self::RateLimited(_) => Code::RateLimited,
            Self::Overloaded => Code::Overloaded,
            Self::Unavailable => Code::Unavailable,
            Self::Internal => Code::Internal,
        }
    }

    /// What it says to a person.
    pub(crate) fn detail(&self) -> String {
        match self {
            Self::Malformed(detail) => detail.clone(),
            Self::WebSocketVersion => "Sec-WebSocket-Version must be 13, once.".into(),
            Self::TooSlow => "The body must arrive within some seconds.".into(),
            Self::UnsupportedMediaType => "Send `Content-Type: application/json`.".into(),
            Self::TooLarge(limit) => format!("At most {limit} bytes are read here."),
            Self::MethodNotAllowed(allowed) => format!("Served here: {allowed}."),
            Self::Unauthenticated(missing) => (*missing).into(),
            Self::TokenInvalid => "The access token is not valid.".into(),
            Self::TokenExpired => "The access token has expired: sign in again.".into(),
            Self::Forbidden(why) => (*why).into(),
            Self::ResultsHidden => "The poll does not show its results to you now.".into(),
            Self::NotVerified => "Verify your e-mail address, then sign in again.".into(),
            Self::CaptchaFailed(missing) => (*missing).into(),
            Self::PollNotFound => "There is no poll of this id or slug.".into(),
            Self::VoteNotFound => "There is no vote of this id by this voter.".into(),
            Self::WebhookNotFound => "The poll has no webhook of this id.".into(),
            Self::VoteArchived => {
                "The poll is archived: its votes can't be asked for one by one any more; they count as before."
                    .into()
            }
            Self::NotFound => "Nothing is served on this path.".into(),
            Self::AccountsElsewhere => "Accounts are kept by this installation's identity provider.".into(),
            Self::AlreadyVoted(_) => "This voter has answered the listed questions before.".into(),
            Self::PollClosed => "The poll takes no votes any more.".into(),
            Self::PollNotStarted => "The poll takes no votes yet; see its `starts_at`.".into(),
            Self::EmailTaken => "An account has this e-mail address already.".into(),
            Self::UsernameTaken => "An account has this username already.".into(),
            Self::InvalidPoll(_)
            | Self::InvalidBallot(_)
            | Self::InvalidAccount(_)
            | Self::InvalidWebhook(_) => "See `errors` for what must be changed.".into(),
            Self::IdempotencyMismatch => "This voter sent another ballot under the same key.".into(),
            Self::RateLimited(standing) => {
                format!("You ask too often; one more is let through in {} s.", standing.retry_after())
            }
            Self::Overloaded => "Nothing was done; send it again in a moment.".into(),
            Self::Unavailable => {
                "The outcome is unknown; send it again with the same idempotency key.".into()
            }
            Self::Internal => "The fault is ours; the request id helps to find it.".into(),
        }
    }

    /// What the client is told, in answer to the request of this id.
    pub(crate) fn problem(self, request_id: &str) -> Problem<'_> {
        let (code, detail) = (self.code(), self.detail());
        let (errors, questions) = match self {
            Self::InvalidPoll(errors)
            | Self::InvalidBallot(errors)
            | Self::InvalidAccount(errors)
            | Self::InvalidWebhook(errors) => (errors, Vec::new()),
            Self::AlreadyVoted(questions) => (Vec::new(), questions),
            _ => (Vec::new(), Vec::new()),
        };
        Problem::new(code, detail, request_id, errors, questions)
    }

    /// Seconds after which it is worth sending again, where it is.
    pub(crate) fn retry_after(&self) -> Option<u64> {
        match self {
            Self::RateLimited(standing) => Some(standing.retry_after()),
            Self::Overloaded | Self::Unavailable => Some(RETRY_AFTER_SECONDS),
            _ => None,
        }
    }

    /// The answer that tells the client.
    pub(crate) fn into_response(self, request_id: &str) -> Response {
        let retry = self.retry_after();
        let allow = match &self {
            Self::MethodNotAllowed(allowed) => HeaderValue::from_str(allowed).ok(),
            _ => None,
        };
        let challenge = match &self {
            Self::TokenInvalid | Self::TokenExpired => Some("Bearer error=\"invalid_token\""),
            Self::Unauthenticated(_) => Some("Bearer"),
            _ => None,
        };
        let is_other_version = matches!(self, Self::WebSocketVersion);
        let limits = match &self {
            Self::RateLimited(standing) => Some(standing.clone()),
            _ => None,
        };
        let mut response = with_body(self.code().status(), &self.problem(request_id));
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = retry {
            headers.insert(RETRY_AFTER, seconds.into());
        }
        if let Some(limits) = limits {
            limits.add_to(headers);
        }
        if let Some(allow) = allow {
            headers.insert(ALLOW, allow);
        }
        // RFC 6750, section 3
        if let Some(challenge) = challenge {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
        }
        // RFC 6455, section 4.4
        if is_other_version {
            headers.insert(SEC_WEBSOCKET_VERSION, handshake::VERSION);
        }
        response
    }
}

impl From<DatabaseError> for ApiError {
    fn from(error: DatabaseError) -> Self {
        if !matches!(error, DatabaseError::NotAsked(_)) {
            tracing::warn!(%error, "PostgreSQL failed");
        }
        Self::Unavailable
    }
}

impl From<RedisError> for ApiError {
    fn from(error: RedisError) -> Self {
        if !is_refused(&error) {
            tracing::warn!(%error, "Redis failed");
        }
        Self::Unavailable
    }
}

impl From<ExportError> for ApiError {
    fn from(error: ExportError) -> Self {
        match error {
            ExportError::Deleted => Self::PollNotFound,
            error => {
                tracing::warn!(%error, "an export failed");
                Self::Unavailable
            }
        }
    }
}
