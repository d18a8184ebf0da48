//! The first stage: whether a poll can be archived.

use chrono::{DateTime, Utc};
use pollster_shared::counts::Counts;
use pollster_shared::poll::Poll;
use pollster_shared::stream::dead_letters;
use pollster_shared::{polls, tallies};

use super::{Archiver, Failure};
use crate::jobs::JobError;

/// What can't change any more of a poll that is final.
#[derive(Debug)]
pub(crate) struct Final {
    /// Since when it took no votes.
    pub(crate) closed_at: DateTime<Utc>,
    /// Since when its counts are final.
    pub(crate) finalized_at: DateTime<Utc>,
    /// Its counts.
    pub(crate) counts: Counts,
}

/// What is final of the poll: every shard was drained past its close then, so no vote of it is under way. One among
/// the dead letters may still have to be replayed by hand, elsewhere, before its responses may go.
pub(crate) async fn check(archiver: &Archiver, poll: &Poll) -> Result<Final, Failure> {
    let found = find(archiver, poll).await?;
    let letters = dead_letters::of_poll(&mut archiver.streams(), poll).await.map_err(JobError::from)?;
    if letters > 0 {
        return Err(Failure::Waits(format!(
            "{letters} of its votes are dead letters: replay or discard them first (dead-letters list)"
        )));
    }
    Ok(found)
}

async fn find(archiver: &Archiver, poll: &Poll) -> Result<Final, Failure> {
    let mut connection = archiver.connection().await?;
    let state = polls::state(&mut connection, poll.poll_id).await?.ok_or(diesel::result::Error::NotFound)?;
    let closed_at =
        state.closed_at.ok_or_else(|| Failure::Waits("it is not closed yet: close it first".to_owned()))?;
    let not_final = "its results are not final yet: votes accepted before its close are still being counted";
    let finalized_at = state.finalized_at.ok_or_else(|| Failure::Waits(not_final.to_owned()))?;
    let counts = tallies::read(&mut connection, &[poll.poll_id]).await?;
    let counts = counts.into_iter().next().ok_or(diesel::result::Error::NotFound)?;
    Ok(Final { closed_at, finalized_at, counts })
}
