//! Asks what became of every accepted vote, as its voter would.

use std::net::SocketAddr;

use hyper::{Method, StatusCode};
use pollster_integration::Client;
use serde_json::Value;
use tokio::task::JoinSet;
use uuid::Uuid;

use super::{FinalState, VoteStatus};
use crate::history::History;
use crate::world::World;

/// Connections to ask over.
const CONNECTIONS: usize = 16;

/// Whom to ask for what.
type Question = (Uuid, String, String);

impl FinalState {
    /// Asks for all accepted votes of the history.
    ///
    /// # Panics
    /// When a gateway does not answer.
    pub async fn ask(&mut self, world: &World, history: &History) {
        let mut questions: Vec<Vec<Question>> = vec![Vec::new(); CONNECTIONS];
        for (number, submission) in history.submissions.iter().enumerate() {
            if let Some(vote_id) = submission.vote_id() {
                let path = format!("{}/{vote_id}", history.polls[submission.poll].view.votes_path());
                questions[number % CONNECTIONS].push((vote_id, path, submission.voter.to_string()));
            }
        }
        let mut asking = JoinSet::new();
        for (number, questions) in questions.into_iter().enumerate() {
            asking.spawn(ask(world.direct_gateway(number % 2), questions));
        }
        while let Some(statuses) = asking.join_next().await {
            self.statuses.extend(statuses.expect("gateways answer"));
        }
    }
}

async fn ask(gateway: SocketAddr, questions: Vec<Question>) -> Vec<(Uuid, VoteStatus)> {
    let mut client = Client::new(gateway);
    let mut statuses = Vec::new();
    for (vote_id, path, voter) in questions {
        let reply = client.request(Method::GET, &path, &[("x-voter-token", &voter)], "").await;
        let reply = reply.expect("an answer");
        let status = match reply.status {
            StatusCode::OK => read(&reply.json().expect("a status")),
            StatusCode::NOT_FOUND => VoteStatus::NotFound,
            _ => panic!("a vote's status: {}", reply.text()),
        };
        statuses.push((vote_id, status));
    }
    statuses
}

fn read(status: &Value) -> VoteStatus {
    match (status["status"].as_str(), status["reason"].as_str()) {
        (Some("confirmed"), None) => VoteStatus::Confirmed,
        (Some("confirmed"), Some("replaced")) => VoteStatus::Replaced,
        (Some("rejected"), _) => VoteStatus::Rejected,
        (Some("accepted"), _) => VoteStatus::Accepted,
        _ => panic!("a vote's status: {status}"),
    }
}
