//! The names of all Redis keys. The braces are the hash tag: keys that one script touches share it, so
//! they share a slot on Redis Cluster.

use uuid::Uuid;

use crate::vote::Voter;

/// The consumer group of the aggregators on every vote stream.
pub const AGGREGATORS: &str = "aggregators";
/// The one field of a stream entry: the packed event.
pub const ENTRY_FIELD: &str = "v";

/// The stream of a shard's accepted votes.
pub fn vote_stream(shard: u16) -> String {
    format!("poll:votes:stream-{{{shard}}}")
}

/// The stream of a shard's entries that could not be committed.
pub fn dead_votes(shard: u16) -> String {
    format!("poll:votes:dead-{{{shard}}}")
}

/// The hash of a question's voters on a shard: voter to digest.
pub fn voters(shard: u16, question_id: Uuid) -> String {
    format!("poll:voters:{{{shard}}}:{question_id}")
}

/// The hash of a question's addresses on a shard, where each may vote once: address to digest.
pub fn addresses(shard: u16, question_id: Uuid) -> String {
    format!("poll:addresses:{{{shard}}}:{question_id}")
}

/// The mark that says whether a shard takes votes for a poll.
pub fn open_mark(shard: u16, poll_id: Uuid) -> String {
    format!("poll:open:{{{shard}}}:{poll_id}")
}

/// The hash of a poll's counts and their version.
pub fn counts(poll_id: Uuid) -> String {
    format!("poll:{{{poll_id}}}:counts")
}

/// The hash of a poll's viewers: gateway to how many watch there.
pub fn viewers(poll_id: Uuid) -> String {
    format!("poll:{{{poll_id}}}:viewers")
}

/// A poll's definition, cached.
pub fn definition(poll_id: Uuid) -> String {
    format!("poll:{{{poll_id}}}:meta")
}

/// The channel of a poll's new counts.
pub fn updates(poll_id: Uuid) -> String {
    format!("poll:{{{poll_id}}}:updates")
}

/// The poll whose channel this is; `None` where it is none's.
pub fn poll_of_updates(channel: &[u8]) -> Option<Uuid> {
    let poll_id = channel.strip_prefix(b"poll:{")?.strip_suffix(b"}:updates")?;
    Uuid::try_parse_ascii(poll_id).ok()
}

/// The set of devices that an account votes from.
pub fn devices(voter: Voter) -> String {
    format!("devices:{{{}}}", voter.to_uuid().simple())
}

/// What one owes of a rate limit: the theoretical arrival time of its GCRA.
pub fn rate(scope: &str, who: u64) -> String {
    format!("rate:{scope}:{{{who:016x}}}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_channel_names_its_poll() {
        let poll_id = Uuid::now_v7();
        assert_eq!(poll_of_updates(updates(poll_id).as_bytes()), Some(poll_id));
        assert_eq!(poll_of_updates(counts(poll_id).as_bytes()), None);
    }
}
