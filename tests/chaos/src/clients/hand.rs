//! Votes by requests, with a connection to each gateway.

use std::sync::Arc;
use std::time::{Duration, Instant};

use hyper::{Method, StatusCode};
use pollster_bench::client::ClientError;
use pollster_integration::{Client, Reply};
use pollster_shared::vote::Kind;
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::retry::{self, Tried, Way};
use super::scene::Scene;
use crate::history::{Answer, Attempt, Channel, Submission};
use crate::random::Random;

/// How long an answer is awaited.
pub(super) const PATIENCE: Duration = Duration::from_secs(3);

/// As many of the last ballots are asked for, by turns.
const LAST: usize = 3;

/// One device of a voter.
pub(super) struct Hand {
    scene: Arc<Scene>,
    clients: [Client; 2],
    random: Random,
}

/// The answer to a vote, as far as it matters here.
#[derive(Deserialize)]
struct Receipt {
    vote_id: Uuid,
    status: String,
}

#[derive(Deserialize)]
struct Status {
    status: String,
}

impl Hand {
    pub(super) fn new(scene: Arc<Scene>, random: Random) -> Self {
        let clients = scene.targets.gateways.map(|gateway| Client::new(gateway).with_timeout(PATIENCE));
        Self { scene, clients, random }
    }

    /// Sends the ballot until it is settled or given up, at first to any gateway.
    pub(super) async fn submit(&mut self, submission: Submission) -> Submission {
        let first = self.random.below(2) as usize;
        self.submit_at(first, submission).await
    }

    /// The same, at first to this gateway.
    async fn submit_at(&mut self, first: usize, submission: Submission) -> Submission {
        let (scene, mut random) = (self.scene.clone(), self.random.fork());
        retry::submit(self, &scene, &mut random, first, submission).await
    }

    /// Sends a ballot that was answered once more.
    pub(super) async fn again(&mut self, submission: &mut Submission) {
        let gateway = self.random.below(2) as usize;
        let Tried { attempt, .. } = self.send(gateway, submission).await;
        self.scene.progress.note(&attempt.answer);
        submission.attempts.push(attempt);
    }

    /// Asks what became of one of the last ballots: they had some time.
    pub(super) async fn ask_one_before(&mut self, submissions: &mut [Submission]) {
        let last = submissions.len().saturating_sub(LAST);
        if last < submissions.len() {
            let asked = last + self.random.below((submissions.len() - last) as u64) as usize;
            self.ask(&mut submissions[asked]).await;
        }
    }

    /// Asks what became of the ballot, and notes it where it counts.
    pub(super) async fn ask(&mut self, submission: &mut Submission) {
        let (Some(vote_id), None) = (submission.vote_id(), submission.confirmed_at()) else { return };
        let path = format!("{}/{vote_id}", self.scene.view(submission.poll).votes_path());
        let voter = submission.voter.to_string();
        let client = &mut self.clients[self.random.below(2) as usize];
        let reply = client.request(Method::GET, &path, &[("x-voter-token", &voter)], "").await;
        let status = reply.ok().filter(|reply| reply.status == StatusCode::OK);
        let status = status.and_then(|reply| reply.json::<Status>().ok());
        if status.is_some_and(|status| status.status == "confirmed") {
            submission.seen_confirmed = Some(Instant::now());
        }
    }

    async fn request(&mut self, gateway: usize, submission: &Submission) -> Result<Reply, ClientError> {
        let voter = submission.voter.to_string();
        let address = submission.address.map(|address| address.to_string());
        let mut headers = vec![
            ("content-type", "application/json"),
            ("x-voter-token", voter.as_str()),
            ("idempotency-key", submission.key.as_str()),
        ];
        headers.extend(address.as_deref().map(|address| ("x-forwarded-for", address)));
        let (method, body) = match submission.kind {
            Kind::Cast => (Method::POST, self.body(submission)),
            Kind::Change => (Method::PUT, self.body(submission)),
            Kind::Revoke => (Method::DELETE, String::new()),
        };
        let path = self.scene.view(submission.poll).votes_path();
        self.clients[gateway].request(method, path.path(), &headers, body).await
    }

    fn body(&self, submission: &Submission) -> String {
        json!({"answers": answers(&self.scene, submission)}).to_string()
    }
}

/// Sends two ballots at once, at first to one gateway each.
pub(super) async fn at_once(
    [one, other]: [&mut Hand; 2],
    first: Submission,
    second: Submission,
) -> [Submission; 2] {
    let gateway = one.random.below(2) as usize;
    tokio::join!(one.submit_at(gateway, first), other.submit_at(1 - gateway, second)).into()
}

/// The ballot's answers, as the interface takes them.
pub(super) fn answers(scene: &Scene, submission: &Submission) -> serde_json::Value {
    let view = scene.view(submission.poll);
    let answers = submission.answers().map(|(question, choices)| {
        let question = &view.questions[usize::from(question)];
        let choice_ids: Vec<Uuid> =
            choices.positions().map(|position| question.choices[position].choice_id).collect();
        json!({"question_id": question.question_id, "choice_ids": choice_ids})
    });
    answers.collect()
}

impl Way for Hand {
    async fn send(&mut self, gateway: usize, submission: &Submission) -> Tried {
        let invoked = Instant::now();
        let reply = self.request(gateway, submission).await;
        let retry_after = reply.as_ref().ok().and_then(Reply::retry_after);
        let answer = read(reply);
        let attempt = Attempt { gateway, channel: Channel::Rest, invoked, ended: Instant::now(), answer };
        Tried { attempt, retry_after }
    }
}

/// What an answer says of the vote.
fn read(reply: Result<Reply, ClientError>) -> Answer {
    let reply = match reply {
        Ok(reply) => reply,
        Err(ClientError::Connect { .. }) => return Answer::NotSent,
        Err(_) => return Answer::Nothing,
    };
    if matches!(reply.status, StatusCode::OK | StatusCode::ACCEPTED) {
        return match reply.json::<Receipt>() {
            Ok(receipt) => {
                Answer::Accepted { vote_id: receipt.vote_id, confirmed: receipt.status == "confirmed" }
            }
            Err(_) => Answer::Unavailable("no receipt".to_owned()),
        };
    }
    let code = reply.code().unwrap_or_else(|| format!("{} without a code", reply.status.as_u16()));
    match reply.status.as_u16() {
        status if status < 500 || code == "overloaded" => Answer::Refused { status, code },
        _ => Answer::Unavailable(code),
    }
}

#[cfg(test)]
mod tests;
