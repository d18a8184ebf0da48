//! Reconciles polls, a page at a time: for the schedule and for the command.

use diesel_async::AsyncPgConnection;
use indicatif::ProgressBar;
use pollster_shared::database::DatabaseError;
use pollster_shared::reconcile::{
    self, Difference, Listed, ReconcileError, Recount, Recounted, Standing, What,
};
use serde::Serialize;
use uuid::Uuid;

use crate::jobs::Context;

/// What is put right where it is found wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fix {
    /// Nothing.
    Nothing,
    /// What Redis holds.
    Redis,
    /// That, and the tallies and timelines. There must be no other corrector.
    Everything,
}

/// Checks polls, and fixes what it is told to.
pub(crate) struct Reconciler {
    context: Context,
    fix: Fix,
    /// Where snapshots are held, outside the pool: one that was left half-way goes with its connection.
    snapshots: Option<AsyncPgConnection>,
}

/// What was found.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Report {
    /// Polls that were checked.
    pub(crate) polls: usize,
    /// Responses that were counted.
    pub(crate) responses: i64,
    pub(crate) differences: Vec<Found>,
    /// Polls whose counts Redis did not hold, and does now.
    pub(crate) rebuilt: Vec<Uuid>,
    /// Polls that could not be checked, or fixed; the log says why.
    pub(crate) failed: Vec<Uuid>,
}

/// A difference, and what became of it.
#[derive(Debug, Serialize)]
pub(crate) struct Found {
    #[serde(flatten)]
    pub(crate) difference: Difference,
    pub(crate) fixed: bool,
}

impl Report {
    /// Adds what was found of other polls.
    pub(crate) fn extend(&mut self, other: Self) {
        self.polls += other.polls;
        self.responses += other.responses;
        self.differences.extend(other.differences);
        self.rebuilt.extend(other.rebuilt);
        self.failed.extend(other.failed);
    }

    /// The differences that remain.
    pub(crate) fn remaining(&self) -> usize {
        self.differences.iter().filter(|found| !found.fixed).count()
    }

    /// Whether the poll is as it should be now.
    pub(crate) fn is_exact(&self, poll_id: Uuid) -> bool {
        let remains = |found: &Found| found.difference.poll_id == poll_id && !found.fixed;
        !self.failed.contains(&poll_id) && !self.differences.iter().any(remains)
    }

    fn has_right_tallies(&self, poll_id: Uuid) -> bool {
        let is_wrong = |found: &Found| {
            found.difference.poll_id == poll_id && found.difference.what == What::Tallies && !found.fixed
        };
        !self.differences.iter().any(is_wrong)
    }

    /// Takes down a poll that failed; an outage is not the poll's fault, and is handed on.
    fn fail(&mut self, poll_id: Uuid, error: ReconcileError) -> Result<(), ReconcileError> {
        if is_outage(&error) {
            return Err(error);
        }
        tracing::error!(%poll_id, %error, "a poll could not be reconciled");
        self.failed.push(poll_id);
        Ok(())
    }
}

impl Reconciler {
    pub(crate) fn new(context: Context, fix: Fix) -> Self {
        Self { context, fix, snapshots: None }
    }

    /// Checks the polls of a page; `counting` moves with the responses that are counted.
    ///
    /// # Errors
    /// When PostgreSQL or Redis can't be reached. What one poll alone fails with is in the report.
    pub(crate) async fn check(
        &mut self,
        polls: &[Listed],
        counting: &ProgressBar,
    ) -> Result<Report, ReconcileError> {
        let mut report = Report { polls: polls.len(), ..Report::default() };
        // The tallies first: where they are known to be wrong they are not published in the place of anything.
        for poll in polls.iter().filter(|poll| poll.has_responses) {
            if let Err(error) = self.recount(poll.poll_id, counting, &mut report).await {
                report.fail(poll.poll_id, error)?;
            }
        }
        let poll_ids = polls.iter().map(|poll| poll.poll_id);
        let poll_ids: Vec<Uuid> = poll_ids.filter(|poll_id| report.has_right_tallies(*poll_id)).collect();
        let Context { pool, aggregates, .. } = &mut self.context;
        for (poll_id, standing) in reconcile::compare(pool, aggregates, &poll_ids).await? {
            if let Err(error) = self.settle(poll_id, standing, &mut report).await {
                report.fail(poll_id, error)?;
            }
        }
        Ok(report)
    }

    /// Holds tallies and timeline against the responses, and corrects them where that is asked for.
    async fn recount(
        &mut self,
        poll_id: Uuid,
        counting: &ProgressBar,
        report: &mut Report,
    ) -> Result<(), ReconcileError> {
        let Some(recounted) = self.count(poll_id, counting).await? else { return Ok(()) };
        report.responses += recounted.responses();
        let differences = recounted.differences();
        if differences.is_empty() {
            return Ok(());
        }
        let mut connection = self.context.pool.get().await.map_err(DatabaseError::from)?;
        // Responses that went while they were counted are no difference.
        if !reconcile::are_in_place(&mut connection, poll_id).await? {
            return Ok(());
        }
        if self.fix != Fix::Everything {
            report
                .differences
                .extend(differences.into_iter().map(|difference| Found { difference, fixed: false }));
            return Ok(());
        }
        reconcile::correct(&mut connection, &recounted).await?;
        drop(connection);
        // Soon, not with the rest of the page.
        self.publish(poll_id, 0).await?;
        let again = self.count(poll_id, counting).await?;
        let left = again.map(|again| again.differences()).unwrap_or_default();
        report.differences.extend(outcome(differences, left));
        Ok(())
    }

    /// Counts the poll's responses; `None` where it is gone.
    async fn count(
        &mut self,
        poll_id: Uuid,
        counting: &ProgressBar,
    ) -> Result<Option<Recounted>, ReconcileError> {
        let connection = match self.snapshots.take() {
            Some(connection) => connection,
            None => {
                let dedicated = self.context.pool.dedicated_connection().await;
                dedicated.map_err(|error| DatabaseError::Connection(error.to_string()))?
            }
        };
        let Some(mut recount) = Recount::begin(connection, poll_id).await? else { return Ok(None) };
        while let Some(responses) = recount.slice().await? {
            counting.inc(responses);
        }
        let (connection, recounted) = recount.end().await?;
        self.snapshots = Some(connection);
        Ok(Some(recounted))
    }

    /// Takes down how the poll stands in Redis, and publishes it anew where that is wrong and asked for.
    async fn settle(
        &mut self,
        poll_id: Uuid,
        standing: Standing,
        report: &mut Report,
    ) -> Result<(), ReconcileError> {
        let fixed = self.fix != Fix::Nothing;
        let (differences, version) = match standing {
            Standing::Right => return Ok(()),
            Standing::Missing if !fixed => return Ok(()),
            Standing::Missing => {
                tracing::info!(%poll_id, "Redis holds no counts of a poll; they are published");
                report.rebuilt.push(poll_id);
                (Vec::new(), 0)
            }
            Standing::Wrong { differences, version } => (differences, version),
        };
        if fixed {
            self.publish(poll_id, version).await?;
        }
        report.differences.extend(differences.into_iter().map(|difference| Found { difference, fixed }));
        Ok(())
    }

    async fn publish(&mut self, poll_id: Uuid, above: i64) -> Result<(), ReconcileError> {
        let Context { pool, aggregates, channels, .. } = &mut self.context;
        reconcile::republish(pool, aggregates, channels, poll_id, above).await
    }
}

/// What became of the differences `before`, given those that a second count has found.
fn outcome(before: Vec<Difference>, left: Vec<Difference>) -> impl Iterator<Item = Found> {
    let key = |difference: &Difference| (difference.what, difference.count.clone());
    let remain: Vec<(What, String)> = left.iter().map(key).collect();
    let fixed = before.into_iter().filter(move |difference| !remain.contains(&key(difference)));
    let fixed = fixed.map(|difference| Found { difference, fixed: true });
    fixed.chain(left.into_iter().map(|difference| Found { difference, fixed: false }))
}

/// Whether every other poll would fail, too.
fn is_outage(error: &ReconcileError) -> bool {
    match error {
        ReconcileError::Database(error) => matches!(error, DatabaseError::Connection(_)),
        ReconcileError::Redis(error) => error.is_io_error(),
        ReconcileError::TooLong(_) => false,
    }
}
