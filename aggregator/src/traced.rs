//! Tells of traced votes what became of them here.

use std::collections::BTreeSet;
use std::time::SystemTime;

use pollster_shared::stream::StreamId;
use pollster_shared::stream::group::Entry;
use pollster_shared::traces::{KeyValue, SpanKind, TraceParent, Traces};

/// The traced votes of a batch on their way through a stage.
#[derive(Debug)]
pub(crate) struct Batch {
    traced: Vec<(u16, StreamId, TraceParent)>,
    ballots: i64,
    began: SystemTime,
}

impl Batch {
    /// A batch that is begun now.
    pub(crate) fn begin(entries: &[Entry]) -> Self {
        let traced = |entry: &Entry| Some((entry.shard, entry.id, entry.trace.clone()?));
        Self {
            traced: entries.iter().filter_map(traced).collect(),
            ballots: entries.len() as i64,
            began: SystemTime::now(),
        }
    }

    /// Tells of those that are `committed`; returns where their traces are gone on with.
    pub(crate) fn committed(self, traces: &Traces, committed: &[(u16, StreamId)]) -> Vec<TraceParent> {
        if self.traced.is_empty() {
            return Vec::new();
        }
        let committed: BTreeSet<_> = committed.iter().copied().collect();
        let is_committed =
            |(shard, id, _): &&(u16, StreamId, TraceParent)| committed.contains(&(*shard, *id));
        let tell = |(shard, id, parent): &(u16, StreamId, TraceParent)| {
            let attributes = vec![
                KeyValue::new("messaging.system", "redis"),
                KeyValue::new("messaging.message.id", id.to_string()),
                KeyValue::new("messaging.destination.partition.id", shard.to_string()),
                KeyValue::new("messaging.batch.message_count", self.ballots),
            ];
            traces.tell("commit vote", SpanKind::Consumer, parent, self.began, attributes)
        };
        self.traced.iter().filter(is_committed).filter_map(tell).collect()
    }
}

/// Tells of votes whose counts were published, in what began at `began`.
pub(crate) fn published(traces: &Traces, votes: &[TraceParent], polls: usize, began: SystemTime) {
    for parent in votes {
        let polls = KeyValue::new("pollster.polls", polls as i64);
        traces.tell("publish counts", SpanKind::Producer, parent, began, vec![polls]);
    }
}
