//! How logins were answered.

use hyper::StatusCode;
use serde::Serialize;

/// How many logins were sent, and how many had which answer. The rest were not answered in time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Answers {
    /// Sent, whatever became of them.
    pub sent: u64,
    /// 401: looked at, and found invalid.
    pub unauthenticated: u64,
    /// 429: stopped by a limit.
    pub rate_limited: u64,
    /// 503: stopped by the full queue of passwords to hash.
    pub overloaded: u64,
    /// Any other status, or a broken connection.
    pub other: u64,
}

impl Answers {
    /// Counts an answer; `None` is a broken connection.
    pub(super) fn note(&mut self, status: Option<StatusCode>) {
        let count = match status {
            Some(StatusCode::UNAUTHORIZED) => &mut self.unauthenticated,
            Some(StatusCode::TOO_MANY_REQUESTS) => &mut self.rate_limited,
            Some(StatusCode::SERVICE_UNAVAILABLE) => &mut self.overloaded,
            _ => &mut self.other,
        };
        *count += 1;
    }

    /// Sent, but not answered in time.
    pub(in crate::bench) fn unanswered(&self) -> u64 {
        let answered = self.unauthenticated + self.rate_limited + self.overloaded + self.other;
        self.sent.saturating_sub(answered)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_answer_is_counted_by_its_status() {
        let mut answers = Answers { sent: 9, ..Answers::default() };
        for status in [401, 429, 429, 503, 503, 503, 500] {
            answers.note(StatusCode::from_u16(status).ok());
        }
        answers.note(None);
        let expected = Answers { sent: 9, unauthenticated: 1, rate_limited: 2, overloaded: 3, other: 2 };
        assert_eq!((answers, answers.unanswered()), (expected, 1));
    }
}
