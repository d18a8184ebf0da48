//! Parameters that more than one operation takes. Handlers read them by hand; these types say what they read.
#![allow(dead_code, reason = "they are never made: their attributes are what counts")]

use utoipa::IntoParams;
use uuid::Uuid;

/// The poll of a path.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct PollName {
    /// The poll's id or slug.
    #[param(example = "k7m2xq4w")]
    poll: String,
}

/// The vote of a path.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct VoteId {
    /// The id that the vote's answer gave.
    #[param(example = "01983c60-1f3e-7b52-8c11-3c9a4b7d0f10")]
    vote_id: Uuid,
}

/// The webhook of a path.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct WebhookId {
    /// The id that making it gave.
    #[param(example = "01983c66-3e52-7a1c-b0d4-6f2e8a1c5d01")]
    webhook_id: Uuid,
}

/// The key that makes a request safe to send again.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
pub(crate) struct IdempotencyKey {
    /// Makes the vote safe to send again: the same key gets the first answer again. Any string that this voter
    /// uses for this ballot alone.
    #[param(
        rename = "Idempotency-Key",
        min_length = 1,
        max_length = 64,
        example = "ballot-1",
        required = false
    )]
    idempotency_key: String,
}

/// The device that an account votes from.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
pub(crate) struct DeviceFingerprint {
    /// Where accounts vote: whatever tells this device from others. From too many devices an account may not vote.
    #[param(
        rename = "X-Device-Fingerprint",
        min_length = 1,
        max_length = 128,
        example = "3f9c",
        required = false
    )]
    x_device_fingerprint: String,
}

/// The last event of a stream that broke off.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
pub(crate) struct LastEventId {
    /// The `id` of the last event that you were sent: only what is newer comes. `EventSource` sends it by itself.
    #[param(rename = "Last-Event-ID", example = "12", required = false)]
    last_event_id: String,
}

/// The tag of an answer that the client holds.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
pub(crate) struct IfNoneMatch {
    /// The `ETag` of the answer that you hold: 304 if it is still the same.
    #[param(rename = "If-None-Match", example = "\"12-1\"", required = false)]
    if_none_match: String,
}
