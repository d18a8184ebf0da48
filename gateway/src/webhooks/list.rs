//! `GET /api/v1/polls/{poll}/webhooks`

use hyper::StatusCode;
use pollster_shared::database::DatabaseError;
use pollster_shared::webhooks;
use serde::Serialize;
use utoipa::ToSchema;

use super::view::WebhookView;
use crate::error::ApiError;
use crate::openapi::examples;
use crate::openapi::parameters::PollName;
use crate::polls::manager;
use crate::request::Context;
use crate::response::{Response, json};

/// The webhooks of a poll.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Webhooks)]
struct WebhooksView {
    /// Oldest first.
    webhooks: Vec<WebhookView>,
}

/// List a poll's webhooks
///
/// Without their secrets.
#[utoipa::path(
    get, path = "/api/v1/polls/{poll}/webhooks", operation_id = "listWebhooks", tag = "webhooks",
    params(PollName),
    responses((status = 200, description = "All of them.", body = WebhooksView, example = examples::webhooks)),
    security(("access_token" = []), ("manage_token" = [])),
)]
pub(crate) async fn handle(context: Context) -> Result<Response, ApiError> {
    let poll = context.poll().await?;
    manager::require(&context, &poll).await?;
    let mut connection = context.app.pool.get().await.map_err(DatabaseError::from)?;
    let webhooks = webhooks::list(&mut connection, poll.id).await.map_err(DatabaseError::from)?;
    let webhooks = webhooks.into_iter().map(|webhook| WebhookView::new(webhook, None)).collect();
    Ok(json(StatusCode::OK, &WebhooksView { webhooks }))
}
