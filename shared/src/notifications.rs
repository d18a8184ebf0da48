//! Notifications: recorded once an event, then delivered on every way that their recipient chose.

mod choices;
pub mod deliveries;
mod told;
mod wording;

use diesel::sql_types::{BigInt, Text};
use diesel::{
    ExpressionMethods, Insertable, IntoSql, NullableExpressionMethods, OptionalExtension, QueryDsl,
    QueryResult,
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

pub use told::{Notification, notifications, push};
pub(crate) use told::{mark_all_read, mark_read};
pub use wording::grouped;

use crate::schema::{deliveries as rows, notifications as table, webhooks};
use deliveries::Channel;

/// The kind of a crossed threshold's notification.
pub const MILESTONE: &str = "milestone";
/// The kind of a closed poll's notification.
pub const POLL_CLOSED: &str = "poll_closed";
/// The kind of a digest.
pub const DIGEST: &str = "digest";
/// The kind of a nudge.
pub const NUDGE: &str = "nudge";

/// What is to be recorded.
#[derive(Debug, Clone)]
pub struct NewNotification<'a> {
    /// What happened, for instance `milestone:<poll_id>:100`: recorded once, however often it is told.
    pub event: String,
    /// Its type: `milestone`, `poll_closed`, `digest`, `nudge`.
    pub kind: &'static str,
    /// The row of the poll that it is about, if any; its webhooks hear of it.
    pub poll: Option<i64>,
    /// The row of the account that it is for; of nobody where only webhooks are to hear of it.
    pub recipient: Option<i64>,
    /// What it says, as a sentence.
    pub message: &'a str,
    /// What webhooks are told.
    pub data: serde_json::Value,
}

/// Records a notification with a delivery for every way in which it is to be told, within the caller's
/// transaction. Returns its id, `None` where this event was recorded before.
///
/// A recipient who does not want its kind is none: it is then recorded for nobody, and webhooks alone hear of it.
///
/// # Errors
/// When PostgreSQL fails, also where recipient or poll are removed at the same time.
pub async fn record(
    connection: &mut AsyncPgConnection,
    new: &NewNotification<'_>,
) -> QueryResult<Option<Uuid>> {
    let told = choices::told(connection, new.recipient, new.kind).await?;
    let recipient = new.recipient.filter(|_| !told.is_empty());
    let notification_id = Uuid::now_v7();
    let inserted: Option<i64> = diesel::insert_into(table::table)
        .values((
            table::notification_id.eq(notification_id),
            table::event.eq(&new.event),
            table::kind.eq(new.kind),
            table::poll.eq(new.poll),
            table::recipient.eq(recipient),
            table::message.eq(new.message),
            table::data.eq(&new.data),
        ))
        .on_conflict(table::event)
        .do_nothing()
        .returning(table::id)
        .get_result(connection)
        .await
        .optional()?;
    let Some(notification) = inserted else { return Ok(None) };
    tell_recipient(connection, notification, &told).await?;
    if let Some(poll) = new.poll {
        tell_webhooks(connection, notification, poll).await?;
    }
    Ok(Some(notification_id))
}

/// Adds the deliveries to the recipient.
async fn tell_recipient(
    connection: &mut AsyncPgConnection,
    notification: i64,
    channels: &[Channel],
) -> QueryResult<()> {
    let delivery =
        |channel: &Channel| (rows::notification.eq(notification), rows::channel.eq(channel.name()));
    let deliveries: Vec<_> = channels.iter().map(delivery).collect();
    diesel::insert_into(rows::table).values(deliveries).execute(connection).await?;
    Ok(())
}

/// Adds a delivery to each webhook that the poll has now.
async fn tell_webhooks(connection: &mut AsyncPgConnection, notification: i64, poll: i64) -> QueryResult<()> {
    webhooks::table
        .filter(webhooks::poll.eq(poll))
        .select((
            notification.into_sql::<BigInt>(),
            Channel::Webhook.name().into_sql::<Text>(),
            webhooks::id.nullable(),
        ))
        .insert_into(rows::table)
        .into_columns((rows::notification, rows::channel, rows::webhook))
        .execute(connection)
        .await?;
    Ok(())
}
