//! A backlog: votes that a gateway accepted over HTTP while no aggregator ran.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::try_join_all;
use hyper::{StatusCode, Uri};
use indicatif::ProgressBar;
use uuid::Uuid;

use super::ScalingError;
use crate::bench::polls;
use crate::bench::run::Error;
use crate::bench::wait::unless_interrupted;
use crate::client::{Client, PollView, Server};

/// Over how many polls the votes are spread. Every batch holds votes in each of them.
pub(in crate::bench) const POLLS: usize = 16;
/// How often a vote is sent before it is given up.
const TRIES: usize = 100;
/// Before it is sent again.
const PAUSE: Duration = Duration::from_millis(50);

/// What was accepted.
#[derive(Debug)]
pub(super) struct Backlog {
    /// The polls' ids.
    pub(super) polls: Vec<Uuid>,
    /// Votes by choice.
    pub(super) accepted: BTreeMap<Uuid, u64>,
}

/// A poll, and how to vote in it.
struct Booth {
    path: Uri,
    /// The choices, each with the ballot for it.
    choices: Vec<(Uuid, Bytes)>,
}

/// Votes under way.
struct Filling<'a> {
    booths: Vec<Booth>,
    votes: u32,
    next: Cell<u32>,
    accepted: RefCell<BTreeMap<Uuid, u64>>,
    progress: &'a ProgressBar,
}

impl Backlog {
    /// Casts exactly so many votes over so many connections, each by a voter of its own.
    pub(super) async fn fill(
        server: &Server,
        votes: u32,
        connections: usize,
        progress: &ProgressBar,
    ) -> Result<Self, Error> {
        let mut client = Client::connect(server).await?;
        let mut polls = Vec::new();
        for _ in 0..POLLS {
            polls.push(polls::create(&mut client).await?);
        }
        let booths = polls.iter().map(Booth::of).collect();
        let filling = Filling { booths, votes, next: Cell::new(0), accepted: RefCell::default(), progress };
        unless_interrupted(try_join_all((0..connections).map(|_| filling.vote_on(server)))).await??;
        let polls = polls.iter().map(|poll| poll.poll_id).collect();
        Ok(Self { polls, accepted: filling.accepted.into_inner() })
    }
}

impl Booth {
    fn of(poll: &PollView) -> Self {
        let choices = poll.questions[0].choices.iter().enumerate();
        let choices = choices.map(|(place, choice)| (choice.choice_id, poll.ballot(0, place)));
        Self { path: poll.votes_path(), choices: choices.collect() }
    }
}

impl Filling<'_> {
    async fn vote_on(&self, server: &Server) -> Result<(), ScalingError> {
        let mut client = Client::new(server);
        while self.next.get() < self.votes {
            let number = self.next.replace(self.next.get() + 1) as usize;
            let booth = &self.booths[number % POLLS];
            let (choice, ballot) = &booth.choices[number / POLLS % booth.choices.len()];
            vote(&mut client, &booth.path, ballot).await?;
            *self.accepted.borrow_mut().entry(*choice).or_default() += 1;
            self.progress.inc(1);
        }
        Ok(())
    }
}

/// Votes as a new voter. What is not answered, or unavailable, is sent again under its key, so that it counts once.
async fn vote(client: &mut Client, path: &Uri, ballot: &Bytes) -> Result<(), ScalingError> {
    let (voter, mut text) = (Uuid::new_v4(), Uuid::encode_buffer());
    let token = voter.hyphenated().encode_lower(&mut text);
    let mut last = String::new();
    for _ in 0..TRIES {
        match client.vote(path, token, token, ballot.clone()).await {
            Ok(reply) if reply.status == StatusCode::ACCEPTED => return Ok(()),
            Ok(reply) if reply.status == StatusCode::SERVICE_UNAVAILABLE => last = reply.text(),
            Ok(reply) => return Err(ScalingError::Refused(reply.text())),
            Err(error) => last = error.to_string(),
        }
        tokio::time::sleep(PAUSE).await;
    }
    Err(ScalingError::Refused(last))
}
