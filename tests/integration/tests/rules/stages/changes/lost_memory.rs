//! What a Redis that lost its memory lets in, and what PostgreSQL makes of it.

use pollster_shared::stream::accept::Outcome;

use super::super::bed::{Bed, cast, change, revoke};
use super::super::worker::Worker;
use super::{accepted, assert_counts};

const SHARDS: u16 = 1;

#[tokio::test]
async fn a_change_sent_again_counts_again_on_all_of_its_questions() {
    let bed = Bed::start().await;
    let poll = bed.changeable_poll(2, SHARDS).await;
    let mut worker = Worker::new(&bed, "worker", SHARDS).await;
    let both = change(&poll, 1, "1", &[(0, 1), (1, 1)]);
    let entries = accepted(&bed, &mut worker, &poll, &[both.clone(), change(&poll, 1, "2", &[(0, 2)])]).await;
    worker.run_through(entries).await;
    bed.redis(&["FLUSHALL"]).await;
    // One of its questions has another answer by now, the other one has this very answer.
    let entries = accepted(&bed, &mut worker, &poll, std::slice::from_ref(&both)).await;
    worker.run_through(entries).await;
    assert_counts(&bed, &poll, &[both]).await;
    assert_eq!(bed.audited(&poll, 1, 0).await, ["cast 1", "changed 1 2", "changed 2 1"]);
}

#[tokio::test]
async fn a_change_sent_again_is_not_undone_by_one_that_came_before_it() {
    let bed = Bed::start().await;
    let poll = bed.changeable_poll(1, SHARDS).await;
    let mut worker = Worker::new(&bed, "worker", SHARDS).await;
    let (first, second) = (change(&poll, 1, "1", &[(0, 1)]), change(&poll, 1, "2", &[(0, 2)]));
    let entries = accepted(&bed, &mut worker, &poll, std::slice::from_ref(&first)).await;
    worker.run_through(entries).await;
    let held = accepted(&bed, &mut worker, &poll, &[second]).await;
    bed.redis(&["FLUSHALL"]).await;
    let again = accepted(&bed, &mut worker, &poll, std::slice::from_ref(&first)).await;
    worker.run_through(again).await;
    worker.run_through(held).await;
    assert_counts(&bed, &poll, &[first]).await;
    assert_eq!(bed.audited(&poll, 1, 0).await, ["cast 1", "changed 1 2", "changed 2 1"]);
}

#[tokio::test]
async fn a_revoke_takes_back_what_redis_remembers_and_what_it_forgot() {
    let bed = Bed::start().await;
    let poll = bed.changeable_poll(4, SHARDS).await;
    let mut worker = Worker::new(&bed, "worker", SHARDS).await;
    let entries = accepted(&bed, &mut worker, &poll, &[cast(&poll, 1, "1", &[(0, 1), (2, 1)])]).await;
    worker.run_through(entries).await;
    bed.redis(&["FLUSHALL"]).await;
    // Remembered and not committed yet, and the other way around.
    let mut entries = accepted(&bed, &mut worker, &poll, &[cast(&poll, 1, "2", &[(1, 1)])]).await;
    entries.extend(accepted(&bed, &mut worker, &poll, &[revoke(&poll, 1, "3")]).await);
    worker.run_through(entries).await;
    assert_counts(&bed, &poll, &[]).await;
    for question in 0..3 {
        assert_eq!(bed.audited(&poll, 1, question).await, ["cast 1", "revoked 1"]);
    }
    assert_eq!(bed.audited(&poll, 1, 3).await, [""; 0], "nothing was there");

    // All is revoked, as PostgreSQL knows.
    bed.redis(&["FLUSHALL"]).await;
    assert_eq!(bed.accept(&poll, &revoke(&poll, 1, "4")).await, Outcome::NotVoted);
    assert_eq!(bed.accept(&poll, &revoke(&poll, 2, "4")).await, Outcome::NotVoted);
}

#[tokio::test]
async fn a_cast_that_redis_forgot_revives_nothing_when_it_comes_again_after_its_revoke() {
    let bed = Bed::start().await;
    let poll = bed.changeable_poll(1, SHARDS).await;
    let mut worker = Worker::new(&bed, "worker", SHARDS).await;
    let cast = cast(&poll, 1, "1", &[(0, 1)]);
    let entries = accepted(&bed, &mut worker, &poll, std::slice::from_ref(&cast)).await;
    worker.run_through(entries).await;
    bed.redis(&["FLUSHALL"]).await;
    let entries = accepted(&bed, &mut worker, &poll, &[revoke(&poll, 1, "2")]).await;
    worker.run_through(entries).await;
    // Another gateway hung with it, for instance, while the voter sent it again.
    assert_eq!(bed.accept(&poll, &cast).await, Outcome::Replayed);
    let nothing = worker.read().await;
    worker.run_through(nothing).await;
    assert_counts(&bed, &poll, &[]).await;
}

#[tokio::test]
async fn a_vote_from_before_events_had_an_order_is_the_first() {
    let bed = Bed::start().await;
    let poll = bed.changeable_poll(1, SHARDS).await;
    let mut worker = Worker::new(&bed, "worker", SHARDS).await;
    let votes = [cast(&poll, 1, "1", &[(0, 1)]), cast(&poll, 2, "1", &[(0, 2)])];
    let entries = accepted(&bed, &mut worker, &poll, &votes).await;
    worker.run_through(entries.clone()).await;
    bed.sql("UPDATE responses SET event_order = NULL").await;
    worker.run_through(entries).await;
    assert_eq!(bed.tallied(&poll).await.total_votes, 2);
    let entries = accepted(&bed, &mut worker, &poll, &[change(&poll, 1, "2", &[(0, 4)])]).await;
    worker.run_through(entries).await;
    assert_eq!(bed.audited(&poll, 1, 0).await, ["cast 1", "changed 1 4"]);
    let expected = [change(&poll, 1, "2", &[(0, 4)]), votes[1].clone()];
    bed.assert_counted(&poll, &expected).await;
}
