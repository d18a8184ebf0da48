//! Every event of every vote: those of `responses` and `response_changes`, merged in the order of their keys, as the
//! view `vote_audit_log` has them, with those that were refused.

#[cfg(test)]
mod tests;

use uuid::Uuid;

use super::error::ExportError;
use super::events::{Events, PAGE};
use super::record::{Kind, Record};
use crate::responses::{Position, StoredEvent};
use crate::vote::Choices;

/// The merge of both relations.
#[derive(Debug)]
pub(super) struct Audit {
    responses: Events,
    changes: Events,
    trail: Trail,
}

/// What one voter's events have led to so far.
#[derive(Debug, Default)]
struct Trail {
    last: Option<Position>,
    standing: Choices,
}

impl Audit {
    pub(super) fn new(responses: Events, changes: Events) -> Self {
        Self { responses, changes, trail: Trail::default() }
    }

    /// Some events, none at the end.
    ///
    /// A vote that changes meanwhile moves its event from `responses` to `response_changes`. So that none is missed,
    /// the changes of a voter are always read after the response; what is then seen twice is given once.
    pub(super) async fn page(&mut self) -> Result<Vec<Record>, ExportError> {
        loop {
            if self.responses.fill().await? {
                self.changes.read_again(self.trail.last);
            }
            self.changes.fill().await?;
            let mut records = Vec::new();
            while records.len() < PAGE
                && let Some(event) = self.next()
            {
                records.extend(self.trail.follow(&event));
            }
            if !records.is_empty() || self.responses.has_ended() && self.changes.has_ended() {
                return Ok(records);
            }
        }
    }

    /// The next event of both; `None` where one of them must be filled first, or both have ended.
    fn next(&mut self) -> Option<StoredEvent> {
        let is_response = match (self.responses.peek(), self.changes.peek()) {
            (Some(response), Some(change)) => key(response) <= key(change),
            (Some(_), None) => self.changes.has_ended().then_some(true)?,
            (None, Some(_)) => self.responses.has_ended().then_some(false)?,
            (None, None) => return None,
        };
        if is_response { self.responses.take() } else { self.changes.take() }
    }
}

impl Trail {
    /// What the event did; `None` where it was seen before.
    fn follow(&mut self, event: &StoredEvent) -> Option<Record> {
        let position = event.position();
        let last = self.last.replace(position);
        if last == Some(position) {
            return None;
        }
        let is_same = |last: Position| (last.question, last.voter) == (position.question, position.voter);
        if !last.is_some_and(is_same) {
            self.standing = Choices::default();
        }
        if event.refused {
            return Some(Record::of(event, Kind::Refused, Choices::default()));
        }
        let old = std::mem::replace(&mut self.standing, event.choices);
        let kind = match (old.is_empty(), event.choices.is_empty()) {
            (_, true) => Kind::Revoked,
            (true, false) => Kind::Cast,
            (false, false) => Kind::Changed,
        };
        Some(Record::of(event, kind, old))
    }
}

/// What both relations are sorted by.
fn key(event: &StoredEvent) -> (u8, Uuid, i64) {
    let Position { question, voter, order } = event.position();
    (question, voter, order)
}
