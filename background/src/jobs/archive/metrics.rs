//! What the job counts.

use pollster_shared::archive::Manifest;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::registry::Registry;

/// The job's counters. Cheap to clone: clones count together.
#[derive(Debug, Clone, Default)]
pub(crate) struct Metrics {
    polls: Counter,
    rows: Counter,
    bytes: Counter,
}

impl Metrics {
    /// Makes them part of what is served.
    pub(crate) fn register(&self, registry: &mut Registry) {
        registry.register("archived_polls", "Polls archived and verified", self.polls.clone());
        registry.register("archived_rows", "Rows in these archives", self.rows.clone());
        registry.register("archived_bytes", "Bytes of the objects that hold them", self.bytes.clone());
    }

    pub(super) fn archived(&self, manifest: &Manifest) {
        self.polls.inc();
        self.rows.inc_by(manifest.rows());
        self.bytes.inc_by(manifest.bytes());
    }
}
