//! Voters who vote over the WebSocket that shows them the results.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::casters::one_of;
use super::hand::{PATIENCE, answers};
use super::pause;
use super::retry::{Tried, Way, submit};
use super::scene::Scene;
use super::socket::{Lost, Socket};
use crate::history::{Answer, Attempt, Channel, Submission};
use crate::random::Random;

/// Between two voters of a worker, in milliseconds.
const PAUSE: u64 = 150;

/// New voters, one after the other.
pub(super) async fn run(scene: Arc<Scene>, poll: usize, mut random: Random) -> Vec<Submission> {
    let mut sockets = Sockets { scene: scene.clone(), open: [None, None] };
    let mut all = Vec::new();
    while !scene.over.is_cancelled() {
        let ballot = one_of(&scene, poll, Uuid::new_v4(), random.number());
        let gateway = random.below(2) as usize;
        all.push(submit(&mut sockets, &scene, &mut random, gateway, ballot).await);
        pause(&scene.over, Duration::from_millis(random.below(PAUSE))).await;
    }
    all
}

/// A WebSocket to each gateway, where there is one.
struct Sockets {
    scene: Arc<Scene>,
    open: [Option<Socket>; 2],
}

/// What answers a vote.
#[derive(Deserialize)]
struct Message {
    r#type: String,
    request_id: Option<String>,
    vote_id: Option<Uuid>,
    status: Option<String>,
    code: Option<String>,
}

impl Sockets {
    async fn ask(&mut self, gateway: usize, submission: &Submission) -> Answer {
        let address = self.scene.targets.gateways[gateway];
        let mut socket = match self.open[gateway].take() {
            Some(socket) => socket,
            None => match Socket::open(address).await {
                Ok(socket) => socket,
                Err(Lost) => return Answer::NotSent,
            },
        };
        match self.vote(&mut socket, submission).await {
            Ok(answer) => {
                self.open[gateway] = Some(socket);
                answer
            }
            // With the connection: its answer may come yet, and is not the next one's.
            Err(Lost) => Answer::Nothing,
        }
    }

    async fn vote(&self, socket: &mut Socket, submission: &Submission) -> Result<Answer, Lost> {
        let poll_id = self.scene.view(submission.poll).poll_id;
        let subscribe = json!({"type": "subscribe", "poll_id": poll_id, "voter_token": submission.voter});
        socket.say(&subscribe).await?;
        let vote = json!({
            "type": "vote", "request_id": submission.key, "poll_id": poll_id,
            "answers": answers(&self.scene, submission),
        });
        socket.say(&vote).await?;
        let deadline = Instant::now() + PATIENCE;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let message = socket.next(left).await?.ok_or(Lost)?;
            if let Some(answer) = read(message, &submission.key) {
                return Ok(answer);
            }
        }
    }
}

/// What a message says of the vote under this key, if it is about that.
fn read(message: Value, key: &str) -> Option<Answer> {
    let message: Message = serde_json::from_value(message).ok()?;
    if message.request_id.as_deref() != Some(key) {
        return None;
    }
    Some(match (message.r#type.as_str(), message.vote_id, message.code) {
        ("vote_accepted", Some(vote_id), _) => {
            Answer::Accepted { vote_id, confirmed: message.status.as_deref() == Some("confirmed") }
        }
        // The subscription just before it failed, which says who votes: an outage, of which it was told.
        ("error", _, Some(code)) if code == "unauthenticated" => Answer::NotSent,
        ("error", _, Some(code)) if code == "unavailable" || code == "internal" => Answer::Unavailable(code),
        ("error", _, Some(code)) => Answer::Refused { status: 0, code },
        _ => Answer::Unavailable("no receipt".to_owned()),
    })
}

impl Way for Sockets {
    async fn send(&mut self, gateway: usize, submission: &Submission) -> Tried {
        let invoked = Instant::now();
        let answer = self.ask(gateway, submission).await;
        let attempt = Attempt { gateway, channel: Channel::Socket, invoked, ended: Instant::now(), answer };
        Tried { attempt, retry_after: None }
    }
}

#[cfg(test)]
mod tests;
