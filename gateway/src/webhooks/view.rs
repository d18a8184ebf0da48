//! A webhook as the poll's creator sees it.

use chrono::{DateTime, Utc};
use pollster_shared::webhooks::Webhook;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// What is called when a poll reaches a milestone, and when its results are final.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Webhook)]
pub(super) struct WebhookView {
    webhook_id: Uuid,
    /// What is called.
    url: String,
    created_at: DateTime<Utc>,
    /// What calls are signed with; only in the answer that makes the webhook.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    secret: Option<String>,
}

impl WebhookView {
    /// The webhook, with its secret where it is just made.
    pub(super) fn new(webhook: Webhook, secret: Option<String>) -> Self {
        let Webhook { webhook_id, url, created_at } = webhook;
        Self { webhook_id, url, created_at, secret }
    }
}
