//! `DELETE /api/v1/polls/{poll}/votes`: the voter has answered nothing then, and may vote again.

use std::time::Instant;

use pollster_shared::vote::{Ballot, Kind};

use super::cast::{admit, make_cast, take};
use super::change::allowed;
use super::receipt::{Receipt, Taken, answer};
use crate::error::ApiError;
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

async fn revoke(context: &Context) -> Result<Taken, ApiError> {
    let poll = context.poll().await?;
    allowed(&poll)?;
    let (voter, budget) = admit(context, &poll).await?;
    let cast = make_cast(context, &poll, voter, Kind::Revoke, Ballot::empty(poll.questions.len()))?;
    take(context, &poll, &cast, budget).await
}
