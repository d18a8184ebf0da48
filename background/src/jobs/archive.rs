//! Archives closed polls: each stage can be done again, and whoever finds a poll half archived goes on from there.
//!
//! ```text
//! precondition   final, and no vote of it among the dead letters; else it waits
//! write parts    rows from PostgreSQL to Parquet in the storage, noted one by one
//! write manifest definition, final counts, the parts' hashes
//! verify         every object read back, hashes compared, votes counted anew
//! record         archived, in one transaction
//! ```
//! One poll at a time an instance, so that memory is bounded; several instances share the queue by leases.

mod archiver;
mod failure;
mod lease;
mod metrics;
mod parts;
mod precondition;

use std::time::Duration;

use pollster_shared::archive::queue::{self, Lease};
use pollster_shared::archive::{self, ArchiveError, Manifest, Store};
use pollster_shared::database::DatabaseError;
use pollster_shared::poll::Poll;
use pollster_shared::polls::{self, PollName};
use pollster_shared::shutdown::Shutdown;

use super::{Context, JobError};
use crate::pause;

pub(crate) use archiver::Archiver;
pub(crate) use failure::Failure;
pub(crate) use metrics::Metrics;
pub(crate) use precondition::check;

/// How soon a poll that is due is seen.
const PERIOD: Duration = Duration::from_secs(1);
/// How long a row group may still take once the program is asked to end.
const GRACE: Duration = Duration::from_secs(5);

/// How far the work on a poll is; called often.
pub(crate) type Watch<'a> = &'a (dyn Fn(Step) + Send + Sync);

/// Some of the work was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// So many more rows are written.
    Written(u64),
    /// So many more rows were read back.
    Read(u64),
}

/// The job.
#[derive(Debug)]
pub(crate) struct Job {
    archiver: Archiver,
    metrics: Metrics,
}

impl Job {
    pub(crate) fn new(context: &Context, store: &Store) -> Self {
        Self {
            archiver: Archiver::new(context.clone(), store.clone()),
            metrics: context.metrics.archived.clone(),
        }
    }

    /// Works until the shutdown.
    pub(crate) async fn run(self, shutdown: Shutdown) {
        loop {
            let worked = self.archive_next(&shutdown).await.unwrap_or_else(|error| {
                tracing::warn!(%error, "looking for polls to archive failed");
                false
            });
            let more = worked && !shutdown.is_cancelled();
            if !more && !pause(PERIOD, &shutdown).await {
                return;
            }
        }
    }

    /// Archives the poll that has been due the longest. Returns whether there was one.
    async fn archive_next(&self, shutdown: &Shutdown) -> Result<bool, JobError> {
        let claimed = queue::claim(&mut *self.archiver.connection().await?).await?;
        let Some(lease) = claimed else { return Ok(false) };
        match archive(&self.archiver, lease, shutdown, &|_| {}).await {
            Ok(Some(manifest)) => {
                self.metrics.archived(&manifest);
                tracing::info!(poll_id = %lease.poll_id, rows = manifest.rows(), "a poll is archived");
            }
            Ok(None) | Err(Failure::Interrupted | Failure::Lost) => {}
            Err(Failure::Waits(reason)) => {
                tracing::debug!(poll_id = %lease.poll_id, %reason, "archiving waits");
            }
            Err(failure) => tracing::warn!(poll_id = %lease.poll_id, %failure, "archiving failed"),
        }
        Ok(true)
    }
}

/// Archives the poll of this lease through all stages. Returns its manifest, `None` where nothing is left to be done.
/// Where that fails, the lease is given back, and the reason recorded.
pub(crate) async fn archive(
    archiver: &Archiver,
    lease: Lease,
    shutdown: &Shutdown,
    watch: Watch<'_>,
) -> Result<Option<Manifest>, Failure> {
    lease::hold(archiver, lease, shutdown, stages(archiver, lease, shutdown, watch)).await
}

async fn stages(
    archiver: &Archiver,
    lease: Lease,
    shutdown: &Shutdown,
    watch: Watch<'_>,
) -> Result<Option<Manifest>, Failure> {
    let Some(poll) = find(archiver, lease).await? else { return Ok(None) };
    let closed = precondition::check(archiver, &poll).await?;
    // Recording raises the version of the counts. Only those of a poll that is unrecorded after they were read give
    // the manifest that any other worker writes: one that lost its lease meanwhile may overwrite it, but not change it.
    if find(archiver, lease).await?.is_none() {
        return Ok(None);
    }
    let parts = parts::write(archiver, &poll, shutdown, watch).await?;
    let manifest = Manifest::new(poll, closed.closed_at, closed.finalized_at, closed.counts, parts);
    let fingerprint = manifest.write(&archiver.store).await?;
    verify(archiver, &manifest, watch).await?;
    let recorded = archive::record(&mut *archiver.connection().await?, &manifest, fingerprint).await?;
    Ok(recorded.then_some(manifest))
}

/// The poll, unless it is gone or archived already: then there is nothing to be done.
async fn find(archiver: &Archiver, lease: Lease) -> Result<Option<Poll>, JobError> {
    let mut connection = archiver.connection().await?;
    let poll = polls::find(&mut connection, &PollName::Id(lease.poll_id)).await?;
    if poll.is_some() && archive::find(&mut connection, lease.poll).await?.is_none() {
        return Ok(poll);
    }
    queue::remove(&mut connection, lease.poll).await?;
    Ok(None)
}

/// Reads everything back. What is not as it was written is written anew the next time.
async fn verify(archiver: &Archiver, manifest: &Manifest, watch: Watch<'_>) -> Result<(), Failure> {
    let verified = archive::verify(&archiver.store, manifest, |rows| watch(Step::Read(rows))).await;
    if let Err(ArchiveError::Damaged { .. } | ArchiveError::Missing(_) | ArchiveError::Miscounted { .. }) =
        verified
    {
        let mut connection = archiver.connection().await?;
        archive::forget_parts(&mut connection, manifest.poll.id).await.map_err(DatabaseError::from)?;
    }
    Ok(verified?)
}
