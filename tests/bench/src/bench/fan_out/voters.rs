//! Votes at an even pace, whatever becomes of those before (an open loop), each until it is accepted; in a
//! thread of its own.

use std::cell::{Cell, RefCell};
use std::net::SocketAddr;
use std::ops::Range;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::future::try_join_all;
use hyper::{StatusCode, Uri};
use tokio::sync::{oneshot, watch};
use uuid::Uuid;

use super::error::FanOutError;
use super::marks::MARKS;
use crate::client::{Client, ClientError, PollView, Server};

/// They send in turn: enough that a vote need not wait for the answer to another one, unless that takes long.
const CONNECTIONS: u32 = 50;
/// How long an answer is awaited before the vote is sent again.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);
/// How long a vote is sent again and again.
const PATIENCE: Duration = Duration::from_secs(60);
/// Before a vote is sent again.
const PAUSE: Duration = Duration::from_millis(50);

/// Voters under way.
#[derive(Debug)]
pub(in crate::bench) struct Voters {
    over: watch::Sender<Option<Instant>>,
    queued: watch::Receiver<Option<Instant>>,
    cast: oneshot::Receiver<Result<Cast, FanOutError>>,
}

/// All votes of a run. Each was accepted, and once.
#[derive(Debug)]
pub(in crate::bench) struct Cast {
    /// In the order in which they were due.
    pub(super) votes: Vec<Vote>,
    /// How often a vote was sent again, under the same key.
    pub(in crate::bench) sent_again: u64,
}

/// An accepted vote.
#[derive(Debug, Clone, Copy)]
pub(super) struct Vote {
    /// When it was to be sent. Being late by then counts as lag: whoever waits for a slow answer measures
    /// too few slow ones.
    pub(super) due: Instant,
    /// Its choice's place.
    pub(super) choice: usize,
    /// From then until it was accepted.
    pub(super) accepted_after: Duration,
}

impl Voters {
    /// Starts voting; `choice_of` gives the choice of each vote's number, when it is due.
    pub(in crate::bench) fn start(
        gateway: SocketAddr,
        poll: &PollView,
        per_second: u32,
        choice_of: impl Fn(usize) -> usize + Send + 'static,
    ) -> Result<Self, FanOutError> {
        let (over, known_over) = watch::channel(None);
        let (when_queued, queued) = watch::channel(None);
        let (done, cast) = oneshot::channel();
        let booth = Booth {
            server: Server::from(gateway),
            path: poll.votes_path(),
            ballots: (0..poll.questions[0].choices.len()).map(|choice| poll.ballot(0, choice)).collect(),
            choice_of: Box::new(choice_of),
            start: Instant::now(),
            interval: Duration::from_secs(1) / per_second,
            votes: RefCell::default(),
            sent_again: Cell::default(),
            queued: when_queued,
            over: known_over,
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        std::thread::Builder::new().name("voters".to_owned()).spawn(move || {
            // Nobody waits for them after Ctrl-C.
            let _ = done.send(runtime.block_on(booth.run()));
        })?;
        Ok(Self { over, queued, cast })
    }

    /// Waits until a vote is accepted into the queue (202) after `since`; when that was.
    pub(in crate::bench) async fn queued_after(&mut self, since: Instant) -> Result<Instant, FanOutError> {
        let is_after = |queued: &Option<Instant>| queued.is_some_and(|queued| queued > since);
        if let Ok(queued) = self.queued.wait_for(is_after).await
            && let Some(queued) = *queued
        {
            return Ok(queued);
        }
        // They ended by themselves, which they do only where something is wrong.
        let ended = (&mut self.cast).await.map_err(|_| FanOutError::Thread)?;
        Err(ended.err().unwrap_or(FanOutError::Thread))
    }

    /// Lets no more votes become due, and waits until all that are have been accepted.
    pub(in crate::bench) async fn finish(self) -> Result<Cast, FanOutError> {
        self.over.send_replace(Some(Instant::now()));
        self.cast.await.map_err(|_| FanOutError::Thread)?
    }
}

impl Cast {
    /// How many there are.
    pub(in crate::bench) fn count(&self) -> u64 {
        self.votes.len() as u64
    }

    /// How many are for one of these choices, by their places.
    pub(in crate::bench) fn count_of(&self, choices: Range<usize>) -> u64 {
        self.votes.iter().filter(|vote| choices.contains(&vote.choice)).count() as u64
    }

    /// How long each took until it was accepted.
    pub(super) fn requests(&self) -> Vec<Duration> {
        self.votes.iter().map(|vote| vote.accepted_after).collect()
    }

    /// When the votes of each marked choice were due.
    pub(super) fn marked(&self) -> Vec<Vec<Instant>> {
        let mut due = vec![Vec::new(); MARKS];
        for vote in self.votes.iter().filter(|vote| vote.choice > 0) {
            due[vote.choice - 1].push(vote.due);
        }
        due
    }
}

/// What the connections share.
struct Booth {
    server: Server,
    path: Uri,
    ballots: Vec<Bytes>,
    choice_of: Box<dyn Fn(usize) -> usize + Send>,
    start: Instant,
    interval: Duration,
    votes: RefCell<Vec<Vote>>,
    sent_again: Cell<u64>,
    /// When a vote was last accepted into the queue.
    queued: watch::Sender<Option<Instant>>,
    /// When no more votes become due, once that is known.
    over: watch::Receiver<Option<Instant>>,
}

impl Booth {
    async fn run(self) -> Result<Cast, FanOutError> {
        try_join_all((0..CONNECTIONS).map(|first| self.vote_on(first))).await?;
        let mut votes = self.votes.take();
        votes.sort_unstable_by_key(|vote| vote.due);
        Ok(Cast { votes, sent_again: self.sent_again.get() })
    }

    /// Sends every vote that is this connection's turn.
    async fn vote_on(&self, first: u32) -> Result<(), FanOutError> {
        let mut client = Client::new(&self.server).with_timeout(ANSWER_WITHIN);
        for number in (first..).step_by(CONNECTIONS as usize) {
            let due = self.start + self.interval * number;
            if !self.becomes_due(due).await {
                break;
            }
            let choice = (self.choice_of)(number as usize);
            self.vote(&mut client, choice, due).await?;
            self.votes.borrow_mut().push(Vote { due, choice, accepted_after: due.elapsed() });
        }
        Ok(())
    }

    /// Waits until a vote is due; false where all is over before. One that was due before the end is sent
    /// after it, too, should its connection have been busy.
    async fn becomes_due(&self, due: Instant) -> bool {
        let mut over = self.over.clone();
        tokio::select! {
            biased;
            () = tokio::time::sleep_until(due.into()) => {}
            known = over.changed() => {
                if known.is_err() {
                    return false;
                }
            }
        }
        over.borrow().is_none_or(|over| due <= over)
    }

    /// Sends a vote until it is accepted, under one key.
    async fn vote(&self, client: &mut Client, choice: usize, due: Instant) -> Result<(), FanOutError> {
        let voter = Uuid::new_v4().to_string();
        loop {
            let ballot = self.ballots[choice].clone();
            let last = match client.vote(&self.path, &voter, &voter, ballot).await {
                Ok(reply) => match reply.status {
                    StatusCode::ACCEPTED => {
                        self.queued.send_replace(Some(Instant::now()));
                        return Ok(());
                    }
                    // PostgreSQL has it already.
                    StatusCode::OK => return Ok(()),
                    StatusCode::SERVICE_UNAVAILABLE => reply.text(),
                    status => return Err(ClientError::Unexpected { status, body: reply.body }.into()),
                },
                Err(error) => error.to_string(),
            };
            if due.elapsed() > PATIENCE {
                return Err(FanOutError::NotAccepted { seconds: PATIENCE.as_secs(), last });
            }
            self.sent_again.update(|times| times + 1);
            tokio::time::sleep(PAUSE).await;
        }
    }
}
