//! Reconciles once an hour: counts the responses of polls that can have gone wrong anew, and holds the tallies against
//! Redis. Redis is put right; tallies are left to an operator's `reconcile --fix`.

pub(crate) mod reconciler;

use std::time::Duration;

use indicatif::ProgressBar;
use pollster_shared::database::DatabaseError;
use pollster_shared::reconcile::{self, Listed, Selection};
use pollster_shared::shutdown::Shutdown;

use super::{Context, JobError};
use crate::schedule::Scheduled;
use reconciler::{Fix, Reconciler, Report};

/// The scheduled work.
#[derive(Debug)]
pub(crate) struct Job {
    /// Counting may take long; it is not waited for.
    shutdown: Shutdown,
}

impl Job {
    /// The job.
    pub(crate) fn new(shutdown: Shutdown) -> Self {
        Self { shutdown }
    }
}

impl Scheduled for Job {
    const NAME: &'static str = "reconcile";
    const PERIOD: Duration = Duration::from_secs(3600);

    async fn run(&mut self, context: &Context) -> Result<(), JobError> {
        tokio::select! {
            done = self.reconcile_due(context) => done,
            () = self.shutdown.cancelled() => Ok(()),
        }
    }
}

impl Job {
    async fn reconcile_due(&self, context: &Context) -> Result<(), JobError> {
        let mut reconciler = Reconciler::new(context.clone(), Fix::Redis);
        let mut after = 0;
        loop {
            let polls = due(context, after).await?;
            let Some(last) = polls.last() else { return Ok(()) };
            after = last.id;
            let report = reconciler.check(&polls, &ProgressBar::hidden()).await?;
            tell(context, &report);
            remember(context, &polls, &report).await?;
        }
    }
}

/// Tells of every difference. That a poll's counts were not in Redis is none.
fn tell(context: &Context, report: &Report) {
    for found in &report.differences {
        let difference = &found.difference;
        let what = difference.what.name();
        context.metrics.drifted(what);
        tracing::error!(
            poll_id = %difference.poll_id,
            what,
            count = difference.count,
            expected = difference.expected,
            found = difference.found,
            fixed = found.fixed,
            "a count was not what it should be"
        );
    }
}

async fn due(context: &Context, after: i64) -> Result<Vec<Listed>, JobError> {
    let mut connection = context.pool.get().await.map_err(DatabaseError::from)?;
    Ok(reconcile::listed(&mut connection, Selection::Due, after).await?)
}

/// Remembers the polls that are exact, so that only those that change are counted again within the day.
async fn remember(context: &Context, polls: &[Listed], report: &Report) -> Result<(), JobError> {
    let exact: Vec<Listed> = polls.iter().filter(|poll| report.is_exact(poll.poll_id)).copied().collect();
    let mut connection = context.pool.get().await.map_err(DatabaseError::from)?;
    Ok(reconcile::remember(&mut connection, &exact).await?)
}
