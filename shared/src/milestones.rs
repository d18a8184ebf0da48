//! Milestones: a poll's responses have reached a number that is worth telling its creator of.
//!
//! The commit that crosses a threshold records it, with a unique key: once a poll and threshold, also where votes
//! are revoked and the poll crosses it again. From there it becomes a notification, in one transaction with the
//! note that it did.

mod thresholds;

use std::time::Duration;

use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, BigInt, Nullable, Text, Uuid as SqlUuid};
use diesel::{ExpressionMethods, JoinOnDsl, OptionalExtension, QueryDsl, QueryResult};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use crate::database::statement;
use crate::queues::MilestoneCrossed;
use crate::schema::{milestones, polls};

pub use thresholds::{MAX_THRESHOLDS, THRESHOLD, Thresholds};

/// The installation's milestones.
#[derive(Debug, Clone, clap::Args)]
pub struct MilestoneConfig {
    /// Numbers of responses that are milestones of polls that set none of their own; none if empty
    #[arg(long, env = "MILESTONES", default_value = "100,1000,10000,100000,1000000")]
    pub milestones: Thresholds,
}

/// A threshold between the responses that a poll had before a commit and those that it has after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Crossing {
    /// The poll's row.
    pub(crate) poll: i64,
    /// The poll.
    pub(crate) poll_id: Uuid,
    /// The threshold.
    pub(crate) threshold: i64,
    /// The poll's responses after the commit.
    pub(crate) total_votes: i64,
}

statement! {
    Insert {
        polls: [i64] => Array<BigInt>,
        thresholds: [i64] => Array<BigInt>,
        totals: [i64] => Array<BigInt>,
    } -> (BigInt, BigInt),
    "INSERT INTO milestones (poll, threshold, total_votes) \
     SELECT * FROM unnest(?, ?, ?) AS n (poll, threshold, total_votes) ORDER BY poll, threshold \
     ON CONFLICT DO NOTHING RETURNING poll, threshold"
}

/// Records the crossings within the caller's transaction. Returns those that are the first of their poll and
/// threshold.
pub(crate) async fn insert(
    connection: &mut AsyncPgConnection,
    crossings: &[Crossing],
) -> QueryResult<Vec<MilestoneCrossed>> {
    if crossings.is_empty() {
        return Ok(Vec::new());
    }
    let column = |value: fn(&Crossing) -> i64| crossings.iter().map(value).collect::<Vec<i64>>();
    let insert = Insert {
        polls: &column(|crossing| crossing.poll),
        thresholds: &column(|crossing| crossing.threshold),
        totals: &column(|crossing| crossing.total_votes),
    };
    let inserted: Vec<(i64, i64)> = insert.load(connection).await?;
    let is_first = |crossing: &&Crossing| inserted.contains(&(crossing.poll, crossing.threshold));
    let event = |&Crossing { poll_id, threshold, total_votes, .. }: &Crossing| MilestoneCrossed {
        poll_id,
        threshold,
        total_votes,
    };
    Ok(crossings.iter().filter(is_first).map(event).collect())
}

/// Names a milestone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MilestoneKey {
    /// The poll.
    pub poll_id: Uuid,
    /// The threshold.
    pub threshold: i64,
}

/// The oldest `limit` milestones that no notification was recorded of although they were crossed longer than `age`
/// ago.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn unrecorded(
    connection: &mut AsyncPgConnection,
    age: Duration,
    limit: usize,
) -> QueryResult<Vec<MilestoneKey>> {
    let before: DateTime<Utc> = Utc::now() - age;
    let rows: Vec<(Uuid, i64)> = milestones::table
        .inner_join(polls::table.on(milestones::poll.eq(polls::id)))
        .filter(milestones::recorded_at.is_null())
        .filter(milestones::crossed_at.lt(before))
        .filter(polls::deleted_at.is_null())
        .order(milestones::crossed_at)
        .limit(limit as i64)
        .select((polls::poll_id, milestones::threshold))
        .load(connection)
        .await?;
    Ok(rows.into_iter().map(|(poll_id, threshold)| MilestoneKey { poll_id, threshold }).collect())
}

/// A milestone, with what it takes to tell of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Milestone {
    /// The poll's row.
    pub poll: i64,
    /// The row of its creator, if it belongs to an account.
    pub creator: Option<i64>,
    /// Its title.
    pub title: String,
    /// Its responses right after the commit that crossed the threshold.
    pub total_votes: i64,
}

statement! {
    SetRecorded { poll_id: Uuid => SqlUuid, threshold: i64 => BigInt } ->
    (BigInt, Nullable<BigInt>, Text, BigInt),
    // Not the poll's row is locked meanwhile, but the milestone's alone.
    "UPDATE milestones m SET recorded_at = now() FROM polls p \
     WHERE p.id = m.poll AND p.poll_id = ? AND m.threshold = ? \
       AND m.recorded_at IS NULL AND p.deleted_at IS NULL \
     RETURNING p.id, p.creator, p.title, m.total_votes"
}

/// Notes that a notification was recorded of the milestone, within the caller's transaction, which is to record it.
/// `None` where one was recorded before, or the poll is gone.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn set_recorded(
    connection: &mut AsyncPgConnection,
    key: MilestoneKey,
) -> QueryResult<Option<Milestone>> {
    let set = SetRecorded { poll_id: &key.poll_id, threshold: &key.threshold };
    let row: Option<(i64, Option<i64>, String, i64)> = set.get_result(connection).await.optional()?;
    Ok(row.map(|(poll, creator, title, total_votes)| Milestone { poll, creator, title, total_votes }))
}
