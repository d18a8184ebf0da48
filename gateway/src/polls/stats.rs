//! `GET /api/v1/polls/{poll}/stats?from=&to=`

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use hyper::StatusCode;
use pollster_shared::database::{DatabaseError, Pool};
use pollster_shared::poll::Poll;
use pollster_shared::timeline::{self, Minute, Page};
use pollster_shared::times;
use serde::{Deserialize, Serialize};
use serde_html_form::de::empty_as_none;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::manager;
use crate::error::ApiError;
use crate::openapi::examples;
use crate::openapi::parameters::PollName;
use crate::request::Context;
use crate::response::{Response, json};

/// What is asked for; an empty value counts as absent.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
struct Query {
    /// Only minutes that begin at this time or later.
    #[serde(deserialize_with = "empty_as_none")]
    from: Option<DateTime<Utc>>,
    /// Only minutes that begin before this time; after `from`.
    #[serde(deserialize_with = "empty_as_none")]
    to: Option<DateTime<Utc>>,
}

/// A poll's votes over time.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Stats)]
struct StatsView {
    poll_id: Uuid,
    /// The minutes in which votes came or went, ascending.
    minutes: Vec<MinuteView>,
    /// Where a long poll's statistics go on: the `from` that asks for the next page; null on the last.
    #[schema(required)]
    next_from: Option<DateTime<Utc>>,
}

/// What moved in a minute.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StatsMinute)]
struct MinuteView {
    /// The beginning of the minute.
    at: DateTime<Utc>,
    /// Votes by choice, of those that gained or lost some. Fewer than 0 where changes and revokes took more away
    /// than votes gave; over all minutes they add up to the choice's votes.
    votes: BTreeMap<Uuid, i64>,
}

/// Votes over time
///
/// For who made the poll: what each choice gained or lost a minute, as the votes were accepted; also after the poll
/// was archived. A page holds up to 20,000 numbers, days of a busy poll: where there are more, ask again with
/// `from` set to `next_from`.
#[utoipa::path(
    get, path = "/api/v1/polls/{poll}/stats", operation_id = "getStats", tag = "results",
    params(PollName, Query),
    responses((status = 200, description = "The statistics.", body = StatsView, example = examples::stats)),
    security(("access_token" = []), ("manage_token" = [])),
)]
pub(crate) async fn handle(context: Context) -> Result<Response, ApiError> {
    let poll = context.poll().await?;
    manager::require(&context, &poll).await?;
    let Query { from, to } = context.query()?;
    let (from, to) = (kept("from", from)?, kept("to", to)?);
    if from.zip(to).is_some_and(|(from, to)| to <= from) {
        return Err(ApiError::Malformed("`to` must be after `from`.".to_owned()));
    }
    let page = context.app.reads.read(|pool| page(pool, &poll, from, to)).await?;
    let minute = |Minute { at, votes }| MinuteView { at, votes };
    let minutes = page.minutes.into_iter().map(minute).collect();
    Ok(json(StatusCode::OK, &StatsView { poll_id: poll.poll_id, minutes, next_from: page.next }))
}

async fn page(
    pool: Pool,
    poll: &Poll,
    from: Option<DateTime<Utc>>,
    to: Option<DateTime<Utc>>,
) -> Result<Page, DatabaseError> {
    let mut connection = pool.get().await?;
    Ok(timeline::read(&mut connection, poll, from, to).await?)
}

/// A time of the query as PostgreSQL can compare it.
fn kept(name: &str, time: Option<DateTime<Utc>>) -> Result<Option<DateTime<Utc>>, ApiError> {
    let kept =
        |time| times::kept(time).ok_or_else(|| ApiError::Malformed(format!("`{name}` {}.", times::TAKES)));
    time.map(kept).transpose()
}
