use super::super::made_up::{Run, accepted, refused};
use crate::history::{Answer, Role};

const NONE: [&str; 0] = [];

#[test]
fn only_answers_of_the_interface_are_expected() {
    for (role, answer, expected) in [
        (Role::Single, Answer::Unavailable("unavailable".to_owned()), true),
        (Role::Single, Answer::Unavailable("internal".to_owned()), false),
        (Role::Single, refused("overloaded"), true),
        (Role::Single, refused("poll_closed"), false),
        (Role::Closing, refused("poll_closed"), true),
        (Role::Single, refused("poll_not_found"), false),
        (Role::Single, refused("rate_limited"), false),
        (Role::Changeable, refused("vote_not_found"), true),
        (Role::Single, refused("vote_not_found"), false),
    ] {
        let mut run = Run::new();
        run.casts(role, 1, &[(0, &[0])], 0, std::slice::from_ref(&answer));
        assert_eq!(run.violated().is_empty(), expected, "{role:?} {answer}");
    }
}

#[test]
fn who_is_told_of_an_earlier_vote_has_one() {
    let mut run = Run::new();
    run.casts(Role::Single, 1, &[(0, &[0])], 0, &[refused("already_voted")]);
    assert_eq!(run.violated(), ["already voted, though nobody had"]);
    run.casts(Role::Single, 1, &[(0, &[1])], 0, &[refused("overloaded")]);
    assert_eq!(run.violated(), ["already voted, though nobody had"]);
    run.casts(Role::Single, 1, &[(0, &[2])], 0, &[Answer::Nothing]);
    assert_eq!(run.violated(), NONE);
}

#[test]
fn who_was_not_answered_at_first_may_be_told_of_their_own_ballot() {
    let mut run = Run::new();
    run.casts(Role::Single, 1, &[(0, &[0])], 0, &[Answer::Nothing, refused("already_voted")]);
    assert_eq!(run.violated(), NONE);
}

#[test]
fn a_neighbour_at_the_same_address_is_another_voter() {
    let mut run = Run::new();
    let first = run.casts(Role::Address, 1, &[(0, &[0])], 0, &[accepted(1)]);
    let second = run.casts(Role::Address, 2, &[(0, &[1])], 5, &[refused("already_voted")]);
    run.counts(first);
    for (neighbour, expected) in [([10, 0, 0, 1], 0), ([10, 0, 0, 2], 1)] {
        run.comes_from(first, [10, 0, 0, 1]);
        run.comes_from(second, neighbour);
        assert_eq!(run.violated().len(), expected);
    }
}
