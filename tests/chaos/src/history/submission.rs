//! A ballot under its idempotency key, with every attempt to have it accepted.

use std::fmt;
use std::net::Ipv4Addr;
use std::time::Instant;

use pollster_shared::vote::{Ballot, Choices, Kind};
use uuid::Uuid;

use super::Once;

/// Which way an attempt went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channel {
    /// A request.
    Rest,
    /// A message over a WebSocket.
    Socket,
}

/// What an attempt was told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It will count, or counts already.
    Accepted {
        /// The vote's public id.
        vote_id: Uuid,
        /// Whether it counts already: written to PostgreSQL before it was answered.
        confirmed: bool,
    },
    /// An error that says that nothing was done.
    Refused {
        /// The status; of messages over a WebSocket, that of their code is not told: 0.
        status: u16,
        /// The code.
        code: String,
    },
    /// An error that says that the outcome is unknown, by its code.
    Unavailable(String),
    /// Nothing: the time was over, or the connection.
    Nothing,
    /// It never left: there was no connection.
    NotSent,
}

/// One attempt.
#[derive(Debug, Clone)]
pub struct Attempt {
    /// The gateway, by its number.
    pub gateway: usize,
    /// Which way.
    pub channel: Channel,
    /// When it was sent.
    pub invoked: Instant,
    /// When it was answered or given up.
    pub ended: Instant,
    /// What it was told.
    pub answer: Answer,
}

/// A ballot under its key.
#[derive(Debug, Clone)]
pub struct Submission {
    /// The poll, by its place.
    pub poll: usize,
    /// The voter's token.
    pub voter: Uuid,
    /// The address that it came from, where the poll asks for that.
    pub address: Option<Ipv4Addr>,
    /// What it is to the voter's earlier ones.
    pub kind: Kind,
    /// The idempotency key.
    pub key: String,
    /// What was voted; of a revoke, no choices.
    pub ballot: Ballot,
    /// In the order in which they were made.
    pub attempts: Vec<Attempt>,
    /// When its voter first read that it counts.
    pub seen_confirmed: Option<Instant>,
}

/// What all attempts together were told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// One was accepted.
    Accepted,
    /// Every one was refused, or never left.
    Refused,
    /// None was accepted, and one may have been.
    Unknown,
}

impl Answer {
    /// Whether the attempt may have had an effect that was not told.
    pub fn is_unknown(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::Nothing)
    }
}

impl Submission {
    /// What its attempts were told.
    pub fn outcome(&self) -> Outcome {
        if self.accepted().is_some() {
            return Outcome::Accepted;
        }
        match self.attempts.iter().any(|attempt| attempt.answer.is_unknown()) {
            true => Outcome::Unknown,
            false => Outcome::Refused,
        }
    }

    /// The first attempt that was accepted.
    pub fn accepted(&self) -> Option<&Attempt> {
        self.attempts.iter().find(|attempt| matches!(attempt.answer, Answer::Accepted { .. }))
    }

    /// The public id that it was given first.
    pub fn vote_id(&self) -> Option<Uuid> {
        self.vote_ids().next()
    }

    /// The public ids that its accepted attempts were given.
    pub fn vote_ids(&self) -> impl Iterator<Item = Uuid> {
        self.attempts.iter().filter_map(|attempt| match attempt.answer {
            Answer::Accepted { vote_id, .. } => Some(vote_id),
            _ => None,
        })
    }

    /// When its voter knew first that it counts: by an answer, or by asking.
    pub fn confirmed_at(&self) -> Option<Instant> {
        let answered = self.attempts.iter().find_map(|attempt| match attempt.answer {
            Answer::Accepted { confirmed: true, .. } => Some(attempt.ended),
            _ => None,
        });
        answered.into_iter().chain(self.seen_confirmed).min()
    }

    /// When it was first sent.
    pub fn first_sent(&self) -> Option<Instant> {
        self.attempts.first().map(|attempt| attempt.invoked)
    }

    /// The questions answered, by their positions, with what was chosen.
    pub fn answers(&self) -> impl Iterator<Item = (u8, Choices)> {
        self.ballot.answers().iter().map(|answer| (answer.question, answer.choices))
    }

    /// What was chosen on a question.
    pub fn choices(&self, question: u8) -> Option<Choices> {
        self.answers().find(|(answered, _)| *answered == question).map(|(_, choices)| choices)
    }

    /// Whom it may come from once: of no two submissions that share one of these both may count on a question.
    pub fn once(&self) -> impl Iterator<Item = Once> {
        [Once::Browser(self.voter)].into_iter().chain(self.address.map(Once::Address))
    }

    /// The answers, for people.
    pub(super) fn answers_for_people(&self) -> String {
        let answers = self.answers().map(|(question, choices)| {
            let chosen: Vec<String> = choices.positions().map(|choice| choice.to_string()).collect();
            format!("q{question}={}", if chosen.is_empty() { "-".to_owned() } else { chosen.join("+") })
        });
        answers.collect::<Vec<_>>().join(" ")
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Accepted { confirmed: true, .. } => f.write_str("confirmed"),
            Self::Accepted { confirmed: false, .. } => f.write_str("accepted"),
            Self::Refused { status, code } => write!(f, "refused {status} {code}"),
            Self::Unavailable(code) => write!(f, "unknown: {code}"),
            Self::Nothing => f.write_str("no answer"),
            Self::NotSent => f.write_str("not sent"),
        }
    }
}
