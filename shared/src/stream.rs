//! The queue between acceptance and commit: sharded Redis Streams.
//!
//! The gateway's side is [`accept`] and [`prepare`]; the aggregator's side is [`group`]; what both agree
//! on is the [`entry`]. The background jobs' queues are read in the same way: [`Streams`].

pub mod accept;
pub mod dead_letters;
pub mod entry;
pub mod forget;
pub mod group;
pub mod pending;
pub mod prepare;
pub mod remembered;
mod reply;
mod streams;

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};

pub use streams::Streams;

/// The place of an entry in its stream: the server's milliseconds, then a sequence number.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamId {
    /// Milliseconds since 1970 by Redis's clock, when the entry was added.
    pub milliseconds: u64,
    /// Number among the entries of that millisecond.
    pub sequence: u64,
}

impl StreamId {
    /// The id as one number that orders like ids do: milliseconds, then 20 bits of sequence, which a server
    /// would need a thousand million entries a second to exceed.
    pub fn order(self) -> i64 {
        const SEQUENCE_BITS: u32 = 20;
        let sequence = self.sequence.min((1 << SEQUENCE_BITS) - 1);
        (self.milliseconds << SEQUENCE_BITS | sequence) as i64
    }

    /// When the entry was added.
    pub fn added_at(self) -> DateTime<Utc> {
        i64::try_from(self.milliseconds).ok().and_then(DateTime::from_timestamp_millis).unwrap_or_default()
    }
}

impl fmt::Display for StreamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.milliseconds, self.sequence)
    }
}

/// The text is not a stream id.
#[derive(Debug, thiserror::Error)]
#[error("not a stream id: {0}")]
pub struct InvalidStreamId(String);

impl FromStr for StreamId {
    type Err = InvalidStreamId;

    fn from_str(text: &str) -> Result<Self, InvalidStreamId> {
        let parsed = text.split_once('-').and_then(|(milliseconds, sequence)| {
            Some(Self { milliseconds: milliseconds.parse().ok()?, sequence: sequence.parse().ok()? })
        });
        parsed.ok_or_else(|| InvalidStreamId(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stream_ids_order_by_time_then_sequence() {
        let id = |text: &str| text.parse::<StreamId>().unwrap();
        assert!(id("9-9") < id("10-0"));
        assert!(id("10-2") < id("10-10"));
        assert_eq!(id("1700000000000-3").to_string(), "1700000000000-3");
        assert!(id("9-9").order() < id("10-0").order() && id("10-2").order() < id("10-10").order());
        assert!(id("1700000000000-99999999").order() < id("1700000000001-0").order());
        assert!("10".parse::<StreamId>().is_err());
    }
}
