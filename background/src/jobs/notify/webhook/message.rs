//! What a receiver is sent: a body that is the same at every attempt, and headers that prove it is ours.

use bytes::Bytes;
use chrono::{DateTime, Utc};
use http_body_util::Full;
use hyper::Request;
use hyper::header::{CONTENT_TYPE, USER_AGENT};
use pollster_shared::notifications::deliveries::{Delivery, WebhookTarget};
use pollster_shared::webhooks::Target;
use serde::Serialize;
use standardwebhooks::{
    HEADER_WEBHOOK_ID, HEADER_WEBHOOK_SIGNATURE, HEADER_WEBHOOK_TIMESTAMP, Webhook, WebhookError,
};

#[derive(Serialize)]
struct Body<'a> {
    r#type: &'a str,
    /// When it happened.
    timestamp: DateTime<Utc>,
    data: &'a serde_json::Value,
}

/// Why a call can't be written.
#[derive(Debug, thiserror::Error)]
pub(super) enum MessageError {
    #[error(transparent)]
    Body(#[from] serde_json::Error),
    #[error(transparent)]
    Signature(#[from] WebhookError),
    #[error(transparent)]
    Request(#[from] hyper::http::Error),
}

/// The call, signed now.
pub(super) fn request(
    delivery: &Delivery,
    webhook: &WebhookTarget,
    target: &Target,
) -> Result<Request<Full<Bytes>>, MessageError> {
    let notification = &delivery.notification;
    let body =
        Body { r#type: &notification.r#type, timestamp: notification.created_at, data: &delivery.data };
    let body = serde_json::to_vec(&body)?;
    // The same at every attempt, and another at every webhook: receivers drop what they got before by it.
    let id = format!("msg_{}_{}", notification.notification_id.simple(), webhook.webhook_id.simple());
    let timestamp = Utc::now().timestamp();
    let signature = Webhook::from_bytes(webhook.secret.clone())?.sign(&id, timestamp, &body)?;
    let request = Request::post(target.uri().clone())
        .header(CONTENT_TYPE, "application/json")
        .header(USER_AGENT, "Pollster")
        .header(HEADER_WEBHOOK_ID, id)
        .header(HEADER_WEBHOOK_TIMESTAMP, timestamp)
        .header(HEADER_WEBHOOK_SIGNATURE, signature)
        .body(Full::from(body))?;
    Ok(request)
}
