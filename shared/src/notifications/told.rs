//! What an account was told, and what of it it has read.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use diesel::dsl::now;
use diesel::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, NullableExpressionMethods, QueryDsl, QueryResult,
    Queryable,
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::channels::{AccountTopic, Publisher, Topic};
use crate::redis::RedisResult;
use crate::schema::{notifications as table, polls};
use crate::vote::HashSecret;

/// The most that are read at once.
const NEWEST: i64 = 100;

/// A notification.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Serialize, ToSchema)]
pub struct Notification {
    /// Its id.
    pub notification_id: Uuid,
    /// What it is about, for instance `milestone`.
    pub r#type: String,
    /// The poll that it is about, if any.
    #[schema(required)]
    pub poll_id: Option<Uuid>,
    /// What it says.
    pub message: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When its recipient read it.
    #[schema(required)]
    pub read_at: Option<DateTime<Utc>>,
}

/// The newest 100 notifications of the account with this id inside PostgreSQL, newest first.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn notifications(
    connection: &mut AsyncPgConnection,
    account: i64,
) -> QueryResult<Vec<Notification>> {
    table::table
        .left_join(polls::table.on(table::poll.eq(polls::id.nullable())))
        .filter(table::recipient.eq(account))
        .order(table::id.desc())
        .limit(NEWEST)
        .select((
            table::notification_id,
            table::kind,
            polls::poll_id.nullable(),
            table::message,
            table::created_at,
            table::read_at,
        ))
        .load(connection)
        .await
}

/// Notes that the account with this id inside PostgreSQL has read these notifications; when it first did so stays.
/// Returns those of them that are not the account's.
///
/// # Errors
/// When PostgreSQL fails.
pub(crate) async fn mark_read(
    connection: &mut AsyncPgConnection,
    account: i64,
    notification_ids: &[Uuid],
) -> QueryResult<HashSet<Uuid>> {
    let own = table::recipient.eq(account).and(table::notification_id.eq_any(notification_ids));
    let known: Vec<Uuid> =
        table::table.filter(own.clone()).select(table::notification_id).load(connection).await?;
    let unread = own.and(table::read_at.is_null());
    diesel::update(table::table.filter(unread)).set(table::read_at.eq(now)).execute(connection).await?;
    let known: HashSet<Uuid> = known.into_iter().collect();
    Ok(notification_ids.iter().copied().filter(|id| !known.contains(id)).collect())
}

/// Notes that the account with this id inside PostgreSQL has read all its notifications.
///
/// # Errors
/// When PostgreSQL fails.
pub(crate) async fn mark_all_read(connection: &mut AsyncPgConnection, account: i64) -> QueryResult<()> {
    let unread = table::recipient.eq(account).and(table::read_at.is_null());
    diesel::update(table::table.filter(unread)).set(table::read_at.eq(now)).execute(connection).await?;
    Ok(())
}

/// Tells whoever is signed in as the account that access tokens call `subject` of this notification now. Whoever is
/// not reads it later; told twice, it is known by its id.
///
/// # Errors
/// When Redis can't be reached.
pub async fn push(
    channels: &Publisher,
    secret: &HashSecret,
    subject: &str,
    notification: &Notification,
) -> RedisResult<()> {
    let message = serde_json::to_string(notification)
        .unwrap_or_else(|error| unreachable!("notifications are plain data: {error}"));
    channels.publish(Topic::Account(AccountTopic::new(secret, subject)), message).await
}
