//! Removes a poll's rows in bounded pieces, with pauses in which votes have PostgreSQL to themselves.

use std::time::{Duration, Instant};

use pollster_shared::database::{DatabaseError, Pool};
use pollster_shared::poll::Poll;
use pollster_shared::responses::{Position, Relation};
use pollster_shared::retention::{self, Reason, Step};

/// Rows a statement: some tens of milliseconds.
const PAGE: usize = 5000;
const PAUSE: Duration = Duration::from_millis(20);

/// Removes all rows of the poll. Returns whether they are gone: not where it was restored meanwhile, or `until` came.
pub(super) async fn remove(
    pool: &Pool,
    poll: &Poll,
    reason: Reason,
    until: Instant,
) -> Result<bool, DatabaseError> {
    for relation in Relation::ALL {
        let mut after: Option<Position> = None;
        loop {
            let step = {
                let mut connection = pool.get().await?;
                retention::remove(&mut connection, poll, reason, relation, after, PAGE).await?
            };
            match step {
                Step::UpTo(last) => after = Some(last),
                Step::Done => break,
                Step::Held => return Ok(false),
            }
            if Instant::now() >= until {
                return Ok(false);
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
    Ok(true)
}

/// Removes all of a deleted poll's statistics.
pub(super) async fn remove_timeline(pool: &Pool, poll: &Poll) -> Result<(), DatabaseError> {
    loop {
        let removed = {
            let mut connection = pool.get().await?;
            retention::remove_timeline(&mut connection, poll.id, PAGE).await?
        };
        if removed < PAGE {
            return Ok(());
        }
        tokio::time::sleep(PAUSE).await;
    }
}
