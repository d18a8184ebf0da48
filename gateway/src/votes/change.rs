//! `PUT /api/v1/polls/{poll}/votes`: the ballot takes the place of what the voter answered before; questions
//! that it leaves out stay as they are.

use std::time::Instant;

use pollster_shared::poll::Poll;
use pollster_shared::vote::Kind;

use super::ballot::VoteBody;
use super::cast::vote;
use super::receipt::{Receipt, Taken, answer};
use super::submit::refused;
use crate::error::ApiError;
use crate::limits::Budget;
use crate::openapi::examples;
use crate::openapi::parameters::{DeviceFingerprint, IdempotencyKey, PollName};
use crate::request::Context;
use crate::response::Response;

/// Change a vote
///
/// Where the poll allows it: what is answered here takes the place of what was answered before, and questions left
/// out stay as they are.
#[utoipa::path(
    put, path = "/api/v1/polls/{poll}/votes", operation_id = "changeVote", tag = "votes",
    params(PollName, IdempotencyKey, DeviceFingerprint),
    request_body(content = VoteBody, example = examples::vote),
    responses((status = 202, description = "Accepted.", body = Receipt, example = examples::receipt)),
    security(("voter_token" = []), ("access_token" = [])),
)]
pub(crate) async fn handle(mut context: Context) -> Result<Response, ApiError> {
    let started = Instant::now();
    let answered = change(&mut context).await;
    answer(&context.app, started, answered)
}

async fn change(context: &mut Context) -> Result<(Taken, Budget), ApiError> {
    let poll = context.definition().await?;
    let voted = match allowed(&poll) {
        Ok(()) => vote(context, &poll, Kind::Change).await,
        Err(error) => Err(error),
    };
    refused(&context.app, &poll, voted).await
}

/// Whether votes on the poll may be changed.
pub(super) fn allowed(poll: &Poll) -> Result<(), ApiError> {
    match poll.settings.allow_vote_change {
        true => Ok(()),
        false => Err(ApiError::Forbidden("Votes on this poll are final.")),
    }
}
