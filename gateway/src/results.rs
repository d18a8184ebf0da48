//! `GET /api/v1/polls/{poll}/results`, and the counts that everything else shows.

use chrono::Utc;
use hyper::StatusCode;
use hyper::header::{CACHE_CONTROL, ETAG, HeaderValue};
use pollster_shared::counts::{Counted, Counts, projection};
use pollster_shared::database::DatabaseError;
use pollster_shared::poll::{Poll, Status};
use pollster_shared::tallies;
use serde::Serialize;
use uuid::Uuid;

use crate::app::App;
use crate::error::ApiError;
use crate::request::Context;
use crate::response::{Response, empty, json};

/// A poll's results at one version.
#[derive(Debug, Serialize)]
pub(crate) struct Results<'a> {
    poll_id: Uuid,
    version: i64,
    total_votes: i64,
    status: Status,
    r#final: bool,
    questions: Vec<QuestionResults<'a>>,
}

#[derive(Debug, Serialize)]
struct QuestionResults<'a> {
    question_id: Uuid,
    total_votes: i64,
    choices: Vec<ChoiceResults<'a>>,
}

#[derive(Debug, Serialize)]
struct ChoiceResults<'a> {
    choice_id: Uuid,
    text: &'a str,
    votes: i64,
    percentage: f64,
}

pub(crate) async fn handle(context: Context) -> Result<Response, ApiError> {
    let poll = context.poll().await?;
    let counts = load(&context.app, &poll).await?;
    let results = Results::new(&poll, &counts);
    // The status may change without a new version, when `ends_at` passes.
    let etag = format!("\"{}-{}\"", results.version, results.status as u8);
    let known = context.header("if-none-match")?;
    let mut response = match known {
        Some(known) if known == "*" || known.split(',').any(|known| is_same(known, &etag)) => {
            empty(StatusCode::NOT_MODIFIED)
        }
        _ => json(StatusCode::OK, &results),
    };
    if let Ok(etag) = HeaderValue::from_str(&etag) {
        response.headers_mut().insert(ETAG, etag);
    }
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    Ok(response)
}

/// Whether an element of `If-None-Match` names `etag`; proxies may have made it a weak one.
fn is_same(known: &str, etag: &str) -> bool {
    let known = known.trim();
    known.strip_prefix("W/").unwrap_or(known) == etag
}

/// The poll's counts: from Redis, else from PostgreSQL, whose answer is then left in Redis.
pub(crate) async fn load(app: &App, poll: &Poll) -> Result<Counts, ApiError> {
    let mut aggregates = app.aggregates.clone();
    match projection::load(&mut aggregates, poll.poll_id).await {
        Ok(Some(counts)) => return Ok(counts),
        Ok(None) => {}
        Err(error) => tracing::debug!(%error, "counts not read from Redis"),
    }
    let mut connection = app.pool.get().await.map_err(DatabaseError::from)?;
    let read = tallies::read(&mut connection, &[poll.poll_id]).await.map_err(DatabaseError::from)?;
    let counts = read.into_iter().next().ok_or(ApiError::PollNotFound)?;
    if let Err(error) = projection::store(&mut aggregates, &counts).await {
        tracing::debug!(%error, "counts not left in Redis");
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
            status: poll.status(counts.closed, Utc::now()),
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

    #[test]
    fn a_weak_tag_is_the_same() {
        assert!(is_same(" W/\"3-1\"", "\"3-1\"") && !is_same("\"4-1\"", "\"3-1\""));
    }
}
