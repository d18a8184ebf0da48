//! What a client had been told when its stream broke off.

use crate::error::ApiError;
use crate::live::CLOSED;
use crate::request::Context;

/// The last event that a client was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LastEvent {
    /// Results of this version; or the end, with them.
    Version(i64),
    /// The end, without results.
    HiddenEnd,
}

impl LastEvent {
    /// The one whose id the request gives; `None` without one.
    ///
    /// # Errors
    /// Where no event has such an id.
    pub(super) fn read(context: &Context) -> Result<Option<Self>, ApiError> {
        let id = context.header("last-event-id")?;
        // Clients that have no id yet may say so by an empty one.
        id.filter(|id| !id.is_empty()).map(Self::parse).transpose()
    }

    /// The version that the client has.
    pub(super) fn version(self) -> Option<i64> {
        match self {
            Self::Version(version) => Some(version),
            Self::HiddenEnd => None,
        }
    }

    fn parse(id: &str) -> Result<Self, ApiError> {
        if id == CLOSED {
            return Ok(Self::HiddenEnd);
        }
        let version = id.parse().ok().filter(|version| *version >= 0);
        let refused = || ApiError::Malformed(format!("Last-Event-ID must be a version, or `{CLOSED}`."));
        version.map(Self::Version).ok_or_else(refused)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_id_is_a_version_or_the_hidden_end() {
        for (id, event) in [
            ("0", LastEvent::Version(0)),
            ("12", LastEvent::Version(12)),
            ("9223372036854775807", LastEvent::Version(i64::MAX)),
            ("closed", LastEvent::HiddenEnd),
        ] {
            assert_eq!(LastEvent::parse(id).ok(), Some(event), "{id}");
        }
        for id in ["-1", "1.5", "9223372036854775808", "Closed", "12,13", "v1", " "] {
            assert!(LastEvent::parse(id).is_err(), "{id}");
        }
    }

    proptest! {
        #[test]
        fn an_id_is_read_as_it_was_sent_or_refused(version in any::<i64>(), text in "\\PC{0,24}") {
            let read = LastEvent::parse(&version.to_string()).ok();
            prop_assert_eq!(read, (version >= 0).then_some(LastEvent::Version(version)));
            if let Ok(LastEvent::Version(version)) = LastEvent::parse(&text) {
                prop_assert_eq!(text.parse::<i64>(), Ok(version));
            }
        }
    }
}
