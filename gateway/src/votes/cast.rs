//! `POST /api/v1/polls/{poll}/votes`

use std::time::Instant;

use hyper::StatusCode;
use pollster_shared::poll::Poll;
use pollster_shared::vote::{Cast, Digest, VoteId};
use serde::Serialize;
use uuid::Uuid;

use super::accept::{Accepted, accept};
use super::ballot::{AnswerBody, VoteBody, answers};
use crate::error::ApiError;
use crate::request::Context;
use crate::response::{Response, json};

/// More than twenty questions with fifty choices each take.
const MAX_BODY: usize = 64 * 1024;

#[derive(Debug, Serialize)]
struct Receipt {
    vote_id: Uuid,
    status: &'static str,
    answers: Vec<AnswerBody>,
}

pub(crate) async fn handle(mut context: Context) -> Result<Response, ApiError> {
    let started = Instant::now();
    let answered = cast(&mut context).await;
    let metrics = &context.app.metrics;
    metrics.vote_request_seconds.observe(started.elapsed().as_secs_f64());
    metrics.voted(match &answered {
        Ok((Accepted::Now, _)) => "accepted",
        Ok((Accepted::Before, _)) => "replayed",
        Err(error) => error.code(),
    });
    let (_, receipt) = answered?;
    Ok(json(StatusCode::ACCEPTED, &receipt))
}

async fn cast(context: &mut Context) -> Result<(Accepted, Receipt), ApiError> {
    let poll = context.poll().await?;
    let voter = context.required_voter()?;
    let key = context.idempotency_key()?.map(str::to_owned);
    let body: VoteBody = context.json(MAX_BODY).await?;
    let ballot = body.into_ballot(&poll)?;
    let cast = Cast { poll_id: poll.poll_id, voter, digest: Digest::new(key.as_deref(), &ballot), ballot };
    let accepted = accept(&context.app, &poll, &cast, key.is_some()).await?;
    Ok((accepted, receipt(context, &poll, &cast)))
}

/// What the voter is told. It follows from the ballot and its digest alone, so that a replay gets the same.
fn receipt(context: &Context, poll: &Poll, cast: &Cast) -> Receipt {
    let id = VoteId::new(cast.digest, &cast.ballot);
    Receipt {
        vote_id: id.to_uuid(&context.app.secret, poll.poll_id, cast.voter),
        status: "accepted",
        answers: answers(poll, &cast.ballot),
    }
}
