//! What the system does while a part of it is gone, and how soon it is itself again.

use std::time::Duration;

use serde::Serialize;

use super::{Latency, Phase};
use crate::bench::recovery::Fault;

/// Recoveries, and votes past Redis.
#[derive(Debug, Clone, Serialize)]
pub struct Faults {
    /// A fault each.
    pub recoveries: Vec<FaultRecovery>,
    /// While Redis is gone.
    pub direct_votes: DirectVotes,
}

/// The same fault several times; a sample of each figure a repetition.
#[derive(Debug, Clone, Serialize)]
pub struct FaultRecovery {
    /// What died.
    pub fault: Fault,
    /// Votes cast before, during and after; as many are counted.
    pub votes: u64,
    /// How often a vote had to be sent again.
    pub sent_again: u64,
    /// Until the counts that a viewer sees moved: from the kill of the aggregator, from the first answer of Redis (by
    /// votes sent once they were queued again), from when PostgreSQL accepted connections.
    pub moved_after: Latency,
    /// From the first answer of Redis until a vote was queued again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queued_after: Option<Latency>,
    /// From the same moment as movement until a viewer was shown all votes that had been sent before it, for Redis
    /// also those sent until votes were queued again.
    pub caught_up_after: Latency,
    /// The longest time without a higher count, from the fault on.
    pub still: Latency,
}

/// One repetition of a fault; see [`FaultRecovery`].
#[derive(Debug, Clone, Copy)]
pub(in crate::bench) struct Repetition {
    pub(in crate::bench) votes: u64,
    pub(in crate::bench) sent_again: u64,
    pub(in crate::bench) moved_after: Duration,
    pub(in crate::bench) queued_after: Option<Duration>,
    pub(in crate::bench) caught_up_after: Duration,
    pub(in crate::bench) still: Duration,
}

/// Votes committed by the gateway itself.
#[derive(Debug, Clone, Serialize)]
pub struct DirectVotes {
    /// Votes under way at a time.
    pub connections: usize,
    /// Votes with Redis, queued (202).
    pub through_redis: Phase,
    /// Votes without Redis, confirmed (200).
    pub past_redis: Phase,
    /// All confirmed votes, warm-up included; the results show exactly as many.
    pub counted: u64,
    /// The last vote that was not confirmed, if there was any.
    pub last_failure: Option<String>,
}

impl FaultRecovery {
    pub(in crate::bench) fn of(fault: Fault, repetitions: &[Repetition]) -> Self {
        let latency =
            |figure: fn(&Repetition) -> Duration| Latency::of(repetitions.iter().map(figure).collect());
        let queued: Vec<Duration> = repetitions.iter().filter_map(|once| once.queued_after).collect();
        Self {
            fault,
            votes: repetitions.iter().map(|once| once.votes).sum(),
            sent_again: repetitions.iter().map(|once| once.sent_again).sum(),
            moved_after: latency(|once| once.moved_after),
            queued_after: (!queued.is_empty()).then(|| Latency::of(queued)),
            caught_up_after: latency(|once| once.caught_up_after),
            still: latency(|once| once.still),
        }
    }
}
