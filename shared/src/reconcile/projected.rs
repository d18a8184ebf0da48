//! The counts in Redis, held against the tallies.

use std::collections::HashMap;
use std::time::Duration;

use futures_util::future::try_join_all;
use redis::RedisResult;
use tokio::time::{Instant, sleep};
use uuid::Uuid;

use super::{Difference, ReconcileError, What, differences, paired};
use crate::channels::Publisher;
use crate::counts::{Counts, projection};
use crate::database::{DatabaseError, Pool};
use crate::redis::Connection;
use crate::tallies;

/// What was committed is published in that time, if need be by the aggregators' sweep.
const GRACE: Duration = Duration::from_secs(5);
const STEP: Duration = Duration::from_millis(50);

/// How a poll's counts in Redis stand to its tallies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// They are the same, or newer.
    Right,
    /// Redis holds none that can be read, though there are votes. That is no error: who asks is told the tallies.
    Missing,
    /// They are wrong, at a version of their own or at one that never was, or were not published.
    Wrong {
        /// In which counts.
        differences: Vec<Difference>,
        /// The version that Redis holds.
        version: i64,
    },
}

/// Compares the counts in Redis of these polls with their tallies; those that are behind are given the time to be
/// published. Polls that are gone have no standing.
///
/// # Errors
/// When PostgreSQL or Redis fails.
pub async fn compare(
    pool: &Pool,
    aggregates: &mut Connection,
    poll_ids: &[Uuid],
) -> Result<Vec<(Uuid, Standing)>, ReconcileError> {
    // Redis first: a version that it holds was committed before.
    let held = load(aggregates, poll_ids).await?;
    let truth = read(pool, poll_ids).await?;
    let behind = truth.iter().filter(|truth| is_behind(truth, held.get(&truth.poll_id)));
    let unpublished =
        unpublished(aggregates, behind.map(|truth| (truth.poll_id, truth.version)).collect()).await?;
    let standing = |truth: &Counts| match held.get(&truth.poll_id) {
        held if is_behind(truth, held) && !unpublished.contains_key(&truth.poll_id) => Standing::Right,
        held => standing(truth, held),
    };
    Ok(truth.iter().map(|truth| (truth.poll_id, standing(truth))).collect())
}

/// Publishes the poll's tallies, under a version above its present one and `above`, so that Redis takes them in the
/// place of whatever it holds, and so does whoever was told something else.
///
/// # Errors
/// When PostgreSQL or Redis fails.
pub async fn republish(
    pool: &Pool,
    aggregates: &mut Connection,
    channels: &Publisher,
    poll_id: Uuid,
    above: i64,
) -> Result<(), ReconcileError> {
    let mut connection = pool.get().await.map_err(DatabaseError::from)?;
    tallies::raise_version_above(&mut connection, poll_id, above).await?;
    drop(connection);
    for counts in read(pool, &[poll_id]).await? {
        projection::publish(aggregates, channels, &counts).await?;
    }
    Ok(())
}

fn standing(truth: &Counts, held: Option<&Counts>) -> Standing {
    let Some(held) = held else {
        return if truth.total_votes == 0 { Standing::Right } else { Standing::Missing };
    };
    let version = ("version".to_owned(), truth.version, held.version);
    let flag = |name: &str, truth, held| (name.to_owned(), i64::from(truth), i64::from(held));
    let closed = flag("closed", truth.closed, held.closed);
    let is_final = flag("final", truth.finalized, held.finalized);
    // At another version other counts are right.
    let same_version = truth.version == held.version;
    let counts = paired(truth, held).chain([closed, is_final]).filter(|_| same_version);
    let differences: Vec<Difference> =
        differences(truth.poll_id, What::Redis, counts.chain([version])).collect();
    if differences.is_empty() {
        Standing::Right
    } else {
        Standing::Wrong { differences, version: held.version }
    }
}

fn is_behind(truth: &Counts, held: Option<&Counts>) -> bool {
    held.is_some_and(|held| held.version < truth.version)
}

/// Those of `awaited` whose version Redis does not hold in time.
async fn unpublished(
    aggregates: &mut Connection,
    mut awaited: HashMap<Uuid, i64>,
) -> RedisResult<HashMap<Uuid, i64>> {
    let deadline = Instant::now() + GRACE;
    while !awaited.is_empty() && Instant::now() < deadline {
        sleep(STEP).await;
        let poll_ids: Vec<Uuid> = awaited.keys().copied().collect();
        let versions = projection::versions(aggregates, &poll_ids).await?;
        for (poll_id, held) in poll_ids.into_iter().zip(versions) {
            if held >= awaited.get(&poll_id).copied() {
                awaited.remove(&poll_id);
            }
        }
    }
    Ok(awaited)
}

async fn load(aggregates: &Connection, poll_ids: &[Uuid]) -> RedisResult<HashMap<Uuid, Counts>> {
    let load = async |poll_id: &Uuid| match projection::load(&mut aggregates.clone(), *poll_id).await {
        // What can't be read is nothing to anybody.
        Err(error) if !error.is_io_error() => Ok(None),
        loaded => loaded,
    };
    let held = try_join_all(poll_ids.iter().map(load)).await?;
    Ok(held.into_iter().flatten().map(|counts| (counts.poll_id, counts)).collect())
}

async fn read(pool: &Pool, poll_ids: &[Uuid]) -> Result<Vec<Counts>, DatabaseError> {
    let mut connection = pool.get().await?;
    Ok(tallies::read(&mut connection, poll_ids).await?)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::counts::Counted;

    fn counts(version: i64, votes: i64) -> Counts {
        Counts {
            poll_id: Uuid::nil(),
            version,
            total_votes: votes,
            closed: false,
            finalized: false,
            archived: false,
            deleted: false,
            results: BTreeMap::from([(Counted::Choice(Uuid::nil()), votes)]),
        }
    }

    fn wrong_in(truth: &Counts, held: &Counts) -> Vec<String> {
        match standing(truth, Some(held)) {
            Standing::Wrong { differences, .. } => differences.into_iter().map(|found| found.count).collect(),
            Standing::Right | Standing::Missing => Vec::new(),
        }
    }

    #[test]
    fn at_one_version_every_count_must_be_the_same() {
        let truth = counts(3, 7);
        assert_eq!(standing(&truth, Some(&truth)), Standing::Right);
        let choice = Counted::Choice(Uuid::nil()).to_string();
        assert_eq!(wrong_in(&truth, &counts(3, 8)), ["total", choice.as_str()]);
        assert_eq!(wrong_in(&truth, &Counts { closed: true, ..truth.clone() }), ["closed"]);
        assert_eq!(wrong_in(&truth, &Counts { finalized: true, ..truth.clone() }), ["final"]);
    }

    #[test]
    fn at_another_version_only_the_version_is_wrong() {
        let truth = counts(3, 7);
        assert_eq!(wrong_in(&truth, &counts(2, 6)), ["version"]);
        assert_eq!(wrong_in(&truth, &counts(4, 8)), ["version"]);
    }

    #[test]
    fn counts_are_missing_only_where_there_are_votes() {
        assert_eq!(standing(&counts(3, 7), None), Standing::Missing);
        assert_eq!(standing(&counts(0, 0), None), Standing::Right);
    }
}
