//! `GET /api/v1/polls/{poll}`

use std::collections::BTreeMap;

use hyper::StatusCode;
use pollster_shared::counts::Counts;
use pollster_shared::database::DatabaseError;
use pollster_shared::poll::Poll;
use pollster_shared::polls::State;
use pollster_shared::vote::Voter;
use pollster_shared::{polls, responses, retention};
use uuid::Uuid;

use super::manager::manages;
use super::view::PollView;
use crate::app::App;
use crate::credentials::Credentials;
use crate::error::ApiError;
use crate::openapi::examples;
use crate::openapi::parameters::PollName;
use crate::request::Context;
use crate::response::{Response, json};
use crate::results::{self, Results};
use crate::visibility::may_see;

/// Read a poll
///
/// Its definition and status, its results if you may see them, with a token what this voter has voted, and with an account
/// or a manage token whether that manages it.
#[utoipa::path(
    get, path = "/api/v1/polls/{poll}", operation_id = "getPoll", tag = "polls",
    params(PollName),
    responses((status = 200, description = "The poll.", body = PollView, example = examples::voted_poll)),
    security((), ("access_token" = []), ("voter_token" = []), ("manage_token" = [])),
)]
pub(crate) async fn handle(context: Context) -> Result<Response, ApiError> {
    let poll = context.definition().await?;
    let credentials = context.credentials()?;
    let counts = results::load(&context.app, &poll).await?;
    Ok(json(StatusCode::OK, &view(&context.app, &poll, &counts, &credentials).await?))
}

/// The poll with these counts, as whoever has these credentials may see it.
///
/// # Errors
/// When a server that must be asked fails, or the poll is gone.
pub(crate) async fn view<'a>(
    app: &App,
    poll: &'a Poll,
    counts: &Counts,
    credentials: &Credentials,
) -> Result<PollView<'a>, ApiError> {
    // When is asked of PostgreSQL only of a poll that is closed, so that open ones are served without it.
    let state = match counts.closed {
        true => state(app, poll).await?,
        false => State::default(),
    };
    let mut view = PollView::new(poll, state, &app.config.public_url());
    view.captcha_site_key = app.captcha.site_key(poll);
    if may_see(app, poll, view.status(), credentials).await? {
        view.results = Some(Results::new(poll, counts));
    }
    if let Some(voter) = credentials.voter(&app.secret, poll) {
        view.voted = voted(app, poll, state, voter).await?;
    }
    if credentials.may_manage() {
        view.manages = Some(manages(app, poll, credentials).await?);
    }
    Ok(view)
}

async fn state(app: &App, poll: &Poll) -> Result<State, ApiError> {
    let mut connection = app.pool.get().await.map_err(DatabaseError::from)?;
    let state = polls::state(&mut connection, poll.poll_id).await.map_err(DatabaseError::from)?;
    state.ok_or(ApiError::PollNotFound)
}

/// What the voter chose, of what is committed; `None` where the responses are in the archive only.
async fn voted(
    app: &App,
    poll: &Poll,
    state: State,
    voter: Voter,
) -> Result<Option<BTreeMap<Uuid, Vec<Uuid>>>, ApiError> {
    let mut connection = app.pool.get().await.map_err(DatabaseError::from)?;
    let rows = responses::of_voter(&mut connection, poll, voter).await.map_err(DatabaseError::from)?;
    // Asked after the rows were read: they were all there if they are now.
    if state.archived_at.is_some()
        && retention::is_removed(&mut connection, poll.id).await.map_err(DatabaseError::from)?
    {
        return Ok(None);
    }
    let answered = rows.iter().filter(|row| !row.choices.is_empty()).filter_map(|row| {
        let question = poll.questions.iter().find(|question| question.id == row.question)?;
        Some((question.question_id, question.choice_ids(row.choices)))
    });
    Ok(Some(answered.collect()))
}
