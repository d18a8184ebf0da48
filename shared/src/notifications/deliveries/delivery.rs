//! A delivery with all that it takes to make it.

use std::fmt;

use chrono::{DateTime, Utc};
use diesel::{ExpressionMethods, JoinOnDsl, NullableExpressionMethods, QueryDsl, QueryResult, Queryable};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use super::super::Notification;
use super::Channel;
use crate::schema::{deliveries as table, notifications, polls, users, webhooks};

/// A delivery that was claimed.
#[derive(Debug, Clone, Queryable)]
pub struct Delivery {
    /// Its row.
    pub id: i64,
    /// Which attempt this is, from 1.
    pub attempt: i32,
    /// How it is told.
    #[diesel(deserialize_as = String)]
    pub channel: Channel,
    /// What is to be told.
    pub notification: Notification,
    /// What webhooks are told of it.
    pub data: serde_json::Value,
    /// The poll that it is about, if any.
    pub poll: Option<AboutPoll>,
    /// Whom it is for; nobody where webhooks alone hear of it.
    pub recipient: Option<Recipient>,
    /// What is to be called.
    pub webhook: Option<WebhookTarget>,
}

/// What is told of the poll.
#[derive(Debug, Clone, Queryable)]
pub struct AboutPoll {
    /// The short name in links.
    pub slug: String,
    /// Its title.
    pub title: String,
}

/// Whom a notification is for.
#[derive(Clone, Queryable)]
pub struct Recipient {
    /// The row of the account.
    pub account: i64,
    /// What access tokens call it.
    pub subject: String,
    /// Its username; none where an identity provider keeps it.
    pub username: Option<String>,
    email: Option<String>,
    verified_at: Option<DateTime<Utc>>,
    notify_email: bool,
}

impl Recipient {
    /// The address that takes mails: a verified one, of an account that wants them.
    pub fn email(&self) -> Option<&str> {
        self.email.as_deref().filter(|_| self.verified_at.is_some() && self.notify_email)
    }
}

/// Without the address: it is there to be logged.
impl fmt::Debug for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recipient").field("account", &self.account).finish_non_exhaustive()
    }
}

/// A webhook that is to be called.
#[derive(Clone, Queryable)]
pub struct WebhookTarget {
    /// Its id.
    pub webhook_id: Uuid,
    /// What is called.
    pub url: String,
    /// What the call is signed with.
    pub secret: Vec<u8>,
}

/// Without the secret, and the URL, which may hold another.
impl fmt::Debug for WebhookTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebhookTarget").field("webhook_id", &self.webhook_id).finish_non_exhaustive()
    }
}

impl Delivery {
    /// Those of these rows.
    pub(super) async fn load(connection: &mut AsyncPgConnection, ids: &[i64]) -> QueryResult<Vec<Self>> {
        table::table
            .inner_join(notifications::table.on(table::notification.eq(notifications::id)))
            .left_join(polls::table.on(notifications::poll.eq(polls::id.nullable())))
            .left_join(users::table.on(notifications::recipient.eq(users::id.nullable())))
            .left_join(webhooks::table.on(table::webhook.eq(webhooks::id.nullable())))
            .filter(table::id.eq_any(ids))
            .select((
                table::id,
                table::attempts,
                table::channel,
                (
                    notifications::notification_id,
                    notifications::kind,
                    polls::poll_id.nullable(),
                    notifications::message,
                    notifications::created_at,
                    notifications::read_at,
                ),
                notifications::data,
                (polls::slug, polls::title).nullable(),
                (
                    users::id,
                    users::subject,
                    users::username,
                    users::email,
                    users::verified_at,
                    users::notify_email,
                )
                    .nullable(),
                (webhooks::webhook_id, webhooks::url, webhooks::secret).nullable(),
            ))
            .load(connection)
            .await
    }
}
