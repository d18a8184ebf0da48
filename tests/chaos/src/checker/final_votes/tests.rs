use super::super::made_up::{Run, accepted, confirmed, refused};
use super::super::{Row, VoteStatus};
use crate::history::{Answer, Role};
use crate::nemesis::Loss;

const NONE: [&str; 0] = [];

#[test]
fn an_accepted_ballot_that_counts_is_as_it_should_be() {
    let mut run = Run::new();
    let ballot = run.casts(Role::Single, 1, &[(0, &[2])], 0, &[Answer::Nothing, accepted(1)]);
    run.counts(ballot);
    assert_eq!(run.violated(), NONE);
    assert_eq!((run.verdict().numbers.accepted, run.verdict().numbers.attempts), (1, 2));
}

#[test]
fn an_accepted_ballot_that_does_not_count_is_lost() {
    let mut run = Run::new();
    run.casts(Role::Single, 1, &[(0, &[2])], 0, &[accepted(1)]);
    assert_eq!(run.violated(), ["lost"]);
}

#[test]
fn another_choice_than_was_cast_is_seen() {
    let mut run = Run::new();
    let ballot = run.casts(Role::Single, 1, &[(0, &[2])], 0, &[accepted(1)]);
    run.counts(ballot);
    run.state.polls[0].rows[0].choices = pollster_shared::vote::Choices(1);
    assert_eq!(run.violated(), ["counted, yet never cast", "lost"]);
}

#[test]
fn two_responses_of_a_voter_to_a_question_are_seen() {
    let mut run = Run::new();
    let ballot = run.casts(Role::Single, 1, &[(0, &[2])], 0, &[accepted(1)]);
    run.counts(ballot);
    run.counts(ballot);
    assert_eq!(run.violated(), ["counted twice"]);
}

#[test]
fn a_response_of_nobody_is_seen() {
    let mut run = Run::new();
    let (voter, choices) = (uuid::Uuid::from_u128(7), pollster_shared::vote::Choices(1));
    run.state.polls[0].rows.push(Row { question: 0, voter, choices });
    assert_eq!(run.violated(), ["counted, yet never cast"]);
}

#[test]
fn of_two_accepted_ballots_one_counts_and_the_other_reads_rejected() {
    let mut run = Run::new();
    let first = run.casts(Role::Single, 1, &[(0, &[0])], 0, &[accepted(1)]);
    let second = run.casts(Role::Single, 1, &[(0, &[1])], 0, &[accepted(2)]);
    run.counts(first);
    run.reads(second, VoteStatus::Rejected);
    assert_eq!(run.violated(), NONE);
    assert_eq!(run.verdict().numbers.rejected, 1);
    run.reads(second, VoteStatus::Accepted);
    assert_eq!(run.violated(), ["status"]);
    run.reads(second, VoteStatus::Rejected);
    run.reads(first, VoteStatus::Rejected);
    assert_eq!(run.violated(), ["status"]);
}

#[test]
fn a_ballot_that_was_confirmed_is_not_rejected_later() {
    for seen in [false, true] {
        let mut run = Run::new();
        let told = if seen { accepted(1) } else { confirmed(1) };
        let first = run.casts(Role::Single, 1, &[(0, &[0])], 0, &[told]);
        let second = run.casts(Role::Single, 1, &[(0, &[1])], 0, &[accepted(2)]);
        if seen {
            run.sees_confirmed(first, 3);
        }
        run.counts(second);
        run.reads(first, VoteStatus::Rejected);
        assert_eq!(run.violated(), ["confirmed, then not counted"]);
    }
}

#[test]
fn a_refused_ballot_does_not_count() {
    for told in [refused("already_voted"), refused("overloaded"), Answer::NotSent] {
        let mut run = Run::new();
        let first = run.casts(Role::Single, 1, &[(0, &[0])], 0, &[accepted(1)]);
        let second = run.casts(Role::Single, 1, &[(0, &[1])], 0, &[told]);
        run.counts(first);
        assert_eq!(run.violated(), NONE);
        run.state.polls[0].rows.clear();
        run.counts(second);
        assert_eq!(run.violated(), ["status", "refused, yet counted"]);
    }
}

#[test]
fn an_unanswered_ballot_counts_or_does_not() {
    for told in [Answer::Nothing, Answer::Unavailable("unavailable".to_owned())] {
        let mut run = Run::new();
        let ballot = run.casts(Role::Single, 1, &[(0, &[0])], 0, &[told]);
        assert_eq!(run.violated(), NONE);
        run.counts(ballot);
        assert_eq!(run.violated(), NONE);
        assert_eq!(run.verdict().numbers.unknown_counted, 1);
    }
}

#[test]
fn an_emptied_redis_excuses_the_loss_of_what_it_had_only() {
    let lost = |second, told: &[Answer], seen: Option<u64>| {
        let mut run = Run::new();
        run.emptied(40, 41);
        let ballot = run.casts(Role::Single, 1, &[(0, &[0])], second, told);
        if let Some(second) = seen {
            run.sees_confirmed(ballot, second);
        }
        (run.violated(), run.verdict().numbers.lost_with_emptied_redis)
    };
    assert_eq!(lost(38, &[accepted(1)], None), (vec![], 1));
    assert_eq!(lost(42, &[accepted(1)], None), (vec!["lost"], 0));
    assert_eq!(lost(19, &[accepted(1)], None), (vec!["lost"], 0), "it was committed long before");
    assert_eq!(lost(38, &[accepted(1)], Some(40)), (vec!["lost"], 0));
    assert_eq!(lost(38, &[confirmed(1)], None), (vec!["lost"], 0));
}

#[test]
fn what_an_emptied_redis_took_is_lost_though_a_neighbour_voted_since() {
    let mut run = Run::new();
    let first = run.casts(Role::Address, 1, &[(0, &[0])], 8, &[accepted(1)]);
    let second = run.casts(Role::Address, 2, &[(0, &[1])], 12, &[accepted(2)]);
    for ballot in [first, second] {
        run.comes_from(ballot, [10, 0, 0, 1]);
    }
    run.counts(second);
    run.reads(first, VoteStatus::Accepted);
    assert_eq!(run.violated(), ["status"]);
    run.emptied(10, 11);
    assert_eq!((run.violated(), run.verdict().numbers.lost_with_emptied_redis), (vec![], 1));
}

#[test]
fn another_fault_of_redis_excuses_no_loss() {
    let mut run = Run::new();
    run.emptied(10, 11);
    run.faults[0].loss = None;
    run.casts(Role::Single, 1, &[(0, &[0])], 8, &[accepted(1)]);
    assert_eq!(run.violated(), ["lost"]);
}

#[test]
fn what_no_replica_had_is_counted_apart_and_only_where_that_may_be() {
    let mut run = Run::new();
    run.strikes("redis-primary-kill", 10, 20);
    run.casts(Role::Single, 1, &[(0, &[0])], 8, &[accepted(1)]);
    assert_eq!(run.violated(), ["lost"]);
    run.faults[0].loss = Some(Loss::Unreplicated);
    let numbers = run.verdict().numbers;
    assert_eq!((run.violated(), numbers.lost_at_takeovers, numbers.lost_with_emptied_redis), (vec![], 1, 0));
}

#[test]
fn a_ballot_counts_as_a_whole() {
    let mut run = Run::new();
    let ballot = run.casts(Role::Survey, 1, &[(0, &[0]), (1, &[1])], 0, &[Answer::Nothing]);
    run.counts(ballot);
    assert_eq!(run.violated(), NONE);
    let survey = run.poll(Role::Survey);
    run.state.polls[survey].rows.pop();
    assert_eq!(run.violated(), ["counted in part"]);
}

#[test]
fn overlapping_ballots_are_rivals_and_parts_are_not() {
    let mut run = Run::new();
    let first = run.casts(Role::Survey, 1, &[(0, &[0]), (1, &[1])], 0, &[accepted(1)]);
    let overlapping = run.casts(Role::Survey, 1, &[(1, &[2]), (2, &[0])], 0, &[accepted(2)]);
    run.counts(first);
    run.reads(overlapping, VoteStatus::Rejected);
    assert_eq!(run.violated(), NONE);
    let part = run.casts(Role::Survey, 1, &[(2, &[3])], 5, &[accepted(3)]);
    run.reads(part, VoteStatus::Rejected);
    assert_eq!(run.violated(), ["lost"]);
}

#[test]
fn an_address_counts_once_and_its_other_voters_read_rejected() {
    let mut run = Run::new();
    let first = run.casts(Role::Address, 1, &[(0, &[0])], 0, &[accepted(1)]);
    let second = run.casts(Role::Address, 2, &[(0, &[1])], 0, &[accepted(2)]);
    for ballot in [first, second] {
        run.comes_from(ballot, [10, 0, 0, 1]);
    }
    run.counts(first);
    run.reads(second, VoteStatus::Rejected);
    assert_eq!(run.violated(), NONE);
    run.counts(second);
    assert_eq!(run.violated(), ["an address counts twice"]);
    run.comes_from(second, [10, 0, 0, 2]);
    assert_eq!(run.violated(), NONE);
}
