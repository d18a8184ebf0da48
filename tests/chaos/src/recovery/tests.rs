use super::*;
use crate::checker::made_up::{Run, accepted};

const STRUCK: &str = "redis-primary-kill";

fn seconds(duration: Duration) -> u64 {
    duration.as_secs()
}

#[test]
fn what_clients_waited_for_is_the_longest_pause_around_the_fault() {
    let mut run = Run::new();
    for (voter, second) in [(1, 1), (2, 3), (3, 9), (4, 30)] {
        // Each is answered a second later.
        run.casts(Role::Single, voter, &[(0, &[0])], second, &[accepted(voter)]);
    }
    // The fault begins within the pause from 4 to 10.
    run.strikes(STRUCK, 5, 12);
    let recoveries = recoveries(&run.history, &run.faults);
    assert_eq!(recoveries.len(), 1);
    // From 10 to 31, which began before it was healed.
    assert_eq!(seconds(recoveries[0].votes), 21);
    run.faults[0].until = run.at(9);
    assert_eq!(seconds(super::recoveries(&run.history, &run.faults)[0].votes), 5);
}

#[test]
fn counts_move_when_anybody_sees_a_newer_version() {
    let mut run = Run::new();
    // A second each: the last two are old.
    run.sees(Role::Single, "viewer", &[(1, 1), (2, 2), (2, 2), (2, 2), (2, 2), (3, 3)]);
    run.sees(Role::Single, "other", &[(1, 1), (1, 1), (1, 1), (3, 3)]);
    run.strikes(STRUCK, 1, 2);
    assert_eq!(seconds(recoveries(&run.history, &run.faults)[0].counts), 2);
}

#[test]
fn what_struck_alone_is_told_rather_than_what_did_not() {
    let mut run = Run::new();
    for (voter, second) in [(1, 1), (2, 9), (3, 11), (4, 13), (5, 30)] {
        run.casts(Role::Single, voter, &[(0, &[0])], second, &[accepted(voter)]);
    }
    run.strikes(STRUCK, 10, 12);
    run.strikes(STRUCK, 20, 22);
    run.strikes("pgbouncer-kill", 21, 25);
    let recoveries = recoveries(&run.history, &run.faults);
    let told: Vec<_> = recoveries.iter().map(|it| (it.alone, seconds(it.votes))).collect();
    assert_eq!(told, [(true, 2), (false, 11), (false, 10)]);
    let verdict = run.verdict().to_string();
    assert!(verdict.contains("redis-primary-kill x2 (1 alone)  votes  2.0  2.0"), "{verdict}");
}

#[test]
fn faults_of_programs_are_not_told_and_servers_are_told_by_kind() {
    let mut run = Run::new();
    run.strikes(STRUCK, 1, 2);
    run.strikes(STRUCK, 3, 4);
    run.faults[1].took_over = true;
    run.strikes("kill-gateway", 1, 2);
    run.faults[2].strikes_a_server = false;
    let verdict = run.verdict().to_string();
    assert!(verdict.contains("redis-primary-kill x2"), "{verdict}");
    assert!(verdict.contains("(1 taken over)"), "{verdict}");
    assert!(!verdict.contains("kill-gateway"), "{verdict}");
}
