use super::super::made_up::{Run, accepted, refused};
use crate::history::{Answer, Role};

const NONE: [&str; 0] = [];

/// A run with a poll that a client saw final at second 2, with 3 votes.
fn closed() -> Run {
    let mut run = Run::new();
    run.sees(Role::Closing, "one", &[(1, 1), (2, 2), (3, 3)]);
    run.history.tracks[0].sightings[2].is_final = true;
    run
}

#[test]
fn a_closed_poll_becomes_final() {
    let mut run = Run::new();
    let poll = run.poll(Role::Closing);
    run.state.polls[poll].is_final = false;
    assert_eq!(run.violated(), ["closed, yet not final"]);
}

#[test]
fn nothing_is_accepted_once_a_client_was_told_of_the_end() {
    let mut run = closed();
    run.casts(Role::Closing, 1, &[(0, &[0])], 5, &[refused("poll_closed")]);
    let retried =
        run.casts(Role::Closing, 2, &[(0, &[0])], 0, &[Answer::Nothing, Answer::Nothing, accepted(2)]);
    run.counts(retried);
    assert_eq!(run.violated(), NONE);
    let late = run.casts(Role::Closing, 3, &[(0, &[0])], 3, &[accepted(3)]);
    run.counts(late);
    assert_eq!(run.violated(), ["accepted after the end"]);
}

#[test]
fn what_is_final_does_not_change() {
    let mut run = closed();
    run.sees(Role::Closing, "other", &[(2, 2)]);
    assert_eq!(run.violated(), NONE);
    run.sees(Role::Closing, "third", &[(4, 4)]);
    assert_eq!(run.violated(), ["changed after the end"]);
    run.history.tracks.pop();
    run.source(Role::Closing, "responses", None, 3);
    run.history.tracks.pop();
    assert_eq!(run.violated(), ["versions disagree"]);
    run.source(Role::Closing, "tallies", Some(3), 4);
    assert!(run.violated().contains(&"changed after the end"));
}
