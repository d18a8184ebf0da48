//! Reconciling: a poll's responses counted anew and held against its tallies and its timeline, and the tallies
//! against the counts in Redis.
//!
//! No lock is needed for that, and no vote waits: a commit moves rows, tallies and timeline in one transaction, so
//! within one snapshot of PostgreSQL they agree to the vote, however many come in meanwhile ([`Recount`]). Redis is
//! read before PostgreSQL: what it holds was committed before it was published, so it may be behind for a moment,
//! and never ahead ([`compare`]).
//!
//! Nothing is ever overwritten by what was counted. [`correct`] adds the difference that one snapshot has shown, so
//! that votes committed since are kept; [`republish`] raises the poll's version above what Redis holds and publishes
//! the tallies, so that nothing that anybody was told goes back.

mod correct;
mod listed;
mod projected;
mod recount;

use std::iter;
use std::time::Duration;

use redis::RedisError;
use serde::Serialize;
use uuid::Uuid;

pub use correct::{become_only_corrector, correct};
pub use listed::{Listed, Selection, are_in_place, listed, remember, responses};
pub use projected::{Standing, compare, republish};
pub use recount::{Recount, Recounted, SLICE};

use crate::counts::Counts;
use crate::database::DatabaseError;

/// What holds counts that may be wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// The tally tables, held against the responses.
    Tallies,
    /// The votes a minute, summed up and held against the responses.
    Timeline,
    /// The hash in Redis, held against the tallies.
    Redis,
}

impl What {
    /// Its name, as a label.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tallies => "tallies",
            Self::Timeline => "timeline",
            Self::Redis => "redis",
        }
    }
}

/// A count that is not what it should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The poll's public id.
    pub poll_id: Uuid,
    /// Where the count stands.
    pub what: What,
    /// Which one, by its name in the hash in Redis: `total`, `version`, `question:<id>`, `choice:<id>`, and there
    /// also `closed` and `final`, 0 or 1.
    pub count: String,
    /// What it should be.
    pub expected: i64,
    /// What it is.
    pub found: i64,
}

/// What can keep a poll from being reconciled.
#[derive(Debug, thiserror::Error)]
pub enum ReconcileError {
    /// PostgreSQL failed.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// Redis failed.
    #[error("Redis: {0}")]
    Redis(#[from] RedisError),
    /// Its snapshot would have held back PostgreSQL's vacuum for too long.
    #[error("its responses were not counted within {} minutes", .0.as_secs() / 60)]
    TooLong(Duration),
}

impl From<diesel::result::Error> for ReconcileError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Database(error.into())
    }
}

/// Those of `counts`, each with what it should be and what it is, that are not what they should be.
fn differences(
    poll_id: Uuid,
    what: What,
    counts: impl IntoIterator<Item = (String, i64, i64)>,
) -> impl Iterator<Item = Difference> {
    let differ = counts.into_iter().filter(|(_, expected, found)| expected != found);
    differ.map(move |(count, expected, found)| Difference { poll_id, what, count, expected, found })
}

/// The total and each count, as `expected` and `found` have it.
fn paired(expected: &Counts, found: &Counts) -> impl Iterator<Item = (String, i64, i64)> {
    let total = ("total".to_owned(), expected.total_votes, found.total_votes);
    let counted = expected.results.iter();
    iter::once(total).chain(counted.map(|(counted, &votes)| (counted.to_string(), votes, found.of(*counted))))
}
