//! `DELETE /api/v1/polls/{poll}/votes`: the voter has answered nothing then, and may vote again.

use std::time::Instant;

use super::change::allowed;
use super::receipt::{Receipt, Taken, answer};
use super::sender::Sender;
use super::submit::{self, admit, refused};
use crate::error::ApiError;
use crate::limits::Budget;
use crate::openapi::examples;
use crate::openapi::parameters::{DeviceFingerprint, IdempotencyKey, PollName};
use crate::request::Context;
use crate::response::Response;

/// Revoke a vote
///
/// Where the poll allows it: the voter has answered nothing then, and may vote again.
#[utoipa::path(
    delete, path = "/api/v1/polls/{poll}/votes", operation_id = "revokeVote", tag = "votes",
    params(PollName, IdempotencyKey, DeviceFingerprint),
    responses((status = 202, description = "Accepted.", body = Receipt, example = examples::revocation)),
    security(("voter_token" = []), ("access_token" = [])),
)]
pub(crate) async fn handle(context: Context) -> Result<Response, ApiError> {
    let started = Instant::now();
    let answered = revoke(&context).await;
    answer(&context.app, started, answered)
}

async fn revoke(context: &Context) -> Result<(Taken, Budget), ApiError> {
    let poll = context.definition().await?;
    let revoked = async {
        allowed(&poll)?;
        let sender = Sender::of(context, &poll)?;
        let budget = admit(&sender, &poll).await?;
        Ok((submit::revoke(&sender, &poll).await?, budget))
    };
    refused(&context.app, &poll, revoked.await).await
}
