//! `POST /api/v1/polls`

use chrono::{SubsecRound, Utc};
use hyper::StatusCode;
use hyper::header::LOCATION;
use pollster_shared::database::DatabaseError;
use pollster_shared::poll::{Draft, FieldError};
use pollster_shared::polls::{self, State};

use super::creator;
use super::view::PollView;
use crate::error::ApiError;
use crate::guard;
use crate::limits::Who;
use crate::openapi::examples;
use crate::request::Context;
use crate::response::{Response, json};

/// More than the longest valid poll of plain letters takes.
const MAX_BODY: usize = 768 * 1024;

/// Create a poll
///
/// Signed in, it is yours; anonymously, the answer holds its `manage_token`, which is told only here. A poll
/// can't be edited.
#[utoipa::path(
    post, path = "/api/v1/polls", operation_id = "createPoll", tag = "polls",
    request_body(content = Draft, example = examples::draft),
    responses((status = 201, description = "The poll.", body = PollView,
        headers(("Location" = String, description = "Where the poll is read.")), example = examples::created_poll)),
    security((), ("access_token" = [])),
)]
pub(crate) async fn handle(mut context: Context) -> Result<Response, ApiError> {
    // PostgreSQL keeps microseconds; what is told now must be what is read later.
    let now = Utc::now().trunc_subsecs(6);
    let draft: Draft = context.json(MAX_BODY).await?;
    let draft = draft.validated(now).map_err(ApiError::InvalidPoll)?;
    if draft.settings.captcha && !context.app.captcha.is_offered() {
        let error = FieldError::new("settings.captcha", "must be false: no captcha is set up here");
        return Err(ApiError::InvalidPoll(vec![error]));
    }
    let account = context.account()?;
    let who = account.as_ref().map_or(Who::Address(context.address()), |it| Who::Account(&it.subject));
    let budget = context.app.limits.poll(who)?;
    let app = context.app.clone();
    // A client that hangs up must not leave a transaction half-way.
    let created = guard::finish(context.place, async move {
        let mut connection = app.pool.get().await.map_err(DatabaseError::from)?;
        let creator = match &account {
            Some(account) => Some(creator::row(&app, &mut connection, account).await?),
            None => None,
        };
        let shards = app.config.vote_shards;
        let created = polls::create(&mut connection, draft, creator, &app.secret, shards, now);
        Ok::<_, ApiError>(created.await.map_err(DatabaseError::from)?)
    });
    let created = created.await?;

    let mut view = PollView::new(&created.poll, State::default(), &context.app.config.public_url());
    view.captcha_site_key = context.app.captcha.site_key(&created.poll);
    view.manage_token = created.manage_token;
    let mut response = json(StatusCode::CREATED, &view);
    if let Ok(location) = format!("/api/v1/polls/{}", created.poll.poll_id).parse() {
        response.headers_mut().insert(LOCATION, location);
    }
    Ok(budget.on(response))
}
