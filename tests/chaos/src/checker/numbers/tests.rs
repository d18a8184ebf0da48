use super::super::made_up::{Run, accepted, confirmed, refused};
use super::*;
use crate::history::Role;

#[test]
fn a_ballot_is_what_all_its_attempts_were_told() {
    let mut run = Run::new();
    let nothing = || Answer::Nothing;
    for (voter, told) in [
        vec![nothing(), accepted(1)],
        vec![confirmed(2), confirmed(2)],
        // Confirmed only when it was sent again: it came by the stream.
        vec![accepted(3), confirmed(3)],
        vec![Answer::NotSent, refused("already_voted")],
        vec![nothing(), refused("already_voted")],
    ]
    .into_iter()
    .enumerate()
    {
        run.casts(Role::Single, voter as u128, &[(0, &[0])], 0, &told);
    }
    run.sees(Role::Single, "viewer", &[(1, 1), (2, 2)]);
    run.source(Role::Single, "responses", None, 3);
    run.emptied(1, 2);
    let expected = Numbers {
        ballots: 5,
        attempts: 10,
        accepted: 3,
        confirmed_directly: 1,
        refused: 1,
        unknown: 1,
        responses: 3,
        sightings: 2,
        faults: 1,
        ..Numbers::default()
    };
    assert_eq!(of(&run.history, &run.state, &run.faults), expected);
}
