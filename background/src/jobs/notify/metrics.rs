//! What became of deliveries, counted.

use pollster_shared::notifications::{DIGEST, MILESTONE, NUDGE, POLL_CLOSED};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;

/// What may become of an attempt.
const OUTCOMES: [&str; 4] = ["delivered", "withdrawn", "failed", "given_up"];

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Labels {
    kind: String,
    outcome: &'static str,
}

/// Counts attempts at deliveries.
#[derive(Debug, Default)]
pub(super) struct Metrics(Family<Labels, Counter>);

impl Metrics {
    /// Names it, every kind and outcome from 0.
    pub(super) fn register(&self, registry: &mut Registry) {
        for kind in [MILESTONE, POLL_CLOSED, DIGEST, NUDGE] {
            for outcome in OUTCOMES {
                drop(self.0.get_or_create(&Labels { kind: kind.to_owned(), outcome }));
            }
        }
        registry.register("notifications", "Attempts at delivering a notification", self.0.clone());
    }

    /// Counts an attempt at a notification of this kind.
    pub(super) fn count(&self, kind: &str, outcome: &'static str) {
        self.0.get_or_create(&Labels { kind: kind.to_owned(), outcome }).inc();
    }
}
