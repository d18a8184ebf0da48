//! `POST /api/v1/polls/{poll}/webhooks`

use hyper::StatusCode;
use pollster_shared::database::DatabaseError;
use pollster_shared::poll::FieldError;
use pollster_shared::webhooks::{self, MAX_A_POLL, Secret, Target};
use serde::Deserialize;
use utoipa::ToSchema;

use super::view::WebhookView;
use crate::error::ApiError;
use crate::guard;
use crate::openapi::examples;
use crate::openapi::parameters::PollName;
use crate::polls::manager;
use crate::request::Context;
use crate::response::{Response, json};

/// More than the longest valid URL takes.
const MAX_BODY: usize = 16 * 1024;

/// A webhook to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct WebhookDraft {
    /// What is called: `https`, on a public address, any port.
    url: String,
}

/// Make a webhook
///
/// From now on `url` is called when the poll reaches a milestone and when its results are final: a POST of
/// `{"type", "timestamp", "data"}`, `type` being `milestone` or `poll_closed`. Calls follow Standard Webhooks 1.0
/// (standardwebhooks.com): verify `webhook-signature` with the `secret`, which is told only here, and drop what comes
/// again under the same `webhook-id`. Answer 2xx within 15 seconds; anything else is tried again for about a day, but
/// for 410. Redirects are not followed. A poll has at most 10; the same URL may be given twice, for instance to change
/// its secret.
#[utoipa::path(
    post, path = "/api/v1/polls/{poll}/webhooks", operation_id = "createWebhook", tag = "webhooks",
    params(PollName),
    request_body(content = WebhookDraft, example = examples::webhook_draft),
    responses((status = 201, description = "The webhook.", body = WebhookView, example = examples::created_webhook)),
    security(("access_token" = []), ("manage_token" = [])),
)]
pub(crate) async fn handle(mut context: Context) -> Result<Response, ApiError> {
    let draft: WebhookDraft = context.json(MAX_BODY).await?;
    let poll = context.poll().await?;
    manager::require(&context, &poll).await?;
    let target = Target::parse(&draft.url, &context.app.config.webhooks.webhook_allowed_networks);
    let target = target.map_err(|error| invalid(&error.to_string()))?;
    let secret = Secret::random();
    let text = secret.text();
    let app = context.app.clone();
    // A client that hangs up must not leave a transaction half-way.
    let created = guard::finish(context.place, async move {
        let mut connection = app.pool.get().await.map_err(DatabaseError::from)?;
        let created = webhooks::create(&mut connection, poll.id, &target, &secret).await;
        Ok::<_, ApiError>(created.map_err(DatabaseError::from)?)
    });
    let webhook = created.await?;
    let webhook =
        webhook.ok_or_else(|| invalid(&format!("is one too many: a poll has at most {MAX_A_POLL}")))?;
    Ok(json(StatusCode::CREATED, &WebhookView::new(webhook, Some(text))))
}

fn invalid(detail: &str) -> ApiError {
    ApiError::InvalidWebhook(vec![FieldError::new("url", detail)])
}
