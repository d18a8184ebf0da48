//! What an aggregator counts.

use pollster_shared::metrics::Histogram;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

/// A shard's number as a label.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct ShardLabel {
    /// The shard.
    pub shard: u16,
}

/// The aggregator's metrics.
#[derive(Debug)]
pub struct Metrics {
    pub(crate) batch_rows: Histogram,
    pub(crate) inserted: Counter,
    pub(crate) duplicates: Counter,
    pub(crate) refused: Counter,
    pub(crate) dead_letters: Counter,
    pub(crate) reclaimed: Counter,
    pub(crate) commit_seconds: Histogram,
    pub(crate) visible_seconds: Histogram,
    pub(crate) lag: Family<ShardLabel, Gauge>,
    pub(crate) pending: Family<ShardLabel, Gauge>,
    pub(crate) oldest_seconds: Family<ShardLabel, Gauge<f64, std::sync::atomic::AtomicU64>>,
    pub(crate) too_new: Gauge,
}

impl Default for Metrics {
    fn default() -> Self {
        Self {
            batch_rows: pollster_shared::metrics::rows(),
            inserted: Counter::default(),
            duplicates: Counter::default(),
            refused: Counter::default(),
            dead_letters: Counter::default(),
            reclaimed: Counter::default(),
            commit_seconds: pollster_shared::metrics::seconds(),
            visible_seconds: pollster_shared::metrics::seconds(),
            lag: Family::default(),
            pending: Family::default(),
            oldest_seconds: Family::default(),
            too_new: Gauge::default(),
        }
    }
}

impl Metrics {
    /// Names each metric, with its help text.
    pub fn register(&self, registry: &mut Registry) {
        registry.register("batch_rows", "Ballots a transaction", self.batch_rows.clone());
        registry.register("responses_inserted", "Ballots counted", self.inserted.clone());
        registry.register(
            "responses_duplicate",
            "Ballots delivered again after they were counted",
            self.duplicates.clone(),
        );
        registry.register(
            "accepted_then_refused",
            "Ballots accepted although their voter had voted, as after a loss of Redis; they do not count",
            self.refused.clone(),
        );
        registry.register("dead_letters", "Entries set aside", self.dead_letters.clone());
        registry.register("reclaimed", "Entries taken over from another consumer", self.reclaimed.clone());
        registry.register(
            "vote_commit_seconds",
            "From acceptance to the commit in PostgreSQL",
            self.commit_seconds.clone(),
        );
        registry.register(
            "vote_visible_seconds",
            "From acceptance to the publishing of the counts",
            self.visible_seconds.clone(),
        );
        registry.register("stream_lag", "Entries not read yet, a shard", self.lag.clone());
        registry.register(
            "stream_pending",
            "Entries read and not acknowledged, a shard",
            self.pending.clone(),
        );
        registry.register(
            "stream_oldest_seconds",
            "Age of the oldest entry of a shard",
            self.oldest_seconds.clone(),
        );
        registry.register(
            "stream_too_new",
            "Entries that wait for an aggregator of a newer release",
            self.too_new.clone(),
        );
    }
}
