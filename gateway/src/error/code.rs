//! The codes of all errors: what programs tell errors apart by.

use hyper::StatusCode;

/// Makes the enum of a table of codes: variant, status, name, title.
macro_rules! codes {
    ($($variant:ident: $status:ident, $name:literal, $title:literal;)*) => {
        /// A kind of error. Its name and status are part of the contract with clients.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[allow(missing_docs, reason = "their titles say what they mean")]
        pub(crate) enum Code {
            $($variant,)*
        }

        impl Code {
            /// Every code there is.
            pub(crate) const ALL: &[Self] = &[$(Self::$variant,)*];

            fn row(self) -> (StatusCode, &'static str, &'static str) {
                match self {
                    $(Self::$variant => (StatusCode::$status, $name, $title),)*
                }
            }
        }
    };
}

codes! {
    MalformedRequest: BAD_REQUEST, "malformed_request", "The request can't be read";
    TooSlow: REQUEST_TIMEOUT, "malformed_request", "The request did not come in time";
    UnsupportedMediaType: UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", "The body must be JSON";
    TooLarge: PAYLOAD_TOO_LARGE, "too_large", "The body is too large";
    MethodNotAllowed: METHOD_NOT_ALLOWED, "method_not_allowed", "The method is not served here";
    Unauthenticated: UNAUTHORIZED, "unauthenticated", "Who asks is missing or wrong";
    TokenExpired: UNAUTHORIZED, "token_expired", "The access token has expired";
    Forbidden: FORBIDDEN, "forbidden", "Not allowed";
    ResultsHidden: FORBIDDEN, "results_hidden", "The results are hidden";
    NotVerified: FORBIDDEN, "not_verified", "The e-mail address is not verified";
    CaptchaFailed: FORBIDDEN, "captcha_failed", "The captcha was not solved";
    PollNotFound: NOT_FOUND, "poll_not_found", "No such poll";
    VoteNotFound: NOT_FOUND, "vote_not_found", "No such vote";
    WebhookNotFound: NOT_FOUND, "webhook_not_found", "No such webhook";
    NotFound: NOT_FOUND, "not_found", "Nothing here";
    AlreadyVoted: CONFLICT, "already_voted", "Already voted";
    PollClosed: CONFLICT, "poll_closed", "The poll is closed";
    PollNotStarted: CONFLICT, "poll_not_started", "The poll has not started";
    EmailTaken: CONFLICT, "email_taken", "The e-mail address is taken";
    UsernameTaken: CONFLICT, "username_taken", "The username is taken";
    InvalidPoll: UNPROCESSABLE_ENTITY, "invalid_poll", "The poll is not valid";
    InvalidBallot: UNPROCESSABLE_ENTITY, "invalid_ballot", "The ballot is not valid";
    InvalidAccount: UNPROCESSABLE_ENTITY, "invalid_account", "The account is not valid";
    InvalidWebhook: UNPROCESSABLE_ENTITY, "invalid_webhook", "The webhook is not valid";
    IdempotencyMismatch: UNPROCESSABLE_ENTITY, "idempotency_mismatch", "The idempotency key is taken";
    RateLimited: TOO_MANY_REQUESTS, "rate_limited", "Too many requests";
    Overloaded: SERVICE_UNAVAILABLE, "overloaded", "Too much is waiting";
    Unavailable: SERVICE_UNAVAILABLE, "unavailable", "Not available for the moment";
    Internal: INTERNAL_SERVER_ERROR, "internal", "Something went wrong";
}

impl Code {
    /// The status that goes with it.
    pub(crate) fn status(self) -> StatusCode {
        self.row().0
    }

    /// The code itself.
    pub(crate) fn name(self) -> &'static str {
        self.row().1
    }

    /// What it means, the same wherever it occurs.
    pub(crate) fn title(self) -> &'static str {
        self.row().2
    }
}
