//! Which streams: the votes', or those of a background job.

use std::ops::Range;

use crate::keys::{self, AGGREGATORS, ENTRY_FIELD};
use crate::queues::{self, Queue};

/// The most that `VOTE_SHARDS` may be.
const MOST_VOTE_SHARDS: u16 = 1024;

/// Streams that carry one kind of entry, one a shard, each with the dead letters beside it and the consumer group that
/// works on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Streams {
    /// Accepted votes; how many shards they have is up to the polls.
    Votes,
    /// The events of a background job, on [`queues::SHARDS`] shards.
    Jobs(Queue),
}

impl Streams {
    /// All of them.
    pub const ALL: [Self; 4] = [
        Self::Votes,
        Self::Jobs(Queue::Milestones),
        Self::Jobs(Queue::Notifications),
        Self::Jobs(Queue::Archival),
    ];

    /// What operators call them.
    pub fn name(self) -> &'static str {
        match self {
            Self::Votes => "votes",
            Self::Jobs(queue) => queue.name(),
        }
    }

    /// Every shard that there may be.
    pub fn shards(self) -> Range<u16> {
        match self {
            Self::Votes => 0..MOST_VOTE_SHARDS,
            Self::Jobs(_) => 0..queues::SHARDS,
        }
    }

    /// The key of a shard's stream.
    pub fn key(self, shard: u16) -> String {
        match self {
            Self::Votes => keys::vote_stream(shard),
            Self::Jobs(queue) => keys::job_stream(queue.name(), shard),
        }
    }

    /// The key of a shard's dead letters.
    pub fn dead_key(self, shard: u16) -> String {
        match self {
            Self::Votes => keys::dead_votes(shard),
            Self::Jobs(queue) => keys::dead_jobs(queue.name(), shard),
        }
    }

    /// The consumer group.
    pub fn group(self) -> &'static str {
        match self {
            Self::Votes => AGGREGATORS,
            Self::Jobs(queue) => queue.group(),
        }
    }

    /// The field of an entry that holds what it says.
    pub(crate) fn field(self) -> &'static str {
        match self {
            Self::Votes => ENTRY_FIELD,
            Self::Jobs(_) => queues::FIELD,
        }
    }
}
