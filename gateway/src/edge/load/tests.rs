#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::future::pending;

use futures_util::FutureExt;

use super::*;
use crate::error::Code;
use crate::routes;

/// Whether one more is let in.
fn has_room(load: &Load, class: Class) -> bool {
    match load.enter(class) {
        Ok(_) => true,
        Err(error) => {
            assert_eq!(error.code(), Code::Overloaded);
            false
        }
    }
}

#[test]
fn a_class_has_as_many_places_as_it_may_and_they_come_free() {
    let load = Load::new(3, 2);
    for (class, bound) in [(Class::Vote, 3), (Class::Read, 2)] {
        let mut places: Vec<Place> = (0..bound).map(|_| load.enter(class).unwrap()).collect();
        assert!(!has_room(&load, class), "{class:?}");
        assert!(!has_room(&load, class), "who is refused takes none: {class:?}");
        places.pop();
        assert!(has_room(&load, class), "{class:?}");
    }
}

#[test]
fn reads_take_no_place_of_a_vote_nor_votes_of_a_read() {
    let load = Load::new(1, 1);
    let read = load.enter(Class::Read).unwrap();
    assert!(has_room(&load, Class::Vote) && !has_room(&load, Class::Read));
    drop(read);
    let _vote = load.enter(Class::Vote).unwrap();
    assert!(has_room(&load, Class::Read) && !has_room(&load, Class::Vote));
}

#[test]
fn what_is_free_is_let_in_whatever_is_in_hand() {
    let load = Load::new(0, 0);
    assert!(!has_room(&load, Class::Vote) && !has_room(&load, Class::Read));
    assert!(has_room(&load, Class::Free));
}

#[test]
fn a_place_comes_free_when_its_request_is_given_up() {
    let load = Load::new(1, 1);
    let place = load.enter(Class::Read).unwrap();
    let mut request = Box::pin(async move {
        let _place = place;
        pending::<()>().await;
    });
    assert!(request.as_mut().now_or_never().is_none());
    assert!(!has_room(&load, Class::Read));
    drop(request);
    assert!(has_room(&load, Class::Read));
}

#[test]
fn who_waits_for_its_client_takes_no_place_and_gives_none_back_twice() {
    let load = Load::new(1, 1);
    let place = load.enter(Class::Vote).unwrap();
    let mut waiting = Box::pin(place.aside(pending::<()>()));
    assert!(waiting.as_mut().now_or_never().is_none());
    let other = load.enter(Class::Vote).unwrap();
    drop(waiting);
    drop(place);
    assert!(!has_room(&load, Class::Vote), "the other has it still");
    drop(other);
    assert!(has_room(&load, Class::Vote));
}

#[test]
fn who_waited_for_its_client_needs_a_place_again() {
    let load = Load::new(1, 1);
    let place = load.enter(Class::Vote).unwrap();
    assert_eq!(place.aside(async { 7 }).now_or_never().unwrap().unwrap(), 7);
    assert!(!has_room(&load, Class::Vote), "it has it again");

    let late = place.aside(async { load.enter(Class::Vote).unwrap() }).now_or_never().unwrap();
    assert_eq!(late.unwrap_err().code(), Code::Overloaded);
    drop(place);
    assert!(has_room(&load, Class::Vote));
}

#[test]
fn there_is_room_for_more_votes_than_reads() {
    let load = Load::default();
    let fill = |class| std::iter::from_fn(|| load.enter(class).ok()).collect::<Vec<Place>>();
    let reads = fill(Class::Read);
    let votes = fill(Class::Vote);
    assert!(votes.len() >= 4 * reads.len(), "{} votes, {} reads", votes.len(), reads.len());
}

#[test]
fn votes_are_votes_and_only_health_and_sockets_are_free() {
    for route in routes::table() {
        let is_vote = route.path.ends_with("/votes");
        let is_free = ["/livez", "/readyz", "/ws"].contains(&route.path);
        let class = match (is_vote, is_free) {
            (true, _) => Class::Vote,
            (_, true) => Class::Free,
            _ => Class::Read,
        };
        assert_eq!(route.class, class, "{} {}", route.method, route.path);
    }
}

#[test]
fn every_route_that_may_be_refused_says_so() {
    for route in routes::table() {
        let is_told = route.errors.concat().contains(&Code::Overloaded);
        assert_eq!(is_told, route.class != Class::Free, "{} {}", route.method, route.path);
    }
}
