//! Votes over the socket: the same checks as over REST, of whom the subscription says that it is.

use std::time::Instant;

use pollster_shared::poll::Poll;
use pollster_shared::traces::SpanKind;
use pollster_shared::vote::{HashSecret, Kind, Voter};
use tokio_tungstenite::tungstenite::Utf8Bytes;

use super::messages::{ServerMessage, Vote, error as error_message};
use crate::app::App;
use crate::credentials::Credentials;
use crate::edge::Class;
use crate::error::ApiError;
use crate::guard;
use crate::tokens::Expiry;
use crate::votes::ballot::VoteBody;
use crate::votes::receipt::{Taken, count};
use crate::votes::sender::{Client, Sender, idempotency_key};
use crate::votes::submit::{admit, refused, submit};

/// What is said to who does not say who votes.
const UNNAMED: ApiError = ApiError::Unauthenticated(
    "Subscribe to the poll with your token first: `voter_token`, or `access_token` where accounts vote.",
);

/// Who votes on a poll that is watched, as the tokens of its subscription said.
#[derive(Debug, Clone)]
pub(crate) struct Identity {
    voter: Result<Voter, ApiError>,
    /// Of the access token, if there was one.
    expiry: Option<Expiry>,
}

/// What became of a vote.
#[derive(Debug)]
pub(crate) struct Answer {
    /// What the voter is told.
    pub(crate) message: Utf8Bytes,
    /// Whether it counts.
    pub(crate) is_accepted: bool,
}

impl Identity {
    /// Who brought these credentials, as a voter of `poll`.
    pub(crate) fn new(secret: &HashSecret, poll: &Poll, credentials: &Credentials) -> Self {
        let voter = credentials.eligible_voter(secret, poll).map_err(|error| match error {
            ApiError::Unauthenticated(_) => UNNAMED,
            other => other,
        });
        Self { voter, expiry: credentials.account.as_ref().map(|account| account.expiry) }
    }

    /// Somebody of whom it could not be found out who it is, for this reason.
    pub(super) fn unknown(why: ApiError) -> Self {
        Self { voter: Err(why), expiry: None }
    }

    /// Somebody who brought none.
    #[cfg(test)]
    pub(super) fn unnamed() -> Self {
        Self::unknown(UNNAMED)
    }

    /// The voter, if they may vote, still.
    fn voter(&self) -> Result<Voter, ApiError> {
        if self.expiry.is_some_and(Expiry::has_passed) {
            return Err(ApiError::TokenExpired);
        }
        self.voter.clone()
    }
}

/// Casts the vote that `client` sends, as whom its subscription to the poll says, if it has one.
pub(crate) async fn cast(app: &App, client: Client, identity: Option<&Identity>, vote: Vote) -> Answer {
    let started = Instant::now();
    let Vote { request_id, poll_id, question_id, choice_ids, answers, captcha_token, .. } = vote;
    let trace = app.traces.begin("WebSocket vote", SpanKind::Server, None);
    let answered = guard::run(async {
        // Among the votes that come over REST.
        let _place = app.edge.load.enter(Class::Vote)?;
        let voter = identity.ok_or(UNNAMED)?.voter()?;
        let key = Some(idempotency_key("request_id", &request_id)?);
        let poll = app.definitions.of_id(poll_id).await?;
        let sender = Sender { app, voter, client, key, trace: trace.as_ref() };
        let voted = async {
            admit(&sender, &poll).await?;
            let body = VoteBody { question_id, choice_ids, answers, captcha_token };
            submit(&sender, &poll, Kind::Cast, body).await
        };
        refused(app, &poll, voted.await).await
    });
    let answered = answered.await;
    count(app, started, answered.as_ref());
    let is_accepted = answered.is_ok();
    let message = match answered {
        Ok(Taken { receipt, .. }) => {
            ServerMessage::VoteAccepted { request_id: &request_id, poll_id, receipt: &receipt }.encode()
        }
        Err(error) => error_message(error, Some(&request_id), Some(poll_id)),
    };
    Answer { message, is_accepted }
}
