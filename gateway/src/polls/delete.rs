//! `DELETE /api/v1/polls/{poll}`

use std::sync::Arc;

use hyper::StatusCode;
use pollster_shared::counts::projection;
use pollster_shared::database::{DatabaseError, PooledConnection};
use pollster_shared::poll::Poll;
use pollster_shared::{closing, polls, tallies};

use super::manager;
use crate::app::App;
use crate::error::ApiError;
use crate::guard;
use crate::openapi::parameters::PollName;
use crate::request::Context;
use crate::response::{Response, empty};

/// Delete a poll
///
/// Once this is answered, the poll is gone for everybody, and takes no vote; its responses, its archive and all that
/// is known of its voters are removed soon after. There is no way back.
#[utoipa::path(
    delete, path = "/api/v1/polls/{poll}", operation_id = "deletePoll", tag = "polls",
    params(PollName),
    responses((status = 204, description = "It is gone.")),
    security(("access_token" = []), ("manage_token" = [])),
)]
pub(crate) async fn handle(context: Context) -> Result<Response, ApiError> {
    let poll = context.poll().await?;
    manager::require(&context, &poll).await?;
    // A client that hangs up must not leave a transaction half-way.
    guard::finish(context.place, delete(context.app, poll)).await?;
    Ok(empty(StatusCode::NO_CONTENT))
}

/// Deletes the poll and tells everybody. What fails after the commit is left to the background's jobs.
async fn delete(app: Arc<App>, poll: Arc<Poll>) -> Result<(), ApiError> {
    let mut connection = app.pool.get().await.map_err(DatabaseError::from)?;
    let deleted = polls::delete(&mut connection, poll.id).await.map_err(DatabaseError::from)?;
    let gone = app.definitions.forget(&poll).await;
    if !deleted {
        return Err(gone);
    }
    let mut streams = app.streams.clone();
    if let Err(error) = closing::mark(&mut connection, &mut streams, &poll).await {
        tracing::warn!(poll_id = %poll.poll_id, %error, "marking a deleted poll is left to the background");
    }
    if let Err(error) = tell(&app, &mut connection, &poll).await {
        tracing::warn!(poll_id = %poll.poll_id, ?error, "telling of a deletion is left to the background");
    }
    Ok(())
}

/// Tells every gateway, and through them all who watch the poll.
async fn tell(app: &App, connection: &mut PooledConnection<'_>, poll: &Poll) -> Result<(), ApiError> {
    let mut aggregates = app.aggregates.clone();
    for counts in tallies::read(connection, &[poll.poll_id]).await.map_err(DatabaseError::from)? {
        projection::publish(&mut aggregates, &app.channels, &counts).await?;
    }
    Ok(polls::remove_cached(&mut aggregates, poll.poll_id).await?)
}
