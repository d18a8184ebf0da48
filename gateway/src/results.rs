//! `GET /api/v1/polls/{poll}/results`, and the counts that everything else shows.

mod ahead;

use chrono::Utc;
use hyper::StatusCode;
use pollster_shared::counts::{Counted, Counts, projection};
use pollster_shared::database::DatabaseError;
use pollster_shared::poll::{Poll, Status};
use pollster_shared::tallies;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::app::App;
use crate::error::ApiError;
use crate::etag;
use crate::openapi::examples;
use crate::openapi::parameters::{IfNoneMatch, PollName};
use crate::request::Context;
use crate::response::{Response, json};
use crate::visibility::{is_shown_to_all, may_see};

pub(crate) use ahead::AheadOfRedis;

/// A poll's results at one version.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Results<'a> {
    poll_id: Uuid,
    /// Grows with every change, never goes back.
    version: i64,
    /// Responses over all questions, one a voter and question.
    total_votes: i64,
    status: Status,
    /// Whether the last accepted vote is counted.
    r#final: bool,
    /// Each question's results, in the poll's order.
    questions: Vec<QuestionResults<'a>>,
}

/// The results of one question.
#[derive(Debug, Serialize, ToSchema)]
struct QuestionResults<'a> {
    question_id: Uuid,
    /// Its responses.
    total_votes: i64,
    /// Each choice's votes, in the poll's order.
    choices: Vec<ChoiceResults<'a>>,
}

/// The results of one choice.
#[derive(Debug, Serialize, ToSchema)]
struct ChoiceResults<'a> {
    choice_id: Uuid,
    text: &'a str,
    votes: i64,
    /// The share of the question's responses, with one decimal; 0 without responses.
    percentage: f64,
}

/// Read the results of a poll
///
/// Where the poll hides them from who asks, version and totals are hidden too.
#[utoipa::path(
    get, path = "/api/v1/polls/{poll}/results", operation_id = "getResults", tag = "results",
    params(PollName, IfNoneMatch),
    responses(
        (status = 200, description = "The counts as they stand.", body = Results,
            headers(("ETag" = String, description = "Changes with version and status.")), example = examples::results),
        (status = 304, description = "They are those that `If-None-Match` names."),
    ),
    security((), ("access_token" = []), ("voter_token" = []), ("manage_token" = [])),
)]
pub(crate) async fn handle(context: Context) -> Result<Response, ApiError> {
    let poll = context.definition().await?;
    let counts = load_since(&context.app, &poll, known_version(&context)?).await?;
    let results = Results::new(&poll, &counts);
    if !may_see(&context.app, &poll, results.status, &context.credentials()?).await? {
        return Err(ApiError::ResultsHidden);
    }
    // The status may change without a new version, when `ends_at` passes.
    let etag = format!("\"{}-{}\"", results.version, results.status as u8);
    // What not everybody may see, no cache may show to others.
    let caching = if is_shown_to_all(&poll, results.status) { "no-cache" } else { "private, no-cache" };
    etag::answer(&context, &etag, caching, || json(StatusCode::OK, &results))
}

/// The newest version that the client says it has, by its tags.
fn known_version(context: &Context) -> Result<Option<i64>, ApiError> {
    let known = context.header("if-none-match")?.unwrap_or_default();
    let version = |tag: &str| tag.trim_start_matches("W/").trim_matches('"').split_once('-')?.0.parse().ok();
    Ok(known.split(',').map(str::trim).filter_map(version).max())
}

/// The poll's counts: from Redis, else from PostgreSQL, whose answer is then left in Redis.
///
/// # Errors
/// [`ApiError::PollNotFound`] where it was deleted, and when neither can be asked.
pub(crate) async fn load(app: &App, poll: &Poll) -> Result<Counts, ApiError> {
    load_since(app, poll, None).await
}

/// The same for a client that has seen the version `known`, be it from another gateway: it is shown none before that.
async fn load_since(app: &App, poll: &Poll, known: Option<i64>) -> Result<Counts, ApiError> {
    match read(app, poll, known).await? {
        Some(counts) if !counts.deleted => Ok(counts),
        _ => Err(app.definitions.forget(poll).await),
    }
}

async fn read(app: &App, poll: &Poll, known: Option<i64>) -> Result<Option<Counts>, ApiError> {
    let mut aggregates = app.aggregates.clone();
    let shown = app.ahead_of_redis.version(poll.poll_id).await.max(known);
    match projection::load(&mut aggregates, poll.poll_id).await {
        Ok(Some(counts)) if shown <= Some(counts.version) => return Ok(Some(counts)),
        Ok(_) => {}
        Err(error) => tracing::debug!(%error, "counts not read from Redis"),
    }
    let mut connection = app.pool.get().await.map_err(DatabaseError::from)?;
    let read = tallies::read(&mut connection, &[poll.poll_id]).await.map_err(DatabaseError::from)?;
    let counts = read.into_iter().next();
    if let Some(counts) = &counts
        && let Err(error) = projection::store(&mut aggregates, counts).await
    {
        tracing::debug!(%error, "counts not left in Redis");
        app.ahead_of_redis.note(counts).await;
    }
    Ok(counts)
}

impl<'a> Results<'a> {
    /// The counts, as the poll orders and names them.
    pub(crate) fn new(poll: &'a Poll, counts: &Counts) -> Self {
        let questions = poll.questions.iter().map(|question| {
            let responses = counts.of(Counted::Question(question.question_id));
            let choices = question.choices.iter().map(|choice| {
                let votes = counts.of(Counted::Choice(choice.choice_id));
                let percentage = percentage(votes, responses);
                ChoiceResults { choice_id: choice.choice_id, text: &choice.text, votes, percentage }
            });
            QuestionResults {
                question_id: question.question_id,
                total_votes: responses,
                choices: choices.collect(),
            }
        });
        Self {
            poll_id: poll.poll_id,
            version: counts.version,
            total_votes: counts.total_votes,
            status: poll.status(counts.closed, counts.archived, Utc::now()),
            r#final: counts.finalized,
            questions: questions.collect(),
        }
    }
}

/// The share of `votes` in `responses` in percent, to one decimal; 0 without responses.
fn percentage(votes: i64, responses: i64) -> f64 {
    if responses == 0 {
        return 0.0;
    }
    (votes as f64 * 1000.0 / responses as f64).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_have_one_decimal() {
        assert_eq!(percentage(1, 3), 33.3);
        assert_eq!(percentage(2, 3), 66.7);
        assert_eq!(percentage(3, 3), 100.0);
        assert_eq!(percentage(0, 0), 0.0);
    }
}
