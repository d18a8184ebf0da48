//! `DELETE /api/v1/polls/{poll}/webhooks/{webhook_id}`

use hyper::StatusCode;
use pollster_shared::database::DatabaseError;
use pollster_shared::webhooks;

use crate::error::ApiError;
use crate::openapi::parameters::{PollName, WebhookId};
use crate::polls::manager;
use crate::request::Context;
use crate::response::{Response, empty};

/// Remove a webhook
///
/// It is not called any more, nor is what it missed tried again.
#[utoipa::path(
    delete, path = "/api/v1/polls/{poll}/webhooks/{webhook_id}", operation_id = "deleteWebhook", tag = "webhooks",
    params(PollName, WebhookId),
    responses((status = 204, description = "It is gone.")),
    security(("access_token" = []), ("manage_token" = [])),
)]
pub(crate) async fn handle(context: Context) -> Result<Response, ApiError> {
    let poll = context.poll().await?;
    manager::require(&context, &poll).await?;
    let webhook_id = context.id("webhook_id").ok_or(ApiError::WebhookNotFound)?;
    let mut connection = context.app.pool.get().await.map_err(DatabaseError::from)?;
    let removed =
        webhooks::remove(&mut connection, poll.id, webhook_id).await.map_err(DatabaseError::from)?;
    if removed { Ok(empty(StatusCode::NO_CONTENT)) } else { Err(ApiError::WebhookNotFound) }
}
