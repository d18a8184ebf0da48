//! What an account was told.

use chrono::{DateTime, Utc};
use diesel::{ExpressionMethods, JoinOnDsl, NullableExpressionMethods, QueryDsl, QueryResult, Queryable};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::schema::{notifications as table, polls};

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
