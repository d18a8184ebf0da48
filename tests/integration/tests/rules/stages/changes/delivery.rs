//! Events delivered late, twice, in the wrong order, by others.

use pollster_shared::milestones::Thresholds;
use pollster_shared::responses::direct::{self, DirectCast};
use pollster_shared::stream::accept::Outcome;
use pollster_shared::vote::Cast;

use super::super::bed::{Bed, cast, change, revoke};
use super::super::worker::Worker;
use super::{accepted, assert_counts};

const SHARDS: u16 = 2;

#[tokio::test]
async fn a_cast_that_was_committed_past_redis_late_does_not_stand_above_its_revoke() {
    let bed = Bed::start().await;
    let poll = bed.changeable_poll(2, SHARDS).await;
    let mut worker = Worker::new(&bed, "worker", SHARDS).await;
    let cast = cast(&poll, 1, "1", &[(0, 1), (1, 1)]);
    let entries = accepted(&bed, &mut worker, &poll, &[cast.clone(), revoke(&poll, 1, "2")]).await;
    // Another gateway hung with it, while the voter sent it again and then took it back.
    let late = [DirectCast::new(&poll, &cast, true)];
    let mut connection = bed.pool.get().await.unwrap();
    let committed = direct::commit(&mut connection, &late, &Thresholds::from(vec![])).await.unwrap();
    assert_eq!(committed, [Outcome::Accepted]);
    worker.run_through(entries).await;
    assert_counts(&bed, &poll, &[]).await;
    for question in 0..2 {
        assert_eq!(bed.audited(&poll, 1, question).await, ["cast 1", "revoked 1"]);
    }
}

/// All orders of the numbers below `count`.
fn orders(count: usize) -> Vec<Vec<usize>> {
    if count == 0 {
        return vec![vec![]];
    }
    let shorter = orders(count - 1);
    let insert = |at: usize| {
        shorter.iter().map(move |order| {
            let mut order = order.clone();
            order.insert(at, count - 1);
            order
        })
    };
    (0..count).flat_map(insert).collect()
}

/// Every order in which a story of four events can be delivered, one event a batch, a voter each; then all of it
/// again.
async fn in_every_order(story: impl Fn(&pollster_shared::poll::Poll, u128) -> [Cast; 4], audit: [&str; 4]) {
    let bed = Bed::start().await;
    let poll = bed.changeable_poll(1, SHARDS).await;
    let mut worker = Worker::new(&bed, "worker", SHARDS).await;
    let orders = orders(4);
    let mut stories = Vec::new();
    for number in 0..orders.len() as u128 {
        stories.push(accepted(&bed, &mut worker, &poll, &story(&poll, number)).await);
    }
    for step in 0..4 {
        let batch = orders.iter().zip(&stories).map(|(order, story)| story[order[step]].clone()).collect();
        worker.run_through(batch).await;
        bed.assert_sound(&poll).await;
    }
    let last: Vec<Cast> = (0..orders.len() as u128).map(|number| story(&poll, number)[3].clone()).collect();
    assert_counts(&bed, &poll, &last).await;
    for number in 0..orders.len() as u128 {
        assert_eq!(bed.audited(&poll, number, 0).await, audit, "{:?}", orders[number as usize]);
    }
    let version = bed.tallied(&poll).await.version;
    for story in stories {
        worker.run_through(story).await;
    }
    assert_eq!(bed.tallied(&poll).await.version, version, "what was counted is no news");
    assert_counts(&bed, &poll, &last).await;
    assert_eq!((worker.counter("responses_inserted"), worker.counter("accepted_then_refused")), (24 * 4, 0));
}

#[tokio::test]
async fn the_last_event_counts_in_whatever_order_events_are_delivered() {
    let story = |poll: &_, voter| {
        [
            cast(poll, voter, "1", &[(0, 1)]),
            change(poll, voter, "2", &[(0, 2)]),
            revoke(poll, voter, "3"),
            change(poll, voter, "4", &[(0, 5)]),
        ]
    };
    in_every_order(story, ["cast 1", "changed 1 2", "revoked 2", "cast 5"]).await;
}

#[tokio::test]
async fn a_cast_after_a_revoke_counts_in_whatever_order_events_are_delivered() {
    let story = |poll: &_, voter| {
        [
            cast(poll, voter, "1", &[(0, 3)]),
            revoke(poll, voter, "2"),
            cast(poll, voter, "3", &[(0, 3)]),
            change(poll, voter, "4", &[(0, 4)]),
        ]
    };
    in_every_order(story, ["cast 3", "revoked 3", "cast 3", "changed 3 4"]).await;
}

#[tokio::test]
async fn a_change_that_comes_before_the_cast_that_another_holds_counts() {
    let bed = Bed::start().await;
    let poll = bed.changeable_poll(2, SHARDS).await;
    let mut first = Worker::new(&bed, "first", SHARDS).await;
    let mut second = Worker::new(&bed, "second", SHARDS).await;
    let held = accepted(&bed, &mut first, &poll, &[cast(&poll, 1, "1", &[(0, 1), (1, 4)])]).await;
    let changes = accepted(&bed, &mut second, &poll, &[change(&poll, 1, "2", &[(0, 2)])]).await;
    second.run_through(changes).await;
    assert_counts(&bed, &poll, &[cast(&poll, 1, "2", &[(0, 2)])]).await;

    first.run_through(held).await;
    assert_counts(&bed, &poll, &[cast(&poll, 1, "2", &[(0, 2), (1, 4)])]).await;
    assert_eq!(bed.audited(&poll, 1, 0).await, ["cast 1", "changed 1 2"]);
    assert_eq!(bed.backlog(SHARDS).await, (0, 0));
}

#[tokio::test]
async fn a_revoke_that_overtakes_a_change_is_not_undone_by_it() {
    let bed = Bed::start().await;
    let poll = bed.changeable_poll(1, SHARDS).await;
    let mut first = Worker::new(&bed, "first", SHARDS).await;
    let mut second = Worker::new(&bed, "second", SHARDS).await;
    let ballots = [cast(&poll, 1, "1", &[(0, 1)]), change(&poll, 1, "2", &[(0, 2)])];
    let held = accepted(&bed, &mut first, &poll, &ballots).await;
    let revokes = accepted(&bed, &mut second, &poll, &[revoke(&poll, 1, "3")]).await;
    second.run_through(revokes).await;
    assert_counts(&bed, &poll, &[]).await;
    assert_eq!(bed.audited(&poll, 1, 0).await, ["revoked"]);
    // The first one dies, the second one takes over what it held.
    drop(first);
    assert_eq!(second.claim().await.len(), held.len());
    second.run_through(held).await;
    assert_counts(&bed, &poll, &[]).await;
    assert_eq!(bed.audited(&poll, 1, 0).await, ["cast 1", "changed 1 2", "revoked 2"]);
}

#[tokio::test]
async fn the_events_of_one_batch_are_one_step_of_the_counts() {
    let bed = Bed::start().await;
    let poll = bed.changeable_poll(2, SHARDS).await;
    let mut worker = Worker::new(&bed, "worker", SHARDS).await;
    let ballots = [
        cast(&poll, 1, "1", &[(0, 1), (1, 1)]),
        change(&poll, 1, "2", &[(0, 2)]),
        cast(&poll, 2, "1", &[(1, 2)]),
        revoke(&poll, 1, "3"),
        change(&poll, 2, "2", &[(1, 3)]),
    ];
    let before = bed.tallied(&poll).await.version;
    let entries = accepted(&bed, &mut worker, &poll, &ballots).await;
    let rows: usize = ballots.iter().map(|ballot| ballot.ballot.answers().len()).sum();
    worker.run_through(entries.clone()).await;
    assert_counts(&bed, &poll, &ballots[4..]).await;
    assert_eq!(bed.tallied(&poll).await.version, before + 1);
    let audited = bed.sql("SELECT 1 FROM vote_audit_log").await.len();
    assert_eq!(audited, rows, "every event of every question, once");

    // The same again, twice in one batch.
    worker.run_through([entries.clone(), entries].concat()).await;
    assert_counts(&bed, &poll, &ballots[4..]).await;
    assert_eq!(bed.tallied(&poll).await.version, before + 1);
    assert_eq!(bed.sql("SELECT 1 FROM vote_audit_log").await.len(), rows);
    assert_eq!(worker.counter("responses_duplicate"), 10);
}

#[tokio::test]
async fn what_one_batch_holds_twice_counts_once() {
    let bed = Bed::start().await;
    let poll = bed.changeable_poll(1, SHARDS).await;
    let mut worker = Worker::new(&bed, "worker", SHARDS).await;
    let ballots = [cast(&poll, 1, "1", &[(0, 1)]), change(&poll, 1, "2", &[(0, 2)]), revoke(&poll, 1, "3")];
    // Read, then claimed as well.
    let mut entries = accepted(&bed, &mut worker, &poll, &ballots).await;
    entries.extend(worker.claim().await);
    assert_eq!(entries.len(), 6);
    worker.run_through(entries).await;
    assert_counts(&bed, &poll, &[]).await;
    assert_eq!(bed.audited(&poll, 1, 0).await, ["cast 1", "changed 1 2", "revoked 2"]);
    assert_eq!((worker.counter("responses_inserted"), worker.counter("responses_duplicate")), (3, 3));
}

#[tokio::test]
async fn halves_of_a_batch_in_the_wrong_order_count_like_the_whole() {
    let bed = Bed::start().await;
    let poll = bed.changeable_poll(3, SHARDS).await;
    let mut worker = Worker::new(&bed, "worker", SHARDS).await;
    let mut ballots = Vec::new();
    for round in 0..6 {
        for voter in 0..5 {
            let answers = [((voter % 3) as u8, 1 + (voter as u64 + round) % 6)];
            let (key, event) = (round.to_string(), (voter as u64 + round) % 4);
            ballots.push(match (round, event) {
                (0, _) => cast(&poll, voter, &key, &[(0, 1), (1, 2), (2, 4)]),
                // Never twice in a row.
                (_, 3) => revoke(&poll, voter, &key),
                _ => change(&poll, voter, &key, &answers),
            });
        }
    }
    let entries = accepted(&bed, &mut worker, &poll, &ballots).await;
    let (first, second) = entries.split_at(entries.len() / 2);
    worker.run_through(second.to_vec()).await;
    bed.assert_sound(&poll).await;
    worker.run_through(first.to_vec()).await;
    bed.assert_sound(&poll).await;
    let (counts, audit) = (bed.tallied(&poll).await.results, whole_audit(&bed, &poll).await);

    // The whole in one batch, in a poll of its own.
    let whole = bed.changeable_poll(3, SHARDS).await;
    let ballots: Vec<Cast> =
        ballots.into_iter().map(|ballot| Cast { poll_id: whole.poll_id, ..ballot }).collect();
    let entries = accepted(&bed, &mut worker, &whole, &ballots).await;
    worker.run_through(entries).await;
    bed.assert_sound(&whole).await;
    let expected: Vec<i64> = bed.tallied(&whole).await.results.into_values().collect();
    let mut counts: Vec<i64> = counts.into_values().collect();
    // The ids, by which counts are ordered, are others.
    counts.sort_unstable();
    let mut expected = expected;
    expected.sort_unstable();
    assert_eq!(counts, expected);
    assert_eq!(audit, whole_audit(&bed, &whole).await);
}

async fn whole_audit(bed: &Bed, poll: &pollster_shared::poll::Poll) -> Vec<Vec<String>> {
    let mut audit = Vec::new();
    for voter in 0..5 {
        for question in 0..3 {
            audit.push(bed.audited(poll, voter, question).await);
        }
    }
    audit
}
