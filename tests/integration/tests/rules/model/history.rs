//! What was committed of one voter on one question.

use std::collections::{BTreeMap, BTreeSet};

use pollster_shared::vote::{Choices, Digest, Kind};

/// Events by their places among all.
#[derive(Debug, Default)]
pub(super) struct History {
    counted: BTreeMap<i64, (Digest, Choices)>,
    refused: BTreeSet<i64>,
}

impl History {
    /// Whether the event was here before: delivered twice, or a cast sent again.
    pub(super) fn knows(&self, order: i64, digest: Digest, kind: Kind) -> bool {
        let sent_again = kind == Kind::Cast && self.counted.values().any(|(counted, _)| *counted == digest);
        sent_again || self.counted.contains_key(&order) || self.refused.contains(&order)
    }

    /// Whether a new cast finds an earlier event; where votes are final, any.
    pub(super) fn refuses(&self, order: i64, changeable: bool) -> bool {
        self.counted.keys().any(|counted| !changeable || *counted < order)
    }

    pub(super) fn take(&mut self, order: i64, digest: Digest, choices: Choices, refused: bool) {
        if refused {
            self.refused.insert(order);
        } else {
            self.counted.insert(order, (digest, choices));
        }
    }

    /// What counts: the last event, unless it was a revoke.
    pub(super) fn stands(&self) -> Option<Choices> {
        let (_, choices) = self.counted.last_key_value()?.1;
        (!choices.is_empty()).then_some(*choices)
    }

    pub(super) fn counted(&self) -> usize {
        self.counted.len()
    }

    pub(super) fn refused(&self) -> usize {
        self.refused.len()
    }
}
