//! What a voter is told of a vote that was taken.

use std::time::Instant;

use hyper::StatusCode;
use pollster_shared::poll::Poll;
use pollster_shared::vote::{Cast, VoteId};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::accept::Accepted;
use super::ballot::{AnswerBody, answers};
use crate::app::App;
use crate::error::ApiError;
use crate::limits::Budget;
use crate::response::{Response, json};

/// The answer to a vote. Its id and answers follow from the ballot and its digest alone, so that a replay gets the
/// same.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Receipt {
    /// Asks what became of it.
    pub(super) vote_id: Uuid,
    /// `accepted`: it will be counted. `confirmed`: it is counted already.
    status: &'static str,
    /// What was voted, in the poll's order.
    answers: Vec<AnswerBody>,
}

/// A vote that was taken.
pub(crate) struct Taken {
    accepted: Accepted,
    pub(crate) receipt: Receipt,
}

impl Taken {
    pub(super) fn new(app: &App, poll: &Poll, cast: &Cast, accepted: Accepted) -> Self {
        let id = VoteId::new(cast.digest, &cast.ballot);
        let receipt = Receipt {
            vote_id: id.to_uuid(&app.secret, poll.poll_id, cast.voter),
            status: match accepted {
                Accepted::Now | Accepted::Before => "accepted",
                Accepted::Confirmed => "confirmed",
            },
            answers: answers(poll, &cast.ballot),
        };
        Self { accepted, receipt }
    }
}

/// Answers the request that a vote came with at `started`, and counts it.
pub(super) fn answer(
    app: &App,
    started: Instant,
    answered: Result<(Taken, Budget), ApiError>,
) -> Result<Response, ApiError> {
    count(app, started, answered.as_ref().map(|(taken, _)| taken));
    let (Taken { accepted, receipt }, budget) = answered?;
    let status = match accepted {
        Accepted::Now | Accepted::Before => StatusCode::ACCEPTED,
        Accepted::Confirmed => StatusCode::OK,
    };
    Ok(budget.on(json(status, &receipt)))
}

/// Counts a vote that came at `started`, whichever way.
pub(crate) fn count(app: &App, started: Instant, answered: Result<&Taken, &ApiError>) {
    app.metrics.vote_request_seconds.observe(started.elapsed().as_secs_f64());
    match answered {
        Ok(taken) => app.metrics.votes.taken(taken.accepted),
        Err(error) => app.metrics.votes.refused(error),
    }
}
