//! `POST /api/v1/polls/{poll}/close`

use std::sync::Arc;

use hyper::StatusCode;
use pollster_shared::counts::projection;
use pollster_shared::database::DatabaseError;
use pollster_shared::poll::Poll;
use pollster_shared::polls::State;
use pollster_shared::{closing, polls, tallies};

use super::manager;
use super::view::PollView;
use crate::app::App;
use crate::error::ApiError;
use crate::guard;
use crate::openapi::examples;
use crate::openapi::parameters::PollName;
use crate::request::Context;
use crate::response::{Response, json};

/// Close a poll
///
/// Once this is answered, no vote is accepted any more; those accepted before are counted, then the results
/// are final. Closing a closed poll changes nothing.
#[utoipa::path(
    post, path = "/api/v1/polls/{poll}/close", operation_id = "closePoll", tag = "polls",
    params(PollName),
    responses((status = 200, description = "The closed poll.", body = PollView, example = examples::closed_poll)),
    security(("access_token" = []), ("manage_token" = [])),
)]
pub(crate) async fn handle(context: Context) -> Result<Response, ApiError> {
    let poll = context.poll().await?;
    manager::require(&context, &poll).await?;
    // A client that hangs up must not leave a transaction half-way.
    let state = guard::finish(context.place, close(context.app.clone(), poll.clone())).await?;
    let view = PollView::new(&poll, state, &context.app.config.public_url());
    Ok(json(StatusCode::OK, &view))
}

/// Closes the poll and marks its shards, so that no vote is accepted once this is answered. The rest, and
/// what fails here after the commit, is left to the background's closing job.
async fn close(app: Arc<App>, poll: Arc<Poll>) -> Result<State, ApiError> {
    let mut connection = app.pool.get().await.map_err(DatabaseError::from)?;
    closing::close(&mut connection, poll.id).await.map_err(DatabaseError::from)?;
    let mut streams = app.streams.clone();
    if let Err(error) = closing::mark(&mut connection, &mut streams, &poll).await {
        tracing::warn!(poll_id = %poll.poll_id, %error, "marking a closed poll is left to the background");
    }
    for counts in tallies::read(&mut connection, &[poll.poll_id]).await.map_err(DatabaseError::from)? {
        let mut aggregates = app.aggregates.clone();
        if let Err(error) = projection::publish(&mut aggregates, &app.channels, &counts).await {
            tracing::warn!(poll_id = %poll.poll_id, %error, "publishing a close is left to the background");
        }
    }
    let state = polls::state(&mut connection, poll.poll_id).await.map_err(DatabaseError::from)?;
    state.ok_or(ApiError::PollNotFound)
}
