//! The polls that are to be archived. Who works on one holds it by a lease: it is not due for others until the lease
//! ends, which it is kept from for as long as the work goes on. The lease's end is also what tells it from later ones.

use std::time::Duration;

use chrono::{DateTime, Utc};
use diesel::dsl::now;
use diesel::sql_types::{BigInt, Double, Integer, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, QueryResult};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use crate::database::statement;
use crate::schema::archivals;

/// How long a lease lasts unless it is renewed: a poll whose worker died is taken over after that.
pub const LEASE: Duration = Duration::from_secs(10);

/// A poll that is being archived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lease {
    /// The poll's row.
    pub poll: i64,
    /// The poll.
    pub poll_id: Uuid,
    /// How often in a row archiving it has failed.
    pub failures: i32,
    ends_at: DateTime<Utc>,
}

type Row = (BigInt, SqlUuid, Integer, Timestamptz);
type Loaded = (i64, Uuid, i32, DateTime<Utc>);

statement! {
    Claim { seconds: f64 => Double } -> Row,
    "UPDATE archivals a SET due_at = now() + make_interval(secs => ?) FROM polls p \
     WHERE p.id = a.poll AND a.poll = ( \
        SELECT poll FROM archivals WHERE due_at <= now() ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED \
     ) RETURNING a.poll, p.poll_id, a.attempts, a.due_at"
}

statement! {
    Take { seconds: f64 => Double, poll: i64 => BigInt } -> Row,
    "INSERT INTO archivals AS a (poll, due_at) \
     SELECT id, now() + make_interval(secs => ?) FROM polls WHERE id = ? \
     ON CONFLICT (poll) DO UPDATE SET due_at = excluded.due_at \
     RETURNING a.poll, (SELECT poll_id FROM polls WHERE id = a.poll), a.attempts, a.due_at"
}

statement! {
    Renew { seconds: f64 => Double, poll: i64 => BigInt, ends_at: DateTime<Utc> => Timestamptz } -> (Timestamptz,),
    "UPDATE archivals SET due_at = now() + make_interval(secs => ?) WHERE poll = ? AND due_at = ? \
     RETURNING due_at"
}

statement! {
    PutOff {
        seconds: f64 => Double,
        attempts: i32 => Integer,
        reason: str => Text,
        poll: i64 => BigInt,
        ends_at: DateTime<Utc> => Timestamptz,
    } -> (),
    "UPDATE archivals SET due_at = now() + make_interval(secs => ?), attempts = ?, error = nullif(?, '') \
     WHERE poll = ? AND due_at = ?"
}

/// A lease on the poll that has been due the longest, `None` where none is due.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn claim(connection: &mut AsyncPgConnection) -> QueryResult<Option<Lease>> {
    let claim = Claim { seconds: &LEASE.as_secs_f64() };
    let row: Option<Loaded> = claim.get_result(connection).await.optional()?;
    Ok(row.map(lease))
}

/// A lease on this poll, whether it is due or not; who holds it loses it.
///
/// # Errors
/// When PostgreSQL fails, or the poll is gone.
pub async fn take(connection: &mut AsyncPgConnection, poll: i64) -> QueryResult<Lease> {
    let take = Take { seconds: &LEASE.as_secs_f64(), poll: &poll };
    Ok(lease(take.get_result(connection).await?))
}

fn lease((poll, poll_id, failures, ends_at): Loaded) -> Lease {
    Lease { poll, poll_id, failures, ends_at }
}

impl Lease {
    /// Renews it. Returns whether it was still held.
    ///
    /// # Errors
    /// When PostgreSQL fails.
    pub async fn renew(&mut self, connection: &mut AsyncPgConnection) -> QueryResult<bool> {
        let renew = Renew { seconds: &LEASE.as_secs_f64(), poll: &self.poll, ends_at: &self.ends_at };
        let renewed: Option<(DateTime<Utc>,)> = renew.get_result(connection).await.optional()?;
        if let Some((ends_at,)) = renewed {
            self.ends_at = ends_at;
        }
        Ok(renewed.is_some())
    }

    /// Gives it back: the poll is due again after `delay`. `reason` says why it is not archived yet, nothing where
    /// the work was only interrupted. A lease that was lost changes nothing.
    ///
    /// # Errors
    /// When PostgreSQL fails; the lease ends by itself then.
    pub async fn put_off(
        &self,
        connection: &mut AsyncPgConnection,
        delay: Duration,
        failures: i32,
        reason: &str,
    ) -> QueryResult<()> {
        let put_off = PutOff {
            seconds: &delay.as_secs_f64(),
            attempts: &failures,
            reason,
            poll: &self.poll,
            ends_at: &self.ends_at,
        };
        put_off.execute(connection).await?;
        Ok(())
    }
}

/// Adds a poll that is due at once.
pub(super) async fn add(connection: &mut AsyncPgConnection, poll: i64) -> QueryResult<()> {
    let row = (archivals::poll.eq(poll), archivals::due_at.eq(now));
    let insert = diesel::insert_into(archivals::table).values(row).on_conflict_do_nothing();
    insert.execute(connection).await?;
    Ok(())
}

/// Takes a poll off: it is archived, or gone.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn remove(connection: &mut AsyncPgConnection, poll: i64) -> QueryResult<()> {
    diesel::delete(archivals::table.filter(archivals::poll.eq(poll))).execute(connection).await?;
    Ok(())
}
