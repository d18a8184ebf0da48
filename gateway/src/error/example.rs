//! An error of every code, as the API's document shows it.

use pollster_shared::poll::FieldError;
use uuid::uuid;

use super::{ApiError, Code};
use crate::limits::Standing;

impl ApiError {
    /// An error of this code, as it may occur.
    pub(crate) fn example(code: Code) -> Self {
        let fault = |field, detail| vec![FieldError::new(field, detail)];
        match code {
            Code::MalformedRequest => Self::Malformed("X-Voter-Token must be a UUID.".to_owned()),
            Code::TooSlow => Self::TooSlow,
            Code::UnsupportedMediaType => Self::UnsupportedMediaType,
            Code::TooLarge => Self::TooLarge(64 * 1024),
            Code::MethodNotAllowed => Self::MethodNotAllowed("GET, HEAD".to_owned()),
            Code::Unauthenticated => {
                Self::Unauthenticated("Send `X-Voter-Token`, a UUID made once and kept.")
            }
            Code::TokenExpired => Self::TokenExpired,
            Code::Forbidden => Self::Forbidden("Only who made the poll may close it."),
            Code::ResultsHidden => Self::ResultsHidden,
            Code::NotVerified => Self::NotVerified,
            Code::CaptchaFailed => Self::CaptchaFailed("Send `captcha_token`, solved just now."),
            Code::PollNotFound => Self::PollNotFound,
            Code::VoteNotFound => Self::VoteNotFound,
            Code::WebhookNotFound => Self::WebhookNotFound,
            Code::NotFound => Self::NotFound,
            Code::AlreadyVoted => Self::AlreadyVoted(vec![uuid!("01983c5e-7a10-7c43-9d5e-5b1f0a6c2e01")]),
            Code::PollClosed => Self::PollClosed,
            Code::PollNotStarted => Self::PollNotStarted,
            Code::EmailTaken => Self::EmailTaken,
            Code::UsernameTaken => Self::UsernameTaken,
            Code::InvalidPoll => Self::InvalidPoll(fault("questions[0].choices", "must be 2 to 50")),
            Code::InvalidBallot => Self::InvalidBallot(fault("choice_ids", "must be 1")),
            Code::InvalidAccount => Self::InvalidAccount(fault("password", "must be 8 to 128 characters")),
            Code::InvalidWebhook => Self::InvalidWebhook(fault("url", "must begin with https://")),
            Code::IdempotencyMismatch => Self::IdempotencyMismatch,
            Code::RateLimited => Self::RateLimited(Box::new(Standing::example())),
            Code::Overloaded => Self::Overloaded,
            Code::Unavailable => Self::Unavailable,
            Code::Internal => Self::Internal,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_example_is_of_its_code() {
        for &code in Code::ALL {
            assert_eq!(ApiError::example(code).code(), code);
        }
    }
}
