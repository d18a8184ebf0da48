//! How an operator names a dead letter.

use std::fmt;
use std::str::FromStr;

use pollster_shared::stream::{StreamId, Streams};

/// A dead letter: its stream, shard and place, written like `votes/3/1700000000000-0`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LetterId {
    /// The streams that it comes from.
    pub streams: Streams,
    /// The shard.
    pub shard: u16,
    /// Its place among the shard's dead letters.
    pub id: StreamId,
}

impl fmt::Display for LetterId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.streams.name(), self.shard, self.id)
    }
}

impl FromStr for LetterId {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parts = text.splitn(3, '/');
        let mut parse = || {
            let name = parts.next()?;
            let streams = Streams::ALL.into_iter().find(|streams| streams.name() == name)?;
            let shard = parts.next()?.parse().ok()?;
            Some(Self { streams, shard, id: parts.next()?.parse().ok()? })
        };
        parse().ok_or("takes an id as `dead-letters list` shows it, for instance votes/3/1700000000000-0")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_read_as_it_is_written() {
        for text in ["votes/3/1700000000000-0", "notify/0/5-12", "archival/1/5-1", "milestone/2/5-1"] {
            assert_eq!(text.parse::<LetterId>().unwrap().to_string(), text);
        }
        for text in ["", "votes", "votes/3", "votes/x/5-1", "votes/3/5", "others/3/5-1", "votes/3/5-1/6"] {
            assert!(text.parse::<LetterId>().is_err(), "{text}");
        }
    }
}
