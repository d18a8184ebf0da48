//! `GET /api/v1/polls?mine=true&status=&cursor=&limit=`

use hyper::StatusCode;
use pollster_shared::database::{DatabaseError, Pool};
use pollster_shared::poll::Status;
use pollster_shared::polls::{self, Page};
use serde::{Deserialize, Serialize};
use serde_html_form::de::empty_as_none;
use utoipa::{IntoParams, ToSchema};

use super::cursor;
use super::view::PollView;
use crate::app::App;
use crate::error::ApiError;
use crate::openapi::examples;
use crate::request::Context;
use crate::response::{Response, json};

const DEFAULT_LIMIT: usize = 20;
const MAX_LIMIT: usize = 100;

/// What is asked for; an empty value counts as absent.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
struct Query {
    /// Must be `true`: only one's own polls are listed.
    #[param(required, example = true)]
    mine: Option<bool>,
    /// Only polls of this status.
    #[serde(deserialize_with = "empty_as_none")]
    status: Option<Status>,
    #[serde(deserialize_with = "empty_as_none")]
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
    /// The most polls of a page.
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<usize>,
}

/// A page of polls.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PollPage)]
struct PageView<'a> {
    polls: Vec<PollView<'a>>,
    /// Asks for the next page; null on the last.
    #[schema(required)]
    next_cursor: Option<String>,
}

/// List one's own polls
///
/// Newest first, a page at a time.
#[utoipa::path(
    get, path = "/api/v1/polls", operation_id = "listPolls", tag = "polls",
    params(Query),
    responses((status = 200, description = "A page.", body = PageView, example = examples::poll_page)),
    security(("access_token" = [])),
)]
pub(crate) async fn handle(context: Context) -> Result<Response, ApiError> {
    let app = &context.app;
    let query: Query = context.query()?;
    if query.mine != Some(true) {
        return Err(ApiError::Malformed("Only one's own polls are listed: ask with `mine=true`.".to_owned()));
    }
    let before = query.before(app)?;
    let limit = query.limit()?;
    let account = context.required_account()?;
    let page = app.reads.read(|pool| page(pool, &account.subject, query.status, before, limit)).await?;
    let public_url = app.config.public_url();
    let polls = page.polls.iter().map(|(poll, state)| PollView::new(poll, *state, &public_url));
    let next_cursor = page.next.map(|row| cursor::encode(&app.secret, row));
    Ok(json(StatusCode::OK, &PageView { polls: polls.collect(), next_cursor }))
}

impl Query {
    fn before(&self, app: &App) -> Result<Option<i64>, ApiError> {
        let Some(cursor) = &self.cursor else { return Ok(None) };
        let row = cursor::decode(&app.secret, cursor);
        row.map(Some).ok_or_else(|| ApiError::Malformed("`cursor` is none that a list gave.".to_owned()))
    }

    fn limit(&self) -> Result<usize, ApiError> {
        match self.limit.unwrap_or(DEFAULT_LIMIT) {
            limit @ 1..=MAX_LIMIT => Ok(limit),
            _ => Err(ApiError::Malformed(format!("`limit` must be 1 to {MAX_LIMIT}."))),
        }
    }
}

/// The polls of the account that access tokens call `subject`; one without a row has made none.
async fn page(
    pool: Pool,
    subject: &str,
    status: Option<Status>,
    before: Option<i64>,
    limit: usize,
) -> Result<Page, DatabaseError> {
    let mut connection = pool.get().await?;
    match polls::creator(&mut connection, subject).await? {
        Some(creator) => Ok(polls::own(&mut connection, creator, status, before, limit).await?),
        None => Ok(Page { polls: Vec::new(), next: None }),
    }
}
