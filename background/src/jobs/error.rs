//! What can keep a job from its work.

use std::panic::AssertUnwindSafe;

use diesel::result::Error as QueryError;
use futures_util::FutureExt;
use pollster_shared::archive::ArchiveError;
use pollster_shared::closing::ClosingError;
use pollster_shared::database::DatabaseError;
use pollster_shared::program::ProgramError;
use pollster_shared::reconcile::ReconcileError;
use pollster_shared::redis::RedisError;
use pollster_shared::responses;

/// What can keep a job from its work; it is tried again later.
#[derive(Debug, thiserror::Error)]
pub(crate) enum JobError {
    /// PostgreSQL failed.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// Redis failed.
    #[error("Redis: {0}")]
    Redis(#[from] RedisError),
    /// Counting anew failed.
    #[error(transparent)]
    Reconcile(#[from] ReconcileError),
    /// The archive can't be read, or is not whole.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// A closing stopped half-way.
    #[error(transparent)]
    Closing(#[from] ClosingError),
    /// The job has a bug that this work brings out.
    #[error("the job panicked")]
    Panicked,
}

impl From<QueryError> for JobError {
    fn from(error: QueryError) -> Self {
        Self::Database(error.into())
    }
}

impl From<JobError> for ProgramError {
    fn from(error: JobError) -> Self {
        Self::Failed(error.to_string())
    }
}

impl JobError {
    /// Whether what was to be done is to blame, so that trying the same again can't help for ever. An outage is not.
    pub(crate) fn is_own_fault(&self) -> bool {
        match self {
            Self::Database(DatabaseError::Query(error)) => is_own_fault(error),
            Self::Panicked => true,
            Self::Database(DatabaseError::Connection(_) | DatabaseError::NotAsked(_))
            | Self::Redis(_)
            | Self::Reconcile(_)
            | Self::Archive(_)
            | Self::Closing(_) => false,
        }
    }
}

/// As in a commit of votes, and what can't be read or is not there.
fn is_own_fault(error: &QueryError) -> bool {
    responses::is_own_fault(error)
        || matches!(error, QueryError::DeserializationError(_) | QueryError::NotFound)
}

/// Runs work of a job; a panic in it is an error like any other.
pub(crate) async fn caught<T>(work: impl Future<Output = Result<T, JobError>>) -> Result<T, JobError> {
    AssertUnwindSafe(work).catch_unwind().await.unwrap_or(Err(JobError::Panicked))
}
