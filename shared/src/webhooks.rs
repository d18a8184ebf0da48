//! Webhooks: URLs that a poll's creator has called on milestones and at the end, as Standard Webhooks 1.0 says
//! (<https://www.standardwebhooks.com>).

mod address;
mod config;
mod secret;
mod target;

use chrono::{DateTime, Utc};
use diesel::{ExpressionMethods, QueryDsl, QueryResult, Queryable, Selectable, SelectableHelper};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

pub use config::WebhookConfig;
pub use secret::Secret;
pub use target::{InvalidTarget, Target};

use crate::schema::{polls, webhooks};

/// The most that a poll may have.
pub const MAX_A_POLL: i64 = 10;

/// A webhook, without its secret.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = webhooks)]
pub struct Webhook {
    /// Its id outside.
    pub webhook_id: Uuid,
    /// What is called.
    pub url: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

/// Adds a webhook to the poll of this row; `None` where it has as many as it may.
///
/// # Errors
/// When PostgreSQL fails, or the poll is gone.
pub async fn create(
    connection: &mut AsyncPgConnection,
    poll: i64,
    target: &Target,
    secret: &Secret,
) -> QueryResult<Option<Webhook>> {
    connection
        .transaction(async |connection| {
            // One at a time a poll, so that the count holds.
            polls::table.find(poll).select(polls::id).for_no_key_update().first::<i64>(connection).await?;
            let those = webhooks::table.filter(webhooks::poll.eq(poll));
            if those.count().get_result::<i64>(connection).await? >= MAX_A_POLL {
                return Ok(None);
            }
            let insert = diesel::insert_into(webhooks::table).values((
                webhooks::webhook_id.eq(Uuid::now_v7()),
                webhooks::poll.eq(poll),
                webhooks::url.eq(target.url()),
                webhooks::secret.eq(secret.bytes()),
            ));
            insert.returning(Webhook::as_returning()).get_result(connection).await.map(Some)
        })
        .await
}

/// The webhooks of the poll of this row, oldest first.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn list(connection: &mut AsyncPgConnection, poll: i64) -> QueryResult<Vec<Webhook>> {
    webhooks::table
        .filter(webhooks::poll.eq(poll))
        .order(webhooks::id)
        .select(Webhook::as_select())
        .load(connection)
        .await
}

/// Removes a webhook of the poll of this row, with what was still to be delivered to it; `false` where there is none
/// of this id.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn remove(connection: &mut AsyncPgConnection, poll: i64, webhook_id: Uuid) -> QueryResult<bool> {
    let webhook = webhooks::table.filter(webhooks::poll.eq(poll)).filter(webhooks::webhook_id.eq(webhook_id));
    Ok(diesel::delete(webhook).execute(connection).await? == 1)
}
