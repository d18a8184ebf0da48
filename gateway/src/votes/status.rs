//! `GET /api/v1/polls/{poll}/votes/{vote_id}`

use hyper::StatusCode;
use pollster_shared::database::DatabaseError;
use pollster_shared::responses::{self, VoteStatus};
use pollster_shared::vote::VoteId;
use serde::Serialize;
use uuid::Uuid;

use crate::error::ApiError;
use crate::request::Context;
use crate::response::{Response, json};

#[derive(Debug, Serialize)]
struct StatusView {
    vote_id: Uuid,
    status: &'static str,
    reason: Option<&'static str>,
}

pub(crate) async fn handle(context: Context) -> Result<Response, ApiError> {
    let poll = context.poll().await?;
    let voter = context.required_voter()?;
    let app = &context.app;
    let vote_id = Uuid::parse_str(&context.vote_id).map_err(|_| ApiError::VoteNotFound)?;
    let id = VoteId::from_uuid(vote_id, &app.secret, poll.poll_id, voter).ok_or(ApiError::VoteNotFound)?;
    let mut connection = app.pool.get().await.map_err(DatabaseError::from)?;
    let status = responses::status(&mut connection, &poll, voter, id).await.map_err(DatabaseError::from)?;
    let (status, reason) = match status {
        VoteStatus::Accepted => ("accepted", None),
        VoteStatus::Confirmed => ("confirmed", None),
        VoteStatus::Rejected => ("rejected", Some("already_voted")),
    };
    Ok(json(StatusCode::OK, &StatusView { vote_id, status, reason }))
}
