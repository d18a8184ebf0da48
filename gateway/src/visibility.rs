//! Whether somebody may see a poll's results now.

use pollster_shared::database::DatabaseError;
use pollster_shared::poll::{Poll, ResultVisibility, Status};
use pollster_shared::responses;
use pollster_shared::stream::remembered;
use pollster_shared::vote::Voter;

use crate::app::App;
use crate::credentials::Credentials;
use crate::error::ApiError;
use crate::polls::manager::manages;

/// Whether `credentials` may see the results of a poll of this status. Its creator always may.
pub(crate) async fn may_see(
    app: &App,
    poll: &Poll,
    status: Status,
    credentials: &Credentials,
) -> Result<bool, ApiError> {
    if is_shown_to_all(poll, status) {
        return Ok(true);
    }
    if poll.settings.result_visibility == ResultVisibility::AfterVote
        && let Some(voter) = credentials.voter(&app.secret, poll)
        && has_voted(app, poll, voter).await?
    {
        return Ok(true);
    }
    manages(app, poll, credentials).await
}

/// Whether everybody may see the results of a poll of this status.
pub(crate) fn is_shown_to_all(poll: &Poll, status: Status) -> bool {
    match poll.settings.result_visibility {
        ResultVisibility::Always => true,
        ResultVisibility::AfterVote => false,
        ResultVisibility::AfterClose => status.is_over(),
    }
}

/// Whether a vote of this voter was accepted, and not revoked. Redis knows of those that are not committed
/// yet, PostgreSQL of those that Redis forgot.
async fn has_voted(app: &App, poll: &Poll, voter: Voter) -> Result<bool, ApiError> {
    match remembered::has_voted(&mut app.streams.clone(), poll, voter).await {
        Ok(true) => return Ok(true),
        Ok(false) => {}
        Err(error) => tracing::debug!(%error, "voters not read from Redis"),
    }
    let mut connection = app.pool.get().await.map_err(DatabaseError::from)?;
    let rows = responses::of_voter(&mut connection, poll, voter).await.map_err(DatabaseError::from)?;
    Ok(rows.iter().any(|row| !row.choices.is_empty()))
}
