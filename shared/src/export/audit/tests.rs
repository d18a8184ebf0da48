#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use chrono::DateTime;
use futures_util::{FutureExt, StreamExt, stream};

use super::super::events::Source;
use super::*;

/// An event of a voter on a question; no choices are a revoke, an order below zero stands for none.
fn event(question: u8, voter: u128, order: i64, choices: u64) -> StoredEvent {
    StoredEvent {
        question,
        voter: Uuid::from_u128(voter),
        choices: Choices(choices),
        digest: 0,
        submitted_at: DateTime::UNIX_EPOCH,
        order: (order >= 0).then_some(order),
        refused: false,
    }
}

fn refused(question: u8, voter: u128, order: i64, choices: u64) -> StoredEvent {
    StoredEvent { refused: true, ..event(question, voter, order, choices) }
}

/// The trail of these events, read in pages of `size`: question, voter, kind, old and new choices.
fn trail(responses: &[StoredEvent], changes: &[StoredEvent], size: usize) -> Vec<(u8, u128, Kind, u64, u64)> {
    let events = |events: &[StoredEvent]| {
        let pages: Vec<_> = events.chunks(size).map(|page| Ok(page.to_vec())).collect();
        Events::new(Source::Pages(stream::iter(pages).boxed()))
    };
    let mut audit = Audit::new(events(responses), events(changes));
    let mut trail = Vec::new();
    loop {
        let page = audit.page().now_or_never().unwrap().unwrap();
        if page.is_empty() {
            return trail;
        }
        trail.extend(page.iter().map(|record| {
            let Record { question, voter, kind, old, new, .. } = record;
            (*question, voter.as_u128(), *kind, old.0, new.0)
        }));
    }
}

#[test]
fn events_of_both_relations_come_in_the_order_of_their_keys_whatever_the_pages() {
    let responses = [event(0, 1, 5, 4), event(0, 2, 1, 1), event(0, 4, 9, 0), event(1, 1, 5, 1)];
    let changes = [
        event(0, 1, 1, 1),
        event(0, 1, 3, 2),
        event(0, 4, 2, 1),
        event(0, 4, 4, 0),
        event(0, 4, 6, 2),
        event(1, 1, 2, 2),
    ];
    let expected = [
        (0, 1, Kind::Cast, 0, 1),
        (0, 1, Kind::Changed, 1, 2),
        (0, 1, Kind::Changed, 2, 4),
        (0, 2, Kind::Cast, 0, 1),
        (0, 4, Kind::Cast, 0, 1),
        (0, 4, Kind::Revoked, 1, 0),
        (0, 4, Kind::Cast, 0, 2),
        (0, 4, Kind::Revoked, 2, 0),
        (1, 1, Kind::Cast, 0, 2),
        (1, 1, Kind::Changed, 2, 1),
    ];
    for size in 1..=7 {
        assert_eq!(trail(&responses, &changes, size), expected, "pages of {size}");
    }
}

#[test]
fn either_relation_may_be_empty_or_end_first() {
    assert_eq!(trail(&[], &[], 2), []);
    let cast = |voter| (0, voter, Kind::Cast, 0, 1);
    let events = [event(0, 1, 1, 1), event(0, 2, 1, 1), event(0, 3, 1, 1)];
    assert_eq!(trail(&events, &[], 2), [cast(1), cast(2), cast(3)]);
    assert_eq!(trail(&[], &events, 2), [cast(1), cast(2), cast(3)]);
    assert_eq!(trail(&events[..1], &events[1..], 1), [cast(1), cast(2), cast(3)]);
    assert_eq!(trail(&events[1..], &events[..1], 1), [cast(1), cast(2), cast(3)]);
}

#[test]
fn a_refused_vote_changes_nothing() {
    let responses = [event(0, 1, -1, 1), event(0, 2, 8, 4)];
    let changes = [refused(0, 1, 3, 2), refused(0, 2, 1, 1), event(0, 2, 2, 2), refused(0, 2, 9, 1)];
    let expected = [
        (0, 1, Kind::Cast, 0, 1),
        (0, 1, Kind::Refused, 0, 2),
        (0, 2, Kind::Refused, 0, 1),
        (0, 2, Kind::Cast, 0, 2),
        (0, 2, Kind::Changed, 2, 4),
        (0, 2, Kind::Refused, 0, 1),
    ];
    assert_eq!(trail(&responses, &changes, 2), expected);
}

#[test]
fn an_event_that_both_relations_hold_is_given_once() {
    let responses = [event(0, 1, 2, 2)];
    let changes = [event(0, 1, 1, 1), event(0, 1, 2, 2), event(0, 1, 3, 4)];
    let expected = [(0, 1, Kind::Cast, 0, 1), (0, 1, Kind::Changed, 1, 2), (0, 1, Kind::Changed, 2, 4)];
    assert_eq!(trail(&responses, &changes, 10), expected);
}
