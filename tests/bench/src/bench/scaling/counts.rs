//! The counts before and after a drain: the streams, PostgreSQL and Redis hold exactly what was accepted.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::time::{Duration, Instant};

use pollster_shared::keys;
use pollster_shared::redis::{Connection, RedisError, connection};
use pollster_shared::stream::{Streams, group};
use redis::AsyncCommands;
use tokio_postgres::{Client as Database, NoTls};
use uuid::Uuid;

use super::ScalingError;
use super::backlog::Backlog;
use crate::bench::run::Error;
use crate::bench::site::Site;
use crate::bench::wait::sleep;

/// What is counted is published and acknowledged so soon.
const PATIENCE: Duration = Duration::from_secs(20);
const STEP: Duration = Duration::from_millis(20);

const TALLIES: &str = "SELECT c.choice_id, t.votes FROM choice_tallies t \
    JOIN choices c ON c.question = t.question AND c.position = t.position WHERE t.votes <> 0";
const RESPONSES: &str = "SELECT c.choice_id, count(*) FROM responses r \
    JOIN choices c ON c.question = r.question AND (r.choices >> c.position::int) & 1 = 1 GROUP BY 1";

/// Votes by choice, of those that have any.
type Counts = BTreeMap<Uuid, u64>;

/// What all vote streams hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Left {
    unread: u64,
    pending: u64,
}

impl fmt::Display for Left {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} entries that nobody has read and {} that are pending", self.unread, self.pending)
    }
}

impl Left {
    const NOTHING: Self = Self { unread: 0, pending: 0 };

    async fn of(redis: &mut Connection) -> Result<Self, RedisError> {
        let mut ask = redis::pipe();
        for shard in Streams::Votes.shards() {
            ask.exists(Streams::Votes.key(shard));
        }
        let exist: Vec<bool> = ask.query_async(redis).await?;
        let shards: Vec<u16> = Streams::Votes
            .shards()
            .zip(exist)
            .filter_map(|(shard, exists)| exists.then_some(shard))
            .collect();
        let backlogs = group::backlog(redis, Streams::Votes, &shards).await?;
        let sum = |left: Self, backlog: group::Backlog| Self {
            unread: left.unread + backlog.lag,
            pending: left.pending + backlog.pending,
        };
        Ok(backlogs.into_iter().fold(Self::NOTHING, sum))
    }
}

/// Fails unless exactly so many votes wait, all of them unread.
pub(super) async fn check_waiting(site: &Site<'_>, votes: u32) -> Result<(), Error> {
    let left = Left::of(&mut connection(&site.redis_url())?).await?;
    if left == (Left { unread: u64::from(votes), pending: 0 }) {
        return Ok(());
    }
    Err(ScalingError::NotWaiting { votes, left }.into())
}

/// Fails unless nothing waits any more, and every place that counts holds what was accepted.
pub(super) async fn check_counted(site: &Site<'_>, backlog: &Backlog) -> Result<(), Error> {
    let mut redis = connection(&site.redis_url())?;
    wait_until_empty(&mut redis).await?;
    let (database, connection) = tokio_postgres::connect(&site.database_url(), NoTls).await?;
    // What ends it is seen by the statement that it carries.
    tokio::spawn(connection);
    for (place, counts) in [
        ("the responses in PostgreSQL", of_database(&database, RESPONSES).await?),
        ("the tallies in PostgreSQL", of_database(&database, TALLIES).await?),
        ("the counts in Redis", of_redis(&mut redis, &backlog.polls).await?),
    ] {
        if counts != backlog.accepted {
            return Err(ScalingError::Miscounted(place).into());
        }
    }
    Ok(())
}

async fn wait_until_empty(redis: &mut Connection) -> Result<(), Error> {
    let start = Instant::now();
    loop {
        match Left::of(redis).await? {
            Left::NOTHING => return Ok(()),
            left if start.elapsed() > PATIENCE => return Err(ScalingError::Left(left).into()),
            _ => sleep(STEP).await?,
        }
    }
}

async fn of_database(database: &Database, statement: &str) -> Result<Counts, tokio_postgres::Error> {
    let rows = database.query(statement, &[]).await?;
    Ok(rows.iter().map(|row| (row.get(0), row.get::<_, i64>(1) as u64)).collect())
}

async fn of_redis(redis: &mut Connection, polls: &[Uuid]) -> Result<Counts, RedisError> {
    let mut counts = Counts::new();
    for poll in polls {
        let fields: HashMap<String, u64> = redis.hgetall(keys::counts(*poll)).await?;
        let of_choices = fields
            .iter()
            .filter(|(_, votes)| **votes > 0)
            .filter_map(|(name, votes)| Some((name.strip_prefix("choice:")?.parse::<Uuid>().ok()?, *votes)));
        counts.extend(of_choices);
    }
    Ok(counts)
}
