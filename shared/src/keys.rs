//! The names of all Redis keys. The braces are the hash tag: keys that one script touches share it, so
//! they share a slot on Redis Cluster.

use uuid::Uuid;

use crate::channels::{AccountTopic, Topic};
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

/// The stream of a job queue's shard, for instance `notify:stream-{3}`.
pub fn job_stream(queue: &str, shard: u16) -> String {
    format!("{queue}:stream-{{{shard}}}")
}

/// The stream of a job queue's entries that were given up.
pub fn dead_jobs(queue: &str, shard: u16) -> String {
    format!("{queue}:dead-{{{shard}}}")
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

/// The channel of an account's new notifications.
pub fn notifications(account: AccountTopic) -> String {
    format!("account:{{{}}}:notifications", account.name())
}

/// The channel of a topic.
pub fn channel(topic: Topic) -> String {
    match topic {
        Topic::Poll(poll_id) => updates(poll_id),
        Topic::Account(account) => notifications(account),
    }
}

/// The topic whose channel this is; `None` where it is none's.
pub fn topic(channel: &[u8]) -> Option<Topic> {
    let named = |prefix: &[u8], suffix: &[u8]| {
        Uuid::try_parse_ascii(channel.strip_prefix(prefix)?.strip_suffix(suffix)?).ok()
    };
    let poll = named(b"poll:{", b"}:updates").map(Topic::Poll);
    let account = || named(b"account:{", b"}:notifications").map(AccountTopic::from_name);
    poll.or_else(|| account().map(Topic::Account))
}

/// The set of devices that an account votes from.
pub fn devices(voter: Voter) -> String {
    format!("devices:{{{}}}", voter.to_uuid().simple())
}

/// A key of no meaning, whose writing shows that a server takes writes.
pub fn probe(number: u32) -> String {
    format!("poll:probe:{{{number}}}")
}

/// What one owes of a rate limit: the theoretical arrival time of its GCRA.
pub fn rate(scope: &str, who: u64) -> String {
    format!("rate:{scope}:{{{who:016x}}}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_channel_names_its_topic() {
        let id = Uuid::now_v7();
        for known in [Topic::Poll(id), Topic::Account(AccountTopic::from_name(id))] {
            assert_eq!(topic(channel(known).as_bytes()), Some(known));
        }
        assert_eq!(topic(counts(id).as_bytes()), None);
    }
}
