//! The load: a closed loop of votes in one poll, each by a voter of its own.

use std::cell::{Cell, RefCell};
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::future::join_all;
use hyper::{StatusCode, Uri};
use pollster_stack::StackError;
use uuid::Uuid;

use super::report::Phase;
use super::wait::sleep;
use crate::client::{Client, ClientError, PollView, Server};

/// Before a connection whose vote failed sends the next one.
const PAUSE_AFTER_FAILURE: Duration = Duration::from_millis(20);

/// A closed loop under way; all connections are of one thread. Drive it with [`Load::drive`].
pub(super) struct Load {
    server: Server,
    path: Uri,
    ballots: Vec<Bytes>,
    /// What the answer to a vote that was taken says.
    taken: StatusCode,
    running: Cell<bool>,
    measuring: Cell<bool>,
    accepted: Cell<u64>,
    window: RefCell<Window>,
    last_failure: RefCell<Option<String>>,
}

/// What was answered while measuring.
#[derive(Debug, Default)]
pub(super) struct Window {
    /// How long each accepted vote's request took.
    pub(super) latencies: Vec<Duration>,
    /// Votes not accepted.
    pub(super) failed: u64,
}

/// Votes for some time, the first part of which, the warm-up, is not measured; the last answers are awaited.
pub(super) async fn vote_for(
    load: &Load,
    connections: usize,
    warmup: Duration,
    length: Duration,
) -> Result<Phase, StackError> {
    let watch = async {
        let measured = measure(load, warmup, length).await;
        load.stop();
        measured
    };
    let ((), measured) = tokio::join!(load.drive(connections), watch);
    measured
}

async fn measure(load: &Load, warmup: Duration, length: Duration) -> Result<Phase, StackError> {
    sleep(warmup).await?;
    let start = Instant::now();
    load.start_measuring();
    sleep(length).await?;
    Ok(Phase::of(load.stop_measuring(), start.elapsed()))
}

impl Load {
    pub(super) fn new(server: Server, poll: &PollView) -> Self {
        let choices = poll.questions.first().map_or(0, |question| question.choices.len());
        Self {
            server,
            path: poll.votes_path(),
            ballots: (0..choices).map(|choice| poll.ballot(0, choice)).collect(),
            taken: StatusCode::ACCEPTED,
            running: Cell::new(true),
            measuring: Cell::new(false),
            accepted: Cell::new(0),
            window: RefCell::default(),
            last_failure: RefCell::default(),
        }
    }

    /// The same load where votes are not queued, but counted at once (200).
    pub(super) fn past_the_queue(mut self) -> Self {
        self.taken = StatusCode::OK;
        self
    }

    /// Votes over so many connections until [`Load::stop`]; the last answers are awaited.
    pub(super) async fn drive(&self, connections: usize) {
        join_all((0..connections).map(|_| self.vote_on())).await;
    }

    pub(super) fn start_measuring(&self) {
        self.measuring.set(true);
    }

    pub(super) fn stop_measuring(&self) -> Window {
        self.measuring.set(false);
        self.window.take()
    }

    pub(super) fn stop(&self) {
        self.running.set(false);
    }

    /// Votes accepted since the start, also while not measuring.
    pub(super) fn accepted(&self) -> u64 {
        self.accepted.get()
    }

    /// The last answer that did not accept a vote, or the last broken connection.
    pub(super) fn last_failure(&self) -> Option<String> {
        self.last_failure.borrow().clone()
    }

    async fn vote_on(&self) {
        let mut client = Client::new(&self.server);
        while self.running.get() {
            let start = Instant::now();
            match self.vote(&mut client).await {
                Ok(()) => self.note_accepted(start.elapsed()),
                Err(error) => {
                    self.note_failure(&error);
                    tokio::time::sleep(PAUSE_AFTER_FAILURE).await;
                }
            }
        }
    }

    async fn vote(&self, client: &mut Client) -> Result<(), ClientError> {
        let voter = Uuid::new_v4();
        let ballot = &self.ballots[usize::from(voter.as_bytes()[0]) % self.ballots.len()];
        let mut text = Uuid::encode_buffer();
        let token = voter.hyphenated().encode_lower(&mut text);
        let reply = client.vote(&self.path, token, token, ballot.clone()).await?;
        reply.expect(self.taken).map(drop)
    }

    fn note_accepted(&self, latency: Duration) {
        self.accepted.set(self.accepted.get() + 1);
        if self.measuring.get() {
            self.window.borrow_mut().latencies.push(latency);
        }
    }

    fn note_failure(&self, error: &ClientError) {
        self.last_failure.replace(Some(error.to_string()));
        if self.measuring.get() {
            self.window.borrow_mut().failed += 1;
        }
    }
}
