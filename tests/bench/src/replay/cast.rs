//! Casting: over several connections, each vote until it has an answer that stands.

use std::cell::Cell;
use std::time::{Duration, Instant};

use futures_util::future::try_join_all;
use hyper::StatusCode;
use indicatif::ProgressBar;

use super::{Ballots, Target, Voter};
use crate::client::{Client, ClientError, Reply, Server};

/// How long votes are sent again while no vote at all gets an answer that stands.
const NO_PROGRESS: Duration = Duration::from_secs(300);
/// The first pause before a vote is sent again, doubled each time up to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// A gateway that hangs should not hold a connection's votes for long: they are safe to send again.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(10);

/// What to do about a gateway that limits the replay.
pub(super) const LIMITS_OFF: &str = "To turn limits off, end it (make down) and replay again with make replay, or start \
    it with VOTES_PER_MINUTE=0 VOTES_PER_5_MINUTES=0 VOTES_PER_MINUTE_PER_ADDRESS=0 POLLS_PER_HOUR=0.";

/// What is to be cast.
#[derive(Debug)]
pub struct Casting<'a> {
    /// Where the gateway is.
    pub server: &'a Server,
    /// The poll.
    pub target: &'a Target,
    /// The file.
    pub ballots: &'a Ballots,
    /// The places of the ballots to cast, in this order.
    pub order: &'a [usize],
    /// What the voters are derived from.
    pub seed: u64,
    /// How many votes are under way at a time.
    pub connections: usize,
}

/// How the voters fared; each is accepted or refused in the end.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Outcome {
    /// Accepted, also as the replay of an earlier answer, which reads the same.
    pub accepted: u64,
    /// Refused: the voter has voted already.
    pub refused: u64,
    /// How often a vote was sent again, with its key, for want of an answer that stands.
    pub sent_again: u64,
}

/// Why casting ended early.
#[derive(Debug, thiserror::Error)]
pub enum CastError {
    /// An answer that sending again would not change.
    #[error("a vote was answered {status}: {body}")]
    Refused {
        /// The status.
        status: StatusCode,
        /// The body.
        body: String,
    },
    /// Nothing moved for long.
    #[error("no vote got through for {} s; the last try: {problem}", NO_PROGRESS.as_secs())]
    NoProgress {
        /// What the last try met.
        problem: String,
    },
}

/// Casts all of them.
///
/// # Errors
/// [`CastError`].
pub async fn cast(casting: &Casting<'_>, progress: &ProgressBar) -> Result<Outcome, CastError> {
    let round = Round {
        casting,
        progress,
        next: Cell::new(0),
        outcome: Cell::default(),
        last_progress: Cell::new(Instant::now()),
        told_of_limits: Cell::new(false),
    };
    try_join_all((0..casting.connections).map(|_| round.work())).await?;
    Ok(round.outcome.get())
}

/// What the connections, all in one thread, share.
struct Round<'a> {
    casting: &'a Casting<'a>,
    progress: &'a ProgressBar,
    next: Cell<usize>,
    outcome: Cell<Outcome>,
    last_progress: Cell<Instant>,
    told_of_limits: Cell<bool>,
}

/// What an answer means for its vote.
enum Verdict {
    Accepted,
    AlreadyVoted,
    /// Send it again, no sooner than this where the gateway said so.
    Again(Option<Duration>),
    Final,
}

fn verdict(reply: &Reply) -> Verdict {
    match reply.status {
        StatusCode::ACCEPTED | StatusCode::OK => Verdict::Accepted,
        StatusCode::CONFLICT if reply.code().as_deref() == Some("already_voted") => Verdict::AlreadyVoted,
        StatusCode::TOO_MANY_REQUESTS
        | StatusCode::BAD_GATEWAY
        | StatusCode::SERVICE_UNAVAILABLE
        | StatusCode::GATEWAY_TIMEOUT => Verdict::Again(reply.retry_after()),
        _ => Verdict::Final,
    }
}

impl Round<'_> {
    async fn work(&self) -> Result<(), CastError> {
        let mut client = Client::new(self.casting.server).with_timeout(ANSWER_TIMEOUT);
        while let Some(place) = self.casting.order.get(self.next.replace(self.next.get() + 1)) {
            self.cast_one(&mut client, *place).await?;
        }
        Ok(())
    }

    async fn cast_one(&self, client: &mut Client, place: usize) -> Result<(), CastError> {
        let Casting { target, ballots, seed, .. } = self.casting;
        let voter = Voter::of(*seed, place);
        let (token, key) = (voter.token.to_string(), voter.idempotency_key.to_string());
        let ballot = &target.bodies[ballots.first[place]];
        for tries in 0.. {
            let answer = client.vote(&target.votes_path, &token, &key, ballot.clone()).await;
            let Some((asked, problem)) = self.settle(answer)? else { break };
            if self.last_progress.get().elapsed() > NO_PROGRESS {
                return Err(CastError::NoProgress { problem });
            }
            self.count(|outcome| outcome.sent_again += 1);
            tokio::time::sleep(pause(tries, asked, &voter)).await;
        }
        Ok(())
    }

    /// Counts an answer that stands; else gives the pause that was asked for, and the problem.
    fn settle(
        &self,
        answer: Result<Reply, ClientError>,
    ) -> Result<Option<(Option<Duration>, String)>, CastError> {
        let reply = match answer {
            Ok(reply) => reply,
            Err(error) => return Ok(Some((None, error.to_string()))),
        };
        match verdict(&reply) {
            Verdict::Accepted => self.count(|outcome| outcome.accepted += 1),
            Verdict::AlreadyVoted => self.count(|outcome| outcome.refused += 1),
            Verdict::Again(asked) => {
                self.tell_of_limits(reply.status);
                return Ok(Some((asked, format!("{}: {}", reply.status, reply.text()))));
            }
            Verdict::Final => {
                return Err(CastError::Refused { status: reply.status, body: reply.text() });
            }
        }
        self.last_progress.set(Instant::now());
        self.progress.inc(1);
        Ok(None)
    }

    fn count(&self, change: impl FnOnce(&mut Outcome)) {
        let mut outcome = self.outcome.get();
        change(&mut outcome);
        self.outcome.set(outcome);
    }

    fn tell_of_limits(&self, status: StatusCode) {
        if status == StatusCode::TOO_MANY_REQUESTS && !self.told_of_limits.replace(true) {
            self.progress
                .suspend(|| eprintln!("The gateway limits votes: this will take long. {LIMITS_OFF}"));
        }
    }
}

/// Half of the pause is fixed, the other half differs by voter: they don't all come back at once.
fn pause(tries: u32, asked: Option<Duration>, voter: &Voter) -> Duration {
    let own = LONGEST_PAUSE.min(FIRST_PAUSE.saturating_mul(1 << tries.min(16)));
    let spread = f64::from(voter.token.as_bytes()[0]) / 255.0;
    match asked {
        Some(asked) => asked.max(own).mul_f64(1.0 + spread / 2.0),
        None => own.mul_f64(0.5 + spread / 2.0),
    }
}

#[cfg(test)]
mod tests;
