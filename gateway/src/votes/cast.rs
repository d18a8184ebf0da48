//! `POST /api/v1/polls/{poll}/votes`

use std::time::Instant;

use pollster_shared::poll::Poll;
use pollster_shared::vote::Kind;

use super::ballot::VoteBody;
use super::receipt::{Receipt, Taken, answer};
use super::sender::Sender;
use super::submit::{admit, refused, submit};
use crate::error::ApiError;
use crate::limits::Budget;
use crate::openapi::examples;
use crate::openapi::parameters::{DeviceFingerprint, IdempotencyKey, PollName};
use crate::request::Context;
use crate::response::Response;

/// More than twenty questions with fifty choices each take.
const MAX_BODY: usize = 64 * 1024;

/// Cast a vote
///
/// One question, or several at once, all or none. Questions left out may be answered later; none is answered
/// twice. An accepted vote is never lost: `status` tells when it is counted. With an `Idempotency-Key` it is safe
/// to send again: the same key with the same ballot gets the first answer, also after the poll was closed.
#[utoipa::path(
    post, path = "/api/v1/polls/{poll}/votes", operation_id = "castVote", tag = "votes",
    params(PollName, IdempotencyKey, DeviceFingerprint),
    request_body(content = VoteBody, example = examples::vote),
    responses(
        (status = 202, description = "Accepted.", body = Receipt, example = examples::receipt),
        (status = 200, description = "Counted already: the queue was away.", body = Receipt,
            example = examples::confirmed),
    ),
    security(("voter_token" = []), ("access_token" = [])),
)]
pub(crate) async fn handle(mut context: Context) -> Result<Response, ApiError> {
    let started = Instant::now();
    let answered = cast(&mut context).await;
    answer(&context.app, started, answered)
}

async fn cast(context: &mut Context) -> Result<(Taken, Budget), ApiError> {
    let poll = context.definition().await?;
    let voted = vote(context, &poll, Kind::Cast).await;
    refused(&context.app, &poll, voted).await
}

/// Takes the ballot in the request's body, be it a cast or a change; also says what its voter has left.
pub(super) async fn vote(
    context: &mut Context,
    poll: &Poll,
    kind: Kind,
) -> Result<(Taken, Budget), ApiError> {
    let body = context.take_body();
    let sender = Sender::of(context, poll)?;
    let budget = admit(&sender, poll).await?;
    let body: VoteBody = context.read_json(body, MAX_BODY).await?;
    Ok((submit(&sender, poll, kind, body).await?, budget))
}
