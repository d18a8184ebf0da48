//! Who works on which deliveries.

use std::time::Duration;

use diesel::QueryResult;
use diesel::sql_types::{BigInt, Double, Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use super::{Channel, Delivery};
use crate::database::statement;

/// How long a claim holds: longer than an attempt may take, with the marking of what became of it.
pub const LEASE: Duration = Duration::from_secs(45);

statement! {
    Claim { lease: f64 => Double, notification_id: Uuid => SqlUuid } -> (BigInt,),
    "UPDATE deliveries SET due_at = now() + make_interval(secs => ?), given_up_at = NULL, \
         attempts = CASE WHEN given_up_at IS NULL THEN attempts + 1 ELSE 1 END \
     WHERE notification = (SELECT id FROM notifications WHERE notification_id = ?) \
       AND delivered_at IS NULL AND (due_at <= now() OR given_up_at IS NOT NULL) \
     RETURNING id"
}

statement! {
    ClaimDue { lease: f64 => Double, channel: str => Text, limit: i64 => BigInt } -> (BigInt,),
    "UPDATE deliveries SET due_at = now() + make_interval(secs => ?), attempts = attempts + 1 \
     WHERE id = ANY (ARRAY( \
         SELECT id FROM deliveries \
         WHERE channel = ? AND due_at <= now() AND delivered_at IS NULL AND given_up_at IS NULL \
         ORDER BY due_at LIMIT ? FOR UPDATE SKIP LOCKED)) \
     RETURNING id"
}

/// Claims what is due of a notification, and what was given up of it: that starts anew, with all its attempts.
///
/// # Errors
/// When PostgreSQL fails; what was claimed comes due again after the lease.
pub async fn claim(connection: &mut AsyncPgConnection, notification_id: Uuid) -> QueryResult<Vec<Delivery>> {
    let statement = Claim { lease: &LEASE.as_secs_f64(), notification_id: &notification_id };
    let claimed: Vec<(i64,)> = statement.load(connection).await?;
    load(connection, claimed).await
}

/// Claims up to `limit` deliveries of a channel that are due, the longest due first; those that are given up are not.
///
/// # Errors
/// When PostgreSQL fails; what was claimed comes due again after the lease.
pub async fn claim_due(
    connection: &mut AsyncPgConnection,
    channel: Channel,
    limit: usize,
) -> QueryResult<Vec<Delivery>> {
    let statement = ClaimDue { lease: &LEASE.as_secs_f64(), channel: channel.name(), limit: &(limit as i64) };
    let claimed: Vec<(i64,)> = statement.load(connection).await?;
    load(connection, claimed).await
}

async fn load(connection: &mut AsyncPgConnection, claimed: Vec<(i64,)>) -> QueryResult<Vec<Delivery>> {
    if claimed.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<i64> = claimed.into_iter().map(|(id,)| id).collect();
    Delivery::load(connection, &ids).await
}
