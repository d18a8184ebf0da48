//! What became of an attempt.
//!
//! A failure is marked by the newest claim alone: an attempt that outlasted its lease says nothing about the one that
//! was made meanwhile. Success is success, whoever had it.

use std::time::Duration;

use chrono::{DateTime, Utc};
use diesel::dsl::now;
use diesel::sql_types::{Array, BigInt, Double, Integer, Nullable, Text, Timestamptz};
use diesel::{ExpressionMethods, IntoSql, QueryDsl, QueryResult};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use super::Delivery;
use crate::database::statement;
use crate::schema::deliveries as table;

/// It was delivered: nobody works on it again.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn delivered(connection: &mut AsyncPgConnection, delivery: &Delivery) -> QueryResult<()> {
    diesel::update(table::table.find(delivery.id))
        .set((
            table::delivered_at.eq(now.into_sql::<Nullable<Timestamptz>>()),
            table::given_up_at.eq(None::<DateTime<Utc>>),
            table::error.eq(None::<String>),
        ))
        .execute(connection)
        .await?;
    Ok(())
}

statement! {
    Failed { pause: f64 => Double, error: str => Text, id: i64 => BigInt, attempts: i32 => Integer } -> (),
    "UPDATE deliveries SET due_at = now() + random() * make_interval(secs => ?), error = ? \
     WHERE id = ? AND attempts = ? AND delivered_at IS NULL"
}

/// It failed, and comes due again after a random part of `longest_pause`, so that what failed together does not come
/// back together (full jitter: <https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/>).
///
/// # Errors
/// When PostgreSQL fails.
pub async fn failed(
    connection: &mut AsyncPgConnection,
    delivery: &Delivery,
    error: &str,
    longest_pause: Duration,
) -> QueryResult<()> {
    let pause = &longest_pause.as_secs_f64();
    Failed { pause, error, id: &delivery.id, attempts: &delivery.attempt }.execute(connection).await?;
    Ok(())
}

/// It failed for the last time.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn given_up(
    connection: &mut AsyncPgConnection,
    delivery: &Delivery,
    error: &str,
) -> QueryResult<()> {
    let claimed = table::table.find(delivery.id).filter(table::attempts.eq(delivery.attempt));
    diesel::update(claimed.filter(table::delivered_at.is_null()))
        .set((table::given_up_at.eq(now.into_sql::<Nullable<Timestamptz>>()), table::error.eq(error)))
        .execute(connection)
        .await?;
    Ok(())
}

/// It is not to be delivered any more: its recipient does not want to be told in this way.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn withdrawn(connection: &mut AsyncPgConnection, delivery: &Delivery) -> QueryResult<()> {
    diesel::delete(table::table.find(delivery.id)).execute(connection).await?;
    Ok(())
}

statement! {
    PutOff { pause: f64 => Double, ids: [i64] => Array<BigInt> } -> (),
    "UPDATE deliveries SET due_at = now() + (0.5 + random()) * make_interval(secs => ?), attempts = attempts - 1 \
     WHERE id = ANY(?) AND delivered_at IS NULL"
}

/// No attempt was made at these: they come due again after about `pause`.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn put_off(connection: &mut AsyncPgConnection, ids: &[i64], pause: Duration) -> QueryResult<()> {
    PutOff { pause: &pause.as_secs_f64(), ids }.execute(connection).await?;
    Ok(())
}
