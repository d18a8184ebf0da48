//! When a token ends.

use jsonwebtoken::get_current_timestamp;
use serde::{Deserialize, Deserializer};

use super::key::LEEWAY;

/// A token's `exp`, for who keeps its account longer than a request takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expiry(u64);

impl Expiry {
    /// Whether the token would be refused as expired now.
    pub(crate) fn has_passed(self) -> bool {
        self.0.saturating_add(LEEWAY) < get_current_timestamp()
    }
}

impl<'de> Deserialize<'de> for Expiry {
    /// Seconds since 1970, which identity providers may give parts of (RFC 7519, section 2).
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        f64::deserialize(deserializer).map(|seconds| Self(seconds.round() as u64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_has_expired_once_it_would_be_refused() {
        let now = get_current_timestamp();
        assert!(!Expiry(now).has_passed());
        assert!(!Expiry(now - LEEWAY + 5).has_passed());
        assert!(Expiry(now - LEEWAY - 1).has_passed());
        assert!(!Expiry(u64::MAX).has_passed());
    }

    #[test]
    fn seconds_may_have_parts() {
        for (text, seconds) in [("1800000000", 1_800_000_000), ("1800000000.6", 1_800_000_001), ("-1", 0)] {
            assert_eq!(serde_json::from_str::<Expiry>(text).unwrap(), Expiry(seconds), "{text}");
        }
    }
}
