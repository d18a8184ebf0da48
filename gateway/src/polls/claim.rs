//! `POST /api/v1/polls/{poll}/claim`

use hyper::StatusCode;
use pollster_shared::database::{DatabaseError, PooledConnection};
use pollster_shared::poll::Poll;
use pollster_shared::polls::{self, Owner};

use super::creator;
use super::view::PollView;
use crate::error::ApiError;
use crate::openapi::examples;
use crate::openapi::parameters::PollName;
use crate::request::Context;
use crate::response::{Response, json};

/// Claim a poll
///
/// Makes a poll that was made anonymously one's own: send the account's access token and the poll's manage token.
#[utoipa::path(
    post, path = "/api/v1/polls/{poll}/claim", operation_id = "claimPoll", tag = "polls",
    params(PollName),
    responses((status = 200, description = "The poll, now one's own.", body = PollView,
        example = examples::read_poll)),
    security(("access_token" = [], "manage_token" = [])),
)]
pub(crate) async fn handle(context: Context) -> Result<Response, ApiError> {
    let poll = context.poll().await?;
    let account = context.required_account()?;
    let manage_token = context.header("x-manage-token")?;
    let manage_token = manage_token.ok_or(ApiError::Unauthenticated("Send the poll's `X-Manage-Token`."))?;
    let app = &context.app;
    let mut connection = app.pool.get().await.map_err(DatabaseError::from)?;
    if owner(&mut connection, &poll).await?.holds(&app.secret, manage_token) {
        let creator = creator::row(app, &mut connection, &account).await?;
        let claimed = polls::claim(&mut connection, &app.secret, poll.poll_id, creator, manage_token);
        claimed.await.map_err(DatabaseError::from)?;
    }
    // What counts is whose the poll is now: a retry finds it claimed, and of two claims at once one wins.
    if !owner(&mut connection, &poll).await?.is_account(&account.subject) {
        return Err(ApiError::Forbidden("The poll is another account's, or this is not its manage token."));
    }
    let state = polls::state(&mut connection, poll.poll_id).await.map_err(DatabaseError::from)?;
    let state = state.ok_or(ApiError::PollNotFound)?;
    let view = PollView::new(&poll, state, &app.config.public_url());
    Ok(json(StatusCode::OK, &view))
}

async fn owner(connection: &mut PooledConnection<'_>, poll: &Poll) -> Result<Owner, ApiError> {
    let owner = polls::owner(connection, poll.poll_id).await.map_err(DatabaseError::from)?;
    owner.ok_or(ApiError::PollNotFound)
}
