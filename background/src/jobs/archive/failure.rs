//! Why a poll was not archived, and when it is tried again.

use std::time::Duration;

use pollster_shared::archive::ArchiveError;
use pollster_shared::database::DatabaseError;

use crate::jobs::JobError;

/// The wait after the first failure; it doubles with each one in a row.
const FIRST_BACKOFF: Duration = Duration::from_secs(5);
const MAX_BACKOFF: Duration = Duration::from_secs(600);
/// How soon a poll that waits for something is looked at again.
const WAIT: Duration = Duration::from_secs(10);

/// Why a poll was not archived.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// It is not ready; that says what has to happen first.
    #[error("{0}")]
    Waits(String),
    /// The archive failed.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// PostgreSQL or Redis failed.
    #[error(transparent)]
    Job(#[from] JobError),
    /// Somebody else works on it now.
    #[error("another worker has taken it over")]
    Lost,
    /// The program was asked to end.
    #[error("interrupted; the next run goes on from here")]
    Interrupted,
}

impl From<DatabaseError> for Failure {
    fn from(error: DatabaseError) -> Self {
        Self::Job(error.into())
    }
}

impl From<diesel::result::Error> for Failure {
    fn from(error: diesel::result::Error) -> Self {
        Self::Job(error.into())
    }
}

/// What becomes of the poll after a failure.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Retry {
    /// How long it waits.
    pub(super) delay: Duration,
    /// How often in a row it has failed then.
    pub(super) failures: i32,
    /// Why; empty where the work was only interrupted.
    pub(super) reason: String,
}

impl Failure {
    /// What follows after so many `failures` before; `jitter`, from 0 to 1, keeps polls that failed together apart.
    pub(super) fn retry(&self, failures: i32, jitter: f64) -> Retry {
        let reason = self.to_string();
        match self {
            Self::Lost | Self::Interrupted => {
                Retry { delay: Duration::ZERO, failures, reason: String::new() }
            }
            Self::Waits(_) => Retry { delay: WAIT, failures: 0, reason },
            Self::Archive(_) | Self::Job(_) => {
                let doublings = failures.clamp(0, 16) as u32;
                let backoff = FIRST_BACKOFF.saturating_mul(1 << doublings).min(MAX_BACKOFF);
                let delay = backoff.mul_f64(f64::midpoint(1.0, jitter));
                Retry { delay, failures: failures.saturating_add(1), reason }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failed(failures: i32, jitter: f64) -> Retry {
        let key = pollster_shared::archive::Key::Manifest { poll_id: uuid::Uuid::nil() };
        Failure::from(ArchiveError::Missing(key)).retry(failures, jitter)
    }

    #[test]
    fn failures_are_tried_again_later_and_later_but_not_for_ever_later() {
        assert_eq!(failed(0, 1.0).delay, FIRST_BACKOFF);
        assert_eq!(failed(0, 0.0).delay, FIRST_BACKOFF / 2);
        assert_eq!(failed(2, 1.0).delay, FIRST_BACKOFF * 4);
        assert_eq!(failed(i32::MAX, 1.0).delay, MAX_BACKOFF);
        assert_eq!((failed(2, 0.5).failures, failed(i32::MAX, 0.5).failures), (3, i32::MAX));
    }

    #[test]
    fn waiting_is_no_failure_and_an_interruption_needs_no_reason() {
        let waits = Failure::Waits("for its end".to_owned()).retry(4, 0.5);
        assert_eq!(waits, Retry { delay: WAIT, failures: 0, reason: "for its end".to_owned() });
        let interrupted = Failure::Interrupted.retry(4, 0.5);
        assert_eq!(interrupted, Retry { delay: Duration::ZERO, failures: 4, reason: String::new() });
    }
}
