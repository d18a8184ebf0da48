//! Notifications that were recorded, on their way to those who deliver them.

use diesel_async::{AsyncConnection, AsyncPgConnection};
use pollster_shared::notifications::{self, NewNotification};
use pollster_shared::queues::{Notify, enqueue};
use uuid::Uuid;

use super::{Context, JobError};

/// Records a notification by itself, and has it delivered; `false` where its event was recorded before.
///
/// # Errors
/// When PostgreSQL fails.
pub(super) async fn record(
    context: &Context,
    connection: &mut AsyncPgConnection,
    new: &NewNotification<'_>,
) -> Result<bool, JobError> {
    let recorded = connection.transaction(async |connection| notifications::record(connection, new).await);
    let Some(notification_id) = recorded.await? else { return Ok(false) };
    deliver(context, notification_id).await;
    Ok(true)
}

/// Says to those who deliver that a notification was recorded. What they don't hear of, their sweep finds.
pub(super) async fn deliver(context: &Context, notification_id: Uuid) {
    if let Err(error) = enqueue(&mut context.streams.clone(), &Notify { notification_id }).await {
        tracing::warn!(%notification_id, %error, "a notification is delivered later");
    }
}
