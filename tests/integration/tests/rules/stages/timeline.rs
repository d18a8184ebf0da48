//! Votes over time: booked in their minutes, and always adding up to the tallies.

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::join_all;
use pollster_shared::milestones::Thresholds;
use pollster_shared::poll::Poll;
use pollster_shared::responses;
use pollster_shared::timeline::{self, Minute};
use pollster_shared::vote::{AcceptedCast, Cast};

use super::bed::{Bed, cast, change, revoke};

const SHARDS: u16 = 1;

/// 12:00 of the tests' day, and so many seconds.
fn noon(seconds: i64) -> DateTime<Utc> {
    "2026-03-01T12:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::seconds(seconds)
}

/// The ballot as accepted that many seconds after noon, and in that order.
fn at(seconds: i64, cast: Cast) -> AcceptedCast {
    AcceptedCast { cast, accepted_at: noon(seconds), order: seconds }
}

async fn commit(bed: &Bed, casts: &[AcceptedCast]) {
    let mut connection = bed.pool.get().await.unwrap();
    responses::commit(&mut connection, casts, &[], &Thresholds::default()).await.unwrap();
}

/// The poll's minutes after noon, each with the votes of the first question's choices.
async fn minutes(bed: &Bed, poll: &Poll) -> Vec<(i64, Vec<(usize, i64)>)> {
    let mut connection = bed.pool.get().await.unwrap();
    let page = timeline::read(&mut connection, poll, None, None).await.unwrap();
    let votes = |minute: &Minute| {
        let votes = minute.votes.iter();
        let mut votes: Vec<(usize, i64)> = votes
            .map(|(choice, votes)| (poll.questions[0].choice_position(*choice).unwrap(), *votes))
            .collect();
        votes.sort_unstable();
        votes
    };
    page.minutes.iter().map(|minute| ((minute.at - noon(0)).num_minutes(), votes(minute))).collect()
}

#[tokio::test]
async fn votes_are_booked_in_the_minute_of_their_acceptance() {
    let bed = Bed::start().await;
    let poll = bed.poll(1, SHARDS).await;
    let vote = |voter, choices| cast(&poll, voter, "key", &[(0, choices)]);
    // However late they are committed, and in whatever batches.
    commit(&bed, &[at(59, vote(1, 0b1)), at(60, vote(2, 0b1)), at(0, vote(3, 0b101))]).await;
    commit(&bed, &[at(30, vote(4, 0b1)), at(300, vote(5, 0b10))]).await;
    let expected = vec![(0, vec![(0, 3), (2, 1)]), (1, vec![(0, 1)]), (5, vec![(1, 1)])];
    assert_eq!(minutes(&bed, &poll).await, expected);
    // Delivered again, and second votes, book nothing.
    commit(&bed, &[at(30, vote(4, 0b1)), at(400, cast(&poll, 5, "other", &[(0, 0b1)]))]).await;
    assert_eq!(minutes(&bed, &poll).await, expected);
    bed.assert_timeline_adds_up(&poll).await;
}

#[tokio::test]
async fn what_a_change_takes_is_booked_in_the_minute_of_the_change() {
    let bed = Bed::start().await;
    let poll = bed.changeable_poll(1, SHARDS).await;
    for event in [
        at(0, cast(&poll, 1, "1", &[(0, 0b1)])),
        at(60, change(&poll, 1, "2", &[(0, 0b10)])),
        at(120, change(&poll, 1, "3", &[(0, 0b110)])),
        at(180, revoke(&poll, 1, "4")),
    ] {
        commit(&bed, &[event]).await;
    }
    let expected =
        [(0, vec![(0, 1)]), (1, vec![(0, -1), (1, 1)]), (2, vec![(2, 1)]), (3, vec![(1, -1), (2, -1)])];
    assert_eq!(minutes(&bed, &poll).await, expected);
}

#[tokio::test]
async fn a_change_back_within_the_minute_leaves_nothing() {
    let bed = Bed::start().await;
    let poll = bed.changeable_poll(1, SHARDS).await;
    commit(&bed, &[at(0, cast(&poll, 1, "1", &[(0, 0b1)]))]).await;
    commit(&bed, &[at(60, change(&poll, 1, "2", &[(0, 0b10)]))]).await;
    commit(&bed, &[at(61, change(&poll, 1, "3", &[(0, 0b1)]))]).await;
    assert_eq!(minutes(&bed, &poll).await, [(0, vec![(0, 1)])]);
    bed.assert_sound(&poll).await;
}

/// Numbers that look random and are the same in every run (Knuth's MMIX generator).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

#[tokio::test]
async fn the_minutes_add_up_to_the_tallies_whatever_comes_at_once_and_in_which_order() {
    const VOTERS: u64 = 12;
    let bed = Bed::start().await;
    let polls = [bed.changeable_poll(2, SHARDS).await, bed.poll(2, SHARDS).await];
    let mut dice = Dice(5);
    for round in 0..30 {
        let mut events = Vec::new();
        for number in 0..25 {
            let seconds = round * 500 + number * 20;
            let (voter, key) = (dice.roll(VOTERS).into(), seconds.to_string());
            let answers = [(0, 1 + dice.roll(6)), (1, 1 + dice.roll(6))];
            events.push(at(
                seconds,
                match dice.roll(5) {
                    0 => revoke(&polls[0], voter, &key),
                    1 | 2 => change(&polls[0], voter, &key, &answers[..1]),
                    3 => cast(&polls[0], voter, &key, &answers),
                    _ => cast(&polls[1], u128::from(seconds as u64), &key, &answers),
                },
            ));
        }
        // Late ones first, in turn to one committer, to the other, or to both at once.
        let mut batches = [Vec::new(), Vec::new()];
        for event in events.into_iter().rev() {
            match dice.roll(3) {
                2 => batches.iter_mut().for_each(|batch| batch.push(event.clone())),
                one => batches[one as usize].push(event),
            }
        }
        batches.iter_mut().for_each(|batch| batch.sort_by_key(|event| event.order));
        join_all(batches.iter().map(|batch| commit(&bed, batch))).await;
        for poll in &polls {
            bed.assert_timeline_adds_up(poll).await;
        }
    }
    bed.assert_sound(&polls[0]).await;
    let negative = format!("SELECT 1 FROM poll_timeline WHERE votes < 0 AND poll = {}", polls[0].id);
    assert!(!bed.sql(&negative).await.is_empty(), "changes were booked");
    assert!(bed.tallied(&polls[1]).await.total_votes > 0);
}
