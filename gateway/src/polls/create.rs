//! `POST /api/v1/polls`

use chrono::{SubsecRound, Utc};
use hyper::StatusCode;
use hyper::header::LOCATION;
use pollster_shared::database::DatabaseError;
use pollster_shared::poll::Draft;
use pollster_shared::polls;

use super::view::PollView;
use crate::error::ApiError;
use crate::request::Context;
use crate::response::{Response, json};

/// More than the longest valid poll of plain letters takes.
const MAX_BODY: usize = 768 * 1024;

pub(crate) async fn handle(mut context: Context) -> Result<Response, ApiError> {
    // PostgreSQL keeps microseconds; what is told now must be what is read later.
    let now = Utc::now().trunc_subsecs(6);
    let draft: Draft = context.json(MAX_BODY).await?;
    let draft = draft.validated(now).map_err(ApiError::InvalidPoll)?;
    let app = context.app.clone();
    // In a task of its own: a client that hangs up must not leave a transaction half-way.
    let created = tokio::spawn(async move {
        let mut connection = app.pool.get().await.map_err(DatabaseError::from)?;
        let shards = app.config.vote_shards;
        Ok::<_, DatabaseError>(polls::create(&mut connection, draft, &app.secret, shards, now).await?)
    });
    let created = created.await.map_err(|_| ApiError::Internal)??;

    let mut view = PollView::new(&created.poll, None, &context.app.config.public_url());
    view.manage_token = Some(created.manage_token);
    let mut response = json(StatusCode::CREATED, &view);
    if let Ok(location) = format!("/api/v1/polls/{}", created.poll.poll_id).parse() {
        response.headers_mut().insert(LOCATION, location);
    }
    Ok(response)
}
