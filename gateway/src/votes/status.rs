//! `GET /api/v1/polls/{poll}/votes/{vote_id}`

use hyper::StatusCode;
use pollster_shared::database::DatabaseError;
use pollster_shared::polls;
use pollster_shared::responses::{self, VoteStatus};
use pollster_shared::vote::VoteId;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::error::ApiError;
use crate::openapi::examples;
use crate::openapi::parameters::{self, PollName};
use crate::request::Context;
use crate::response::{Response, json};

/// What became of a vote.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = VoteStatus)]
struct StatusView {
    vote_id: Uuid,
    /// `accepted`, `confirmed` or `rejected`.
    status: &'static str,
    /// `replaced`, or the code of the error that rejected it.
    #[schema(required)]
    reason: Option<&'static str>,
}

/// Read what became of a vote
///
/// For the voter's own token only. `accepted`: not counted yet. `confirmed`: counted, and with the reason
/// `replaced` changed or revoked since. `rejected`: not counted, for the `reason` given; rare, after a failure
/// that made us forget an earlier vote of the same voter. Some time after a poll is archived its votes are not found
/// any more.
#[utoipa::path(
    get, path = "/api/v1/polls/{poll}/votes/{vote_id}", operation_id = "getVote", tag = "votes",
    params(PollName, parameters::VoteId),
    responses((status = 200, description = "Its status.", body = StatusView, example = examples::vote_status)),
    security(("voter_token" = []), ("access_token" = [])),
)]
pub(crate) async fn handle(context: Context) -> Result<Response, ApiError> {
    let poll = context.poll().await?;
    let voter = context.credentials()?.required_voter(&context.app.secret, &poll)?;
    let app = &context.app;
    let vote_id = context.id("vote_id").ok_or(ApiError::VoteNotFound)?;
    let id = VoteId::from_uuid(vote_id, &app.secret, poll.poll_id, voter).ok_or(ApiError::VoteNotFound)?;
    let mut connection = app.pool.get().await.map_err(DatabaseError::from)?;
    let status = responses::status(&mut connection, &poll, voter, id).await.map_err(DatabaseError::from)?;
    // Asked after the vote was looked for: none is removed before its poll is archived.
    let state = polls::state(&mut connection, poll.poll_id).await.map_err(DatabaseError::from)?;
    let archived = state.ok_or(ApiError::PollNotFound)?.archived_at.is_some();
    let (status, reason) = match status {
        // All that was accepted was counted, or refused, before that.
        VoteStatus::Accepted if archived => return Err(ApiError::VoteArchived),
        VoteStatus::Accepted => ("accepted", None),
        VoteStatus::Confirmed => ("confirmed", None),
        VoteStatus::Replaced => ("confirmed", Some("replaced")),
        VoteStatus::Rejected => ("rejected", Some("already_voted")),
    };
    Ok(json(StatusCode::OK, &StatusView { vote_id, status, reason }))
}
