//! Voters who vote on and on, and send again what was not answered.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use hyper::Method;
use pollster_integration::{Client, DEADLINE, PollView, Stack, assert_documented, token, wait_until};
use pollster_shared::shutdown::Shutdown;
use pollster_shared::stream::{Streams, dead_letters};
use serde_json::Value;
use tokio::task::JoinSet;
use tokio::time::sleep;

/// Before a vote is sent again.
const RETRY: Duration = Duration::from_millis(50);
/// A vote without an answer for so long is sent again, too.
const ANSWER: Duration = Duration::from_secs(5);
/// What a vote may take over all its tries.
const PATIENCE: Duration = Duration::from_secs(90);

/// A vote that was taken.
#[derive(Debug, Clone)]
pub(crate) struct Accepted {
    pub(crate) token: String,
    pub(crate) vote_id: String,
    pub(crate) choice: usize,
    /// When it was first sent.
    pub(crate) sent: Instant,
}

/// What happened on the way.
#[derive(Debug, Default)]
struct Tally {
    sent_again: AtomicU64,
    confirmed: AtomicU64,
}

/// New voters on a poll's first question, each with one vote under one key.
#[derive(Debug)]
pub(crate) struct Load {
    accepted: Arc<Mutex<Vec<Accepted>>>,
    tally: Arc<Tally>,
    end: Shutdown,
    voters: JoinSet<()>,
}

impl Load {
    /// Starts `clients` that vote one after the other, with `pause` in between.
    pub(crate) fn start(stack: &Stack, poll: &PollView, clients: usize, pause: Duration) -> Self {
        let (accepted, tally, end): (Arc<Mutex<Vec<Accepted>>>, Arc<Tally>, Shutdown) = Default::default();
        let mut voters = JoinSet::new();
        for number in 0..clients {
            let mut client = stack.client(0).with_timeout(ANSWER);
            let (poll, accepted, tally, end) = (poll.clone(), accepted.clone(), tally.clone(), end.clone());
            voters.spawn(async move {
                for vote in number.. {
                    if end.is_cancelled() {
                        return;
                    }
                    let choice = vote % poll.questions[0].choices.len();
                    let vote = vote_until_accepted(&mut client, &poll, choice, &tally).await;
                    accepted.lock().unwrap().push(vote);
                    sleep(pause).await;
                }
            });
        }
        Self { accepted, tally, end, voters }
    }

    /// Votes taken so far.
    pub(crate) fn accepted(&self) -> usize {
        self.accepted.lock().unwrap().len()
    }

    /// How often a vote had to be sent again so far.
    pub(crate) fn sent_again(&self) -> u64 {
        self.tally.sent_again.load(Ordering::Relaxed)
    }

    /// How many votes were counted at once so far, past Redis.
    pub(crate) fn confirmed(&self) -> u64 {
        self.tally.confirmed.load(Ordering::Relaxed)
    }

    /// Waits for `more` votes to be answered from now on.
    pub(crate) async fn goes_on(&self, more: usize) {
        let enough = self.accepted() + more;
        wait_until("votes are accepted", DEADLINE, async || (self.accepted() >= enough).then_some(())).await;
    }

    /// Lets every vote in flight be answered; returns all that were accepted.
    pub(crate) async fn end(mut self) -> Vec<Accepted> {
        self.end.cancel();
        while let Some(voter) = self.voters.join_next().await {
            voter.unwrap();
        }
        std::mem::take(&mut self.accepted.lock().unwrap())
    }
}

async fn vote_until_accepted(client: &mut Client, poll: &PollView, choice: usize, tally: &Tally) -> Accepted {
    let (token, sent) = (token(), Instant::now());
    loop {
        let (path, ballot) = (poll.votes_path(), poll.ballot(0, choice));
        let answer = client.vote(&path, &token, "key", ballot.clone()).await;
        if let Ok(reply) = &answer {
            assert_documented(&Method::POST, path.path(), &ballot, reply);
        }
        match answer {
            Ok(reply) if reply.status == 202 || reply.status == 200 => {
                if reply.status == 200 {
                    tally.confirmed.fetch_add(1, Ordering::Relaxed);
                }
                let body: Value = reply.json().unwrap();
                let vote_id = body["vote_id"].as_str().unwrap().to_owned();
                return Accepted { token, vote_id, choice, sent };
            }
            Ok(reply) => assert_eq!(reply.status, 503, "{}", reply.text()),
            Err(_) => {}
        }
        assert!(sent.elapsed() < PATIENCE, "a vote is not accepted");
        tally.sent_again.fetch_add(1, Ordering::Relaxed);
        sleep(RETRY).await;
    }
}

/// Fails unless exactly these votes count, everywhere, and nothing is left over anywhere.
pub(crate) async fn assert_all_counted(stack: &Stack, poll: &PollView, accepted: &[Accepted]) {
    let counts = stack.assert_exact(poll).await;
    for (position, choice) in poll.questions[0].choices.iter().enumerate() {
        let cast = accepted.iter().filter(|vote| vote.choice == position).count() as i64;
        assert_eq!(counts.results[&format!("choice:{}", choice.choice_id)], cast, "choice {position}");
    }
    assert_eq!(counts.total, accepted.len() as i64);
    assert_nothing_left(stack).await;
}

/// Fails if anything is pending or was set aside.
pub(crate) async fn assert_nothing_left(stack: &Stack) {
    assert_eq!(stack.pending().await, 0, "pending entries");
    let dead = dead_letters::counts(&mut stack.streams(), Streams::Votes).await.unwrap();
    assert_eq!(dead, [], "dead letters");
}
