//! What the background program counts.

use pollster_shared::queues::Queue;
use pollster_shared::reconcile::What;
use pollster_shared::stream::Streams;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use crate::jobs::archive;

/// A queue and what became of an entry.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Handled {
    queue: &'static str,
    outcome: &'static str,
}

/// A queue.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct QueueLabel {
    queue: &'static str,
}

/// Streams, the votes' among them.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct StreamLabel {
    stream: &'static str,
}

/// A schedule.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ScheduleLabel {
    schedule: &'static str,
}

/// A schedule and what became of a run.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Ran {
    schedule: &'static str,
    outcome: &'static str,
}

/// What holds a count that was wrong.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct DriftLabel {
    what: &'static str,
}

/// What became of an attempt to handle an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It is handled.
    Done,
    /// It failed by its own fault.
    Failed,
    /// Something that it needs could not be reached.
    Delayed,
}

/// The background program's metrics.
#[derive(Debug, Default)]
pub(crate) struct Metrics {
    handled: Family<Handled, Counter>,
    dead_letters: Family<QueueLabel, Counter>,
    reclaimed: Family<QueueLabel, Counter>,
    queue_entries: Family<QueueLabel, Gauge>,
    dead_letters_waiting: Family<StreamLabel, Gauge>,
    leading: Family<ScheduleLabel, Gauge>,
    scheduled_runs: Family<Ran, Counter>,
    drift: Family<DriftLabel, Counter>,
    pub(crate) archived: archive::Metrics,
}

impl Metrics {
    /// Names each metric, with its help text.
    pub(crate) fn register(&self, registry: &mut Registry) {
        self.begin();
        registry.register("entries_handled", "Attempts to handle an entry", self.handled.clone());
        registry.register("dead_letters", "Entries set aside", self.dead_letters.clone());
        registry.register("reclaimed", "Entries taken over from another consumer", self.reclaimed.clone());
        registry.register(
            "queue_entries",
            "Entries that wait in a queue, read or not",
            self.queue_entries.clone(),
        );
        registry.register(
            "dead_letters_waiting",
            "Dead letters that nobody has replayed or discarded",
            self.dead_letters_waiting.clone(),
        );
        registry.register("leading", "1 where this instance does a schedule's work", self.leading.clone());
        registry.register("scheduled_runs", "Runs of scheduled work", self.scheduled_runs.clone());
        registry.register("reconcile_drift", "Counts that were not what they should be", self.drift.clone());
        self.archived.register(registry);
    }

    /// Begins what alerts look at with 0: the first increase of a series that comes with it can't be seen.
    fn begin(&self) {
        for what in [What::Tallies, What::Timeline, What::Redis] {
            drop(self.drift.get_or_create(&DriftLabel { what: what.name() }));
        }
        for queue in Queue::ALL {
            drop(self.dead_letters.get_or_create(&QueueLabel { queue: queue.name() }));
        }
    }

    /// Counts an attempt to handle an entry.
    pub(crate) fn handled(&self, queue: Queue, outcome: Outcome) {
        let outcome = match outcome {
            Outcome::Done => "done",
            Outcome::Failed => "failed",
            Outcome::Delayed => "delayed",
        };
        self.handled.get_or_create(&Handled { queue: queue.name(), outcome }).inc();
    }

    /// Counts an entry set aside.
    pub(crate) fn set_aside(&self, queue: Queue) {
        self.dead_letters.get_or_create(&QueueLabel { queue: queue.name() }).inc();
    }

    /// Counts entries taken over.
    pub(crate) fn reclaimed(&self, queue: Queue, entries: usize) {
        self.reclaimed.get_or_create(&QueueLabel { queue: queue.name() }).inc_by(entries as u64);
    }

    /// How many entries wait in a queue.
    pub(crate) fn waiting(&self, queue: Queue, entries: u64) {
        self.queue_entries.get_or_create(&QueueLabel { queue: queue.name() }).set(entries as i64);
    }

    /// How many dead letters wait for an operator.
    pub(crate) fn dead_letters_waiting(&self, streams: Streams, letters: u64) {
        self.dead_letters_waiting.get_or_create(&StreamLabel { stream: streams.name() }).set(letters as i64);
    }

    /// Counts a count that was wrong where `what` holds it.
    pub(crate) fn drifted(&self, what: &'static str) {
        self.drift.get_or_create(&DriftLabel { what }).inc();
    }

    /// Whether this instance does the work of `schedule`, whose runs are counted from 0.
    pub(crate) fn leading(&self, schedule: &'static str) -> Gauge {
        for outcome in ["done", "failed"] {
            drop(self.scheduled_runs.get_or_create(&Ran { schedule, outcome }));
        }
        self.leading.get_or_create(&ScheduleLabel { schedule }).clone()
    }

    /// Counts a run of scheduled work.
    pub(crate) fn ran(&self, schedule: &'static str, is_done: bool) {
        let outcome = if is_done { "done" } else { "failed" };
        self.scheduled_runs.get_or_create(&Ran { schedule, outcome }).inc();
    }
}
