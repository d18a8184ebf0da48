use pollster_shared::vote::Kind;

use super::super::VoteStatus;
use super::super::made_up::{Run, accepted, confirmed, refused};
use crate::history::{Answer, Attempt, Role};

const NONE: [&str; 0] = [];

/// Events of one voter, six seconds each: a choice, or none to revoke, and what each was told. The one that stands in the
/// end, if any.
fn run(events: &[(Kind, Option<usize>, Answer)], stands: Option<usize>) -> Run {
    let mut run = Run::new();
    let mut ballots = Vec::new();
    for (number, (kind, choice, told)) in events.iter().enumerate() {
        let choices: Vec<usize> = choice.iter().copied().collect();
        let second = 6 * number as u64;
        let answers: &[(u8, &[usize])] = &[(0, &choices)];
        let ballot = run.sends(Role::Changeable, 1, *kind, answers, second, std::slice::from_ref(told));
        if matches!(told, Answer::Accepted { .. }) {
            run.reads(ballot, VoteStatus::Replaced);
        }
        ballots.push(ballot);
    }
    if let Some(stands) = stands {
        run.counts(ballots[stands]);
    }
    run
}

fn cast(choice: usize, told: Answer) -> (Kind, Option<usize>, Answer) {
    (Kind::Cast, Some(choice), told)
}

fn change(choice: usize, told: Answer) -> (Kind, Option<usize>, Answer) {
    (Kind::Change, Some(choice), told)
}

fn revoke(told: Answer) -> (Kind, Option<usize>, Answer) {
    (Kind::Revoke, None, told)
}

#[test]
fn the_last_accepted_event_stands() {
    let events = [cast(0, accepted(1)), change(1, accepted(2)), change(2, accepted(3))];
    assert_eq!(run(&events, Some(2)).violated(), NONE);
    for stands in [Some(0), Some(1), None] {
        assert_eq!(run(&events, stands).violated(), ["not the last change stands"], "{stands:?}");
    }
}

#[test]
fn after_a_revoke_nothing_stands() {
    let events = [cast(0, accepted(1)), revoke(accepted(2))];
    assert_eq!(run(&events, Some(1)).violated(), NONE);
    assert_eq!(run(&events, Some(0)).violated(), ["not the last change stands"]);
}

#[test]
fn a_cast_after_a_revoke_stands() {
    let events = [cast(0, accepted(1)), revoke(accepted(2)), cast(1, accepted(3))];
    assert_eq!(run(&events, Some(2)).violated(), NONE);
    assert_eq!(run(&events, Some(1)).violated(), ["not the last change stands"]);
}

#[test]
fn a_refused_event_does_not_stand() {
    let events = [cast(0, accepted(1)), cast(1, refused("already_voted"))];
    assert_eq!(run(&events, Some(0)).violated(), NONE);
    assert_eq!(run(&events, Some(1)).violated(), ["not the last change stands"]);
}

#[test]
fn an_unanswered_event_may_stand() {
    let events = [cast(0, accepted(1)), change(1, Answer::Nothing), change(2, accepted(3))];
    assert_eq!(run(&events, Some(2)).violated(), NONE);
    let late = run(&events, Some(1));
    assert_eq!((late.violated(), late.verdict().numbers.unknown_counted), (vec![], 1));
    assert_eq!(run(&events, Some(0)).violated(), ["not the last change stands"]);
}

#[test]
fn nothing_stands_where_nothing_was_accepted() {
    let events = [cast(0, Answer::Nothing), change(1, refused("overloaded"))];
    assert_eq!(run(&events, None).violated(), NONE);
    assert_eq!(run(&events, Some(1)).violated(), ["not the last change stands"]);
}

#[test]
fn of_a_second_cast_and_the_first_either_stands() {
    let events = [cast(0, accepted(1)), cast(1, accepted(2))];
    for (stands, other) in [(0, 1), (1, 0)] {
        let mut run = run(&events, Some(stands));
        run.reads(other, VoteStatus::Rejected);
        assert_eq!((run.violated(), run.verdict().numbers.rejected), (vec![], 1));
    }
}

#[test]
fn a_cast_that_was_seen_confirmed_is_not_rejected_later() {
    let mut run = run(&[cast(0, accepted(1)), cast(1, accepted(2))], Some(1));
    run.reads(0, VoteStatus::Rejected);
    run.sees_confirmed(0, 30);
    assert_eq!(run.violated(), ["status"]);
}

#[test]
fn an_accepted_change_that_was_replaced_was_counted() {
    let events = [cast(0, accepted(1)), change(1, accepted(2)), change(2, accepted(3))];
    for (status, violated) in [(VoteStatus::Accepted, "lost"), (VoteStatus::Rejected, "status")] {
        let mut run = run(&events, Some(2));
        run.reads(1, status);
        assert_eq!(run.violated(), [violated]);
    }
}

#[test]
fn what_stands_reads_confirmed() {
    let mut run = run(&[cast(0, accepted(1))], Some(0));
    run.reads(0, VoteStatus::Replaced);
    assert_eq!(run.violated(), ["status"]);
}

#[test]
fn after_an_emptied_redis_some_event_stands_from_the_last_one_on_that_was_confirmed() {
    let events = [cast(0, accepted(1)), change(1, accepted(2)), change(2, accepted(3))];
    let emptied = |stands, confirmed: Option<usize>| {
        let mut run = run(&events, stands);
        run.emptied(13, 14);
        run.reads(2, VoteStatus::Accepted);
        if let Some(confirmed) = confirmed {
            run.sees_confirmed(confirmed, 7);
        }
        run.violated()
    };
    assert_eq!(emptied(Some(0), None), NONE);
    assert_eq!(emptied(Some(1), Some(1)), NONE);
    assert_eq!(emptied(Some(0), Some(1)), ["not the last change stands"]);
    assert_eq!(emptied(None, Some(0)), ["not the last change stands"]);
    assert_eq!(emptied(None, None), NONE);
}

#[test]
fn after_an_emptied_redis_an_attempt_that_was_not_answered_may_come_late() {
    let stands = |first: &[Answer], stands| {
        let mut run =
            run(&[cast(0, accepted(1)), change(1, accepted(2)), change(2, accepted(3))], Some(stands));
        let attempts = &mut run.history.submissions[1].attempts;
        let attempt = attempts[0].clone();
        *attempts =
            first.iter().map(|answer| Attempt { answer: answer.clone(), ..attempt.clone() }).collect();
        run.sees_confirmed(2, 12);
        run.sends(Role::Changeable, 1, Kind::Change, &[(0, &[3])], 13, &[accepted(4)]);
        run.reads(3, VoteStatus::Accepted);
        run.emptied(13, 14);
        run.violated()
    };
    assert_eq!(stands(&[accepted(2)], 2), NONE);
    assert_eq!(stands(&[accepted(2)], 1), ["not the last change stands"]);
    assert_eq!(stands(&[Answer::Nothing, accepted(2)], 1), NONE);
}

#[test]
fn a_revoke_that_an_emptied_redis_took_with_all_else_leaves_nothing_standing() {
    let mut run = run(&[cast(0, accepted(1)), revoke(accepted(2))], None);
    run.reads(0, VoteStatus::Accepted);
    run.reads(1, VoteStatus::Accepted);
    assert_eq!(run.violated(), ["lost", "lost"]);
    run.emptied(7, 8);
    assert_eq!((run.violated(), run.verdict().numbers.lost_with_emptied_redis), (vec![], 2));
}

#[test]
fn an_emptied_redis_excuses_no_refused_event() {
    let mut run = run(&[cast(0, accepted(1)), cast(1, refused("already_voted"))], Some(1));
    run.reads(0, VoteStatus::Accepted);
    run.emptied(13, 14);
    assert_eq!(run.violated(), ["not the last change stands"]);
}

#[test]
fn an_emptied_redis_excuses_no_confirmed_event_and_none_that_came_later() {
    let lost = |told, second| {
        let mut run = run(&[cast(0, told)], None);
        run.reads(0, VoteStatus::Accepted);
        run.emptied(second, second);
        run.violated()
    };
    assert_eq!(lost(accepted(1), 1), NONE);
    let both = ["not the last change stands", "lost"];
    assert_eq!(lost(confirmed(1), 1), both);
    let mut later = run(&[cast(0, accepted(1)), change(1, accepted(2))], Some(0));
    later.emptied(3, 4);
    later.reads(1, VoteStatus::Accepted);
    // The first was sent before, but stands; the second came after.
    assert_eq!(later.violated(), ["lost"]);
}
