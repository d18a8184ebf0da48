//! What an answer says about limits: the header fields of draft-ietf-httpapi-ratelimit-headers-11.

use std::io::Write;
use std::time::Duration;

use hyper::HeaderMap;
use hyper::header::{HeaderName, HeaderValue};

use crate::response::Response;

const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const LIMIT: HeaderName = HeaderName::from_static("ratelimit");
/// More than a name and two numbers take.
const LINE: usize = 80;

/// What is left to who was let through; nothing to say where no limit is on.
#[derive(Debug, Clone)]
pub(crate) struct Budget(pub(super) Option<Standing>);

/// Where somebody stands with the limits of a request: all are named, the tightest is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(super) policy: HeaderValue,
    /// The tightest limit.
    pub(super) name: &'static str,
    /// Requests that it would let through at once.
    pub(super) remaining: u64,
    /// How long until it is one more.
    pub(super) next: Duration,
}

impl Budget {
    /// The response, which tells the client of it.
    pub(crate) fn on(&self, mut response: Response) -> Response {
        if let Some(standing) = &self.0 {
            standing.add_to(response.headers_mut());
        }
        response
    }
}

impl Standing {
    /// Of a voter who voted too often, as the API's document shows it.
    pub(crate) fn example() -> Self {
        let policy = HeaderValue::from_static("\"voter\";q=60;w=60");
        Self { policy, name: "voter", remaining: 0, next: Duration::from_secs(1) }
    }

    /// Whole seconds until one more is let through, rounded up.
    pub(crate) fn retry_after(&self) -> u64 {
        self.next.as_secs() + u64::from(self.next.subsec_nanos() > 0)
    }

    /// Tells the client of it.
    pub(crate) fn add_to(&self, headers: &mut HeaderMap) {
        headers.insert(POLICY, self.policy.clone());
        headers.insert(LIMIT, self.limit());
    }

    /// `RateLimit`. Within `t` seconds there is no more than `r` to use.
    fn limit(&self) -> HeaderValue {
        let mut line = [0; LINE];
        let mut rest = &mut line[..];
        let written = write!(rest, "\"{}\";r={};t={}", self.name, self.remaining, self.retry_after());
        let unused = rest.len();
        match written.ok().and_then(|()| HeaderValue::from_bytes(&line[..LINE - unused]).ok()) {
            Some(value) => value,
            None => unreachable!("names are short, and visible characters like numbers"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standing(remaining: u64, next: Duration) -> Standing {
        let policy = HeaderValue::from_static("\"voter\";q=60;w=60");
        Standing { policy, name: "voter", remaining, next }
    }

    #[test]
    fn an_answer_names_the_policies_and_what_is_left() {
        let response = Budget(Some(standing(59, Duration::from_secs(1)))).on(Response::default());
        let headers = response.headers();
        assert_eq!(headers["ratelimit-policy"], "\"voter\";q=60;w=60");
        assert_eq!(headers["ratelimit"], "\"voter\";r=59;t=1");
    }

    #[test]
    fn a_refusal_says_when_to_come_again_rounded_up() {
        let mut headers = HeaderMap::new();
        standing(0, Duration::from_millis(1001)).add_to(&mut headers);
        assert_eq!(headers["ratelimit"], "\"voter\";r=0;t=2");
        assert_eq!(standing(0, Duration::from_millis(1001)).retry_after(), 2);
        assert_eq!(standing(0, Duration::from_nanos(1)).retry_after(), 1);
        assert_eq!(standing(0, Duration::from_secs(3)).retry_after(), 3);
    }

    #[test]
    fn the_longest_line_fits() {
        let longest =
            Standing { name: "login-account", ..standing(u64::MAX, Duration::MAX - Duration::from_secs(1)) };
        assert!(longest.limit().to_str().unwrap().ends_with(";t=18446744073709551615"));
    }

    #[test]
    fn without_limits_nothing_is_said() {
        assert!(Budget(None).on(Response::default()).headers().is_empty());
    }
}
