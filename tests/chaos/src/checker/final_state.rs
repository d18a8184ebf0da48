//! What there is in the end, read past all proxies once everything is healed.

mod read;
mod statuses;

use std::collections::HashMap;

use pollster_integration::Counts;
use pollster_shared::vote::{Choices, HashSecret};
use uuid::Uuid;

/// All of it.
#[derive(Debug, Clone)]
pub struct FinalState {
    /// The polls, in the order of the history's.
    pub polls: Vec<PollState>,
    /// What became of votes, as their voters are told, by their public ids.
    pub statuses: HashMap<Uuid, VoteStatus>,
    /// What did not come to rest in time.
    pub unsettled: Option<String>,
    /// Entries that were set aside.
    pub dead_letters: Vec<String>,
    /// What keys the voters' hashes.
    pub secret: HashSecret,
}

/// A poll.
#[derive(Debug, Clone)]
pub struct PollState {
    /// Everything that counts its votes; the responses themselves, counted one by one, come first.
    pub sources: Vec<Source>,
    /// Its responses.
    pub rows: Vec<Row>,
    /// Whether its results are said to be final.
    pub is_final: bool,
}

/// Counts, and who gives them.
#[derive(Debug, Clone)]
pub struct Source {
    /// For people.
    pub name: String,
    /// The counts' version, where they have one.
    pub version: Option<i64>,
    /// The counts.
    pub counts: Counts,
}

/// A response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// The position of its question.
    pub question: u8,
    /// The voter, as the database names them.
    pub voter: Uuid,
    /// What was chosen; nothing after a revoke.
    pub choices: Choices,
}

/// What became of a vote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VoteStatus {
    /// It is not counted yet.
    Accepted,
    /// It counts.
    Confirmed,
    /// It was counted, and replaced or revoked since.
    Replaced,
    /// It does not count.
    Rejected,
    /// Nobody knows it.
    NotFound,
}

impl PollState {
    /// The version of its counts.
    pub fn version(&self) -> Option<i64> {
        self.sources.iter().find_map(|source| source.version)
    }

    /// Whether everything that counts its votes comes to the same.
    fn agrees(&self) -> bool {
        let same_counts = self.sources.windows(2).all(|pair| pair[0].counts == pair[1].counts);
        let mut versions = self.sources.iter().filter_map(|source| source.version);
        let first = versions.next();
        same_counts && versions.all(|version| Some(version) == first)
    }
}
