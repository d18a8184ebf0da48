//! Reads the counts of polls of which something may have been missed.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use pollster_shared::database::DatabaseError;
use pollster_shared::tallies;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use uuid::Uuid;

use crate::app::App;

/// Polls read by one statement.
const BATCH: usize = 200;
/// Statements at once: requests need connections too.
const AT_ONCE: usize = 2;
/// Before a batch that failed is read again.
const RETRY: Duration = Duration::from_millis(500);

/// Why polls are read.
#[derive(Debug, Clone, Copy)]
pub(super) enum Reason {
    /// What was published before their subscription stood may have been missed.
    Subscribed,
    /// Something was missed though it stood.
    Behind,
}

/// Takes polls to be read.
#[derive(Debug)]
pub(super) struct Refresh {
    app: Arc<App>,
    asked: UnboundedSender<Vec<Uuid>>,
}

impl Refresh {
    /// Has the present counts of these polls offered to their viewers, soon and for certain.
    pub(super) fn ask(&self, reason: Reason, poll_ids: Vec<Uuid>) {
        self.app.metrics.refreshed(reason.name(), poll_ids.len());
        // Nobody reads any more once the feed ends.
        let _ = self.asked.send(poll_ids);
    }
}

impl Reason {
    fn name(self) -> &'static str {
        match self {
            Self::Subscribed => "subscribed",
            Self::Behind => "behind",
        }
    }
}

/// Where to ask, and the work, which does not end.
pub(super) fn start(app: Arc<App>) -> (Refresh, impl Future<Output = ()>) {
    // Taken at once, into a set: bounded by the polls that are watched.
    let (asked, polls) = unbounded_channel();
    (Refresh { app: app.clone(), asked }, run(app, polls))
}

/// Polls that are asked for while they are being read are read once more: what they were asked for may be
/// newer than what is read.
async fn run(app: Arc<App>, mut asked: UnboundedReceiver<Vec<Uuid>>) {
    let mut waiting: HashSet<Uuid> = HashSet::new();
    let mut reading = FuturesUnordered::new();
    loop {
        while reading.len() < AT_ONCE && !waiting.is_empty() {
            reading.push(read(&app, take_batch(&mut waiting)));
        }
        tokio::select! {
            Some(poll_ids) = asked.recv() => waiting.extend(poll_ids),
            Some(()) = reading.next(), if !reading.is_empty() => {}
        }
    }
}

fn take_batch(waiting: &mut HashSet<Uuid>) -> Vec<Uuid> {
    let batch: Vec<Uuid> = waiting.iter().take(BATCH).copied().collect();
    for poll_id in &batch {
        waiting.remove(poll_id);
    }
    batch
}

/// Offers the present counts of these polls to their viewers, from PostgreSQL, which is never behind. Tries
/// until it succeeds.
async fn read(app: &App, poll_ids: Vec<Uuid>) {
    loop {
        match try_read(app, &poll_ids).await {
            Ok(()) => return,
            Err(error) => tracing::warn!(%error, "counts of watched polls can't be read yet"),
        }
        tokio::time::sleep(RETRY).await;
    }
}

async fn try_read(app: &App, poll_ids: &[Uuid]) -> Result<(), DatabaseError> {
    let mut connection = app.pool.get().await?;
    let counts = tallies::read(&mut connection, poll_ids).await?;
    let found: HashSet<Uuid> = counts.iter().map(|counts| counts.poll_id).collect();
    counts.into_iter().for_each(|counts| app.hub.offer(counts));
    app.hub.offer_deleted(poll_ids.iter().copied().filter(|poll_id| !found.contains(poll_id)));
    Ok(())
}
