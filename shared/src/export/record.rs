//! One row of an export.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::responses::StoredEvent;
use crate::vote::Choices;

/// What an event did to its voter's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// It is the first, or the first after a revoke.
    Cast,
    /// It took the place of another.
    Changed,
    /// It took the answer back.
    Revoked,
    /// Accepted as a second vote by a Redis that had lost its memory, it was never counted.
    Refused,
}

/// An event of a vote, with what it did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) kind: Kind,
    /// When it was accepted.
    pub(super) at: DateTime<Utc>,
    /// The question's position in its poll.
    pub(super) question: u8,
    pub(super) voter: Uuid,
    /// What stood before.
    pub(super) old: Choices,
    /// What it answered.
    pub(super) new: Choices,
}

impl Kind {
    /// Its name in exports.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Cast => "cast",
            Self::Changed => "changed",
            Self::Revoked => "revoked",
            Self::Refused => "refused",
        }
    }
}

impl Record {
    /// The event, by which the choices `old` were left behind.
    pub(super) fn of(event: &StoredEvent, kind: Kind, old: Choices) -> Self {
        let StoredEvent { question, voter, choices, submitted_at, .. } = *event;
        Self { kind, at: submitted_at, question, voter, old, new: choices }
    }
}
