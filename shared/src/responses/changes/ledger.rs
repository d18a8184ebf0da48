//! The events of one voter on one question.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use crate::responses::{Fate, Row};
use crate::vote::Choices;

/// One event; without choices it is a revoke.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Event {
    pub(super) choices: Choices,
    pub(super) digest: i64,
    pub(super) submitted_at: DateTime<Utc>,
    pub(super) address: Option<i64>,
    pub(super) order: i64,
}

/// What the log holds of an event that the row does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::responses) struct Logged {
    pub(in crate::responses) order: i64,
    pub(in crate::responses) digest: i64,
    /// A second cast, accepted by a Redis that had lost its memory: it was never counted.
    pub(in crate::responses) refused: bool,
}

/// A voter's events on a question.
#[derive(Debug)]
pub(super) struct Ledger {
    /// Any row of this voter and question: it says where they are.
    pub(super) row: Row,
    /// Whether the results are final: no event is new any more.
    pub(super) sealed: bool,
    /// What stood before the commit.
    before: Option<Event>,
    /// What stands now.
    latest: Option<Event>,
    logged: HashMap<i64, Logged>,
    /// What goes to the log, with whether it was refused.
    to_log: Vec<(Event, bool)>,
}

impl Event {
    pub(super) fn of(row: &Row) -> Self {
        Self {
            choices: row.choices,
            digest: row.digest,
            submitted_at: row.submitted_at,
            address: row.address,
            order: row.order,
        }
    }

    fn to_row(self, at: Row) -> Row {
        let Self { choices, digest, submitted_at, address, order } = self;
        Row { choices, digest, submitted_at, address, order, ..at }
    }
}

impl Ledger {
    /// An empty ledger.
    pub(super) fn new(row: Row) -> Self {
        Self { row, sealed: false, before: None, latest: None, logged: HashMap::new(), to_log: Vec::new() }
    }

    /// Notes the event that stood before.
    pub(super) fn open(&mut self, event: Event) {
        self.before = Some(event);
        self.latest = Some(event);
    }

    /// Notes an event that the log holds.
    pub(super) fn remember(&mut self, logged: Logged) {
        self.logged.insert(logged.order, logged);
    }

    /// Whether no event ever stood here.
    pub(super) fn is_empty(&self) -> bool {
        self.latest.is_none()
    }

    /// What became of `event` if it was taken before: delivered twice, or, of a cast, sent again under its key
    /// to a Redis that had lost its memory. A change that comes again with another order is another change:
    /// what acceptance took as a new one counts as one, whatever is delivered between the two.
    pub(super) fn known(&self, event: &Event, is_cast: bool) -> Option<Fate> {
        if let Some(logged) = self.logged.get(&event.order) {
            return Some(if logged.refused { Fate::Refused } else { Fate::Repeated });
        }
        let stands = self
            .latest
            .is_some_and(|latest| latest.order == event.order || is_cast && latest.digest == event.digest);
        let was_cast =
            is_cast && self.logged.values().any(|logged| !logged.refused && logged.digest == event.digest);
        (stands || was_cast).then_some(Fate::Repeated)
    }

    /// What stands is this cast, and has its place from now on where that is the earlier one: a gateway that hung with it
    /// may have committed it past Redis after the voter, who had sent it again, went on to change or revoke it. A cast in
    /// the log was replaced: what stands has come again since, as a change.
    pub(super) fn came_earlier(&mut self, cast: &Event) {
        let is_logged = self.logged.contains_key(&cast.order);
        if let Some(latest) = self.latest.as_mut().filter(|latest| !is_logged && latest.digest == cast.digest)
        {
            latest.order = latest.order.min(cast.order);
        }
    }

    /// Whether an event that came before `order` stands, or stood until it was replaced.
    pub(super) fn has_earlier(&self, order: i64) -> bool {
        let mut logged = self.logged.values().filter(|logged| !logged.refused);
        self.latest.is_some_and(|latest| latest.order < order) || logged.any(|logged| logged.order < order)
    }

    /// Takes an event that is new; one that is refused is only logged.
    pub(super) fn take(&mut self, event: Event, refused: bool) {
        let not_latest = match self.latest {
            _ if refused => Some(event),
            Some(latest) if latest.order > event.order => Some(event),
            latest => {
                self.latest = Some(event);
                latest
            }
        };
        if let Some(event) = not_latest {
            let Event { order, digest, .. } = event;
            self.logged.insert(order, Logged { order, digest, refused });
            self.to_log.push((event, refused));
        }
    }

    /// The choices that stood before.
    pub(super) fn before(&self) -> Choices {
        self.before.map_or_else(Choices::default, |event| event.choices)
    }

    /// The row, if another event stands now.
    pub(super) fn changed(&self) -> Option<Row> {
        self.latest.filter(|_| self.latest != self.before).map(|latest| latest.to_row(self.row))
    }

    /// The rows for the log, each with whether it was refused.
    pub(super) fn to_log(&self) -> impl Iterator<Item = (Row, bool)> {
        self.to_log.iter().map(|(event, refused)| (event.to_row(self.row), *refused))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::responses::test_rows::row;

    fn event(order: i64, choices: u64) -> Event {
        let submitted_at = DateTime::UNIX_EPOCH;
        Event { choices: Choices(choices), digest: order * 100, submitted_at, address: None, order }
    }

    fn ledger(events: &[(i64, u64)]) -> Ledger {
        let mut ledger = Ledger::new(row(1, 1, 1));
        for &(order, choices) in events {
            let event = event(order, choices);
            if ledger.known(&event, false).is_none() {
                ledger.take(event, false);
            }
        }
        ledger
    }

    fn logged(ledger: &Ledger) -> Vec<i64> {
        let mut orders: Vec<i64> = ledger.to_log().map(|(row, _)| row.order).collect();
        orders.sort_unstable();
        orders
    }

    #[test]
    fn the_latest_event_stands_whatever_the_order_of_delivery() {
        for events in [[(1, 1), (2, 2), (3, 0)], [(3, 0), (1, 1), (2, 2)], [(2, 2), (3, 0), (1, 1)]] {
            let ledger = ledger(&events);
            assert_eq!(ledger.changed().map(|row| (row.order, row.choices.0)), Some((3, 0)), "{events:?}");
            assert_eq!(logged(&ledger), [1, 2], "{events:?}");
        }
    }

    #[test]
    fn an_event_delivered_again_changes_nothing() {
        let ledger = ledger(&[(1, 1), (2, 2), (1, 1), (2, 2)]);
        assert_eq!(logged(&ledger), [1]);
        assert_eq!(ledger.changed().map(|row| row.order), Some(2));
        assert_eq!(ledger.known(&event(1, 1), false), Some(Fate::Repeated));
    }

    #[test]
    fn what_stood_before_is_logged_once_it_is_replaced() {
        let mut ledger = Ledger::new(row(1, 1, 1));
        ledger.open(event(1, 1));
        assert!(ledger.changed().is_none());
        ledger.take(event(5, 2), false);
        assert_eq!((ledger.before().0, logged(&ledger)), (1, vec![1]));
    }

    #[test]
    fn a_refused_event_is_known_as_refused() {
        let mut ledger = Ledger::new(row(1, 1, 1));
        ledger.open(event(1, 1));
        assert!(ledger.has_earlier(2) && !ledger.has_earlier(1));
        ledger.take(event(2, 2), true);
        assert!(ledger.changed().is_none());
        assert_eq!(ledger.known(&event(2, 2), true), Some(Fate::Refused));
    }

    #[test]
    fn a_cast_is_second_to_what_stood_before_it_though_that_was_replaced_since() {
        let mut ledger = ledger(&[(1, 1), (5, 0)]);
        assert!(ledger.has_earlier(2) && !ledger.has_earlier(1));
        ledger.take(event(2, 2), true);
        assert!(!ledger.has_earlier(1), "what was refused never stood");
    }

    #[test]
    fn a_change_sent_again_stands_above_what_is_delivered_late() {
        let mut ledger = ledger(&[(1, 1)]);
        let again = Event { order: 9, ..event(1, 1) };
        assert_eq!(ledger.known(&again, false), None);
        ledger.take(again, false);
        ledger.take(event(5, 2), false);
        assert_eq!(ledger.changed().map(|row| row.order), Some(9));
    }

    #[test]
    fn a_cast_has_its_earliest_place() {
        let late = Event { order: 9, ..event(1, 1) };
        let mut ledger = Ledger::new(row(1, 1, 1));
        ledger.open(late);
        ledger.came_earlier(&event(2, 2));
        assert!(ledger.changed().is_none(), "another event");
        ledger.came_earlier(&event(1, 1));
        ledger.take(event(5, 0), false);
        assert_eq!(ledger.changed().map(|row| (row.order, row.choices.0)), Some((5, 0)));
        assert_eq!(logged(&ledger), [1]);
        ledger.came_earlier(&Event { order: 7, ..event(5, 0) });
        assert_eq!(ledger.changed().map(|row| row.order), Some(5), "not a later one");
    }

    #[test]
    fn a_cast_that_came_again_as_a_change_keeps_that_one_s_place() {
        let mut ledger = ledger(&[(1, 1), (5, 0)]);
        ledger.take(Event { order: 9, ..event(1, 1) }, false);
        ledger.came_earlier(&event(1, 1));
        assert_eq!(ledger.changed().map(|row| row.order), Some(9), "the first delivery, once more");
    }

    #[test]
    fn a_cast_sent_again_under_its_key_is_known_though_it_was_changed_since() {
        let mut ledger = ledger(&[(1, 1), (2, 2)]);
        let again = Event { order: 9, ..event(1, 1) };
        assert_eq!(ledger.known(&again, true), Some(Fate::Repeated));
        // As a change it is a new one: acceptance took it as such.
        assert_eq!(ledger.known(&again, false), None);
        ledger.take(again, false);
        assert_eq!(ledger.changed().map(|row| row.order), Some(9));
    }
}
