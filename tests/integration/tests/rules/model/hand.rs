//! An aggregator of a case.

use pollster_aggregator::committer::Committed;
use pollster_shared::stream::group::Entry;
use uuid::Uuid;

use crate::stages::bed::Bed;
use crate::stages::worker::Worker;

/// An aggregator with what it has in hand.
pub(super) struct Hand<'a> {
    pub(super) worker: Worker<'a>,
    pub(super) entries: Vec<Entry>,
    pub(super) committed: Committed,
    /// Whether it holds entries that Redis has lost.
    pub(super) outlived_redis: bool,
}

impl<'a> Hand<'a> {
    /// One that knows nothing, a consumer of the first `shards`.
    pub(super) async fn new(bed: &'a Bed, shards: u16) -> Self {
        let worker = Worker::new(bed, &Uuid::now_v7().to_string(), shards).await;
        Self { worker, entries: Vec::new(), committed: Committed::default(), outlived_redis: false }
    }
}
