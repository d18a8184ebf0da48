//! `POST /api/v1/polls/{poll}/votes`

use std::time::Instant;

use pollster_shared::poll::{Poll, VoterIdentity};
use pollster_shared::vote::{AddressHash, Ballot, Cast, Digest, Kind, Voter};

use super::accept::{accept, already_accepted};
use super::ballot::VoteBody;
use super::device;
use super::receipt::{Receipt, Taken, answer};
use crate::edge::address::network;
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
    responses((status = 202, description = "Accepted.", body = Receipt, example = examples::receipt)),
    security(("voter_token" = []), ("access_token" = [])),
)]
pub(crate) async fn handle(mut context: Context) -> Result<Response, ApiError> {
    let started = Instant::now();
    let answered = cast(&mut context).await;
    answer(&context.app, started, answered)
}

async fn cast(context: &mut Context) -> Result<Taken, ApiError> {
    let poll = context.poll().await?;
    vote(context, &poll, Kind::Cast).await
}

/// Takes the ballot in the request's body, be it a cast or a change.
pub(super) async fn vote(context: &mut Context, poll: &Poll, kind: Kind) -> Result<Taken, ApiError> {
    // Before the body is read: a flood should be cheap to refuse.
    let (voter, budget) = admit(context, poll).await?;
    let mut body: VoteBody = context.json(MAX_BODY).await?;
    let captcha_token = body.captcha_token.take();
    let cast = make_cast(context, poll, voter, kind, body.into_ballot(poll)?)?;
    if poll.settings.captcha {
        Box::pin(check_captcha(context, poll, &cast, captcha_token.as_deref())).await?;
    }
    take(context, poll, &cast, budget).await
}

/// Who votes, if they may, and not too often.
pub(super) async fn admit(context: &Context, poll: &Poll) -> Result<(Voter, Budget), ApiError> {
    let voter = context.credentials()?.eligible_voter(&context.app.secret, poll)?;
    let budget = context.app.limits.vote(voter, context.address())?;
    if poll.settings.voter_identity == VoterIdentity::Account {
        Box::pin(device::check(context, voter)).await?;
    }
    Ok((voter, budget))
}

/// The ballot as it is taken, under the request's idempotency key.
pub(super) fn make_cast(
    context: &Context,
    poll: &Poll,
    voter: Voter,
    kind: Kind,
    ballot: Ballot,
) -> Result<Cast, ApiError> {
    let (poll_id, secret) = (poll.poll_id, &context.app.secret);
    let address = Some(AddressHash::new(secret, poll_id, network(context.address())));
    let digest = Digest::new(context.idempotency_key()?, &ballot);
    Ok(Cast { kind, poll_id, voter, address, digest, ballot })
}

async fn check_captcha(
    context: &Context,
    poll: &Poll,
    cast: &Cast,
    token: Option<&str>,
) -> Result<(), ApiError> {
    // A retry has spent its token already.
    if context.idempotency_key()?.is_some() && already_accepted(&context.app, poll, cast).await? {
        return Ok(());
    }
    context.app.captcha.verify(token, context.address()).await
}

/// Has the ballot accepted, whatever it is to earlier ones.
pub(super) async fn take(
    context: &Context,
    poll: &Poll,
    cast: &Cast,
    budget: Budget,
) -> Result<Taken, ApiError> {
    let keyed = context.idempotency_key()?.is_some();
    let accepted = accept(&context.app, poll, cast, keyed).await?;
    Ok(Taken::new(&context.app, poll, cast, accepted, budget))
}
