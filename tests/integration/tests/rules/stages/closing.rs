//! Results are final once nothing can change them any more, and not before.

use pollster_shared::closing;
use pollster_shared::poll::Poll;
use pollster_shared::polls;
use pollster_shared::stream::accept::Outcome;
use pollster_shared::stream::{StreamId, prepare};

use super::bed::{Bed, cast, casts};
use super::worker::Worker;

const SHARDS: u16 = 2;

async fn close(bed: &Bed, poll: &Poll) {
    assert!(closing::close(&mut bed.pool.get().await.unwrap(), poll.id).await.unwrap());
}

/// Takes the closing a stage further, as the background program does; whether that was the last.
async fn finalize(bed: &Bed, poll: &Poll) -> bool {
    let mut connection = bed.pool.get().await.unwrap();
    let unfinished = closing::unfinished(&mut connection).await.unwrap();
    let closing = unfinished.iter().find(|closing| closing.poll.id == poll.id).unwrap();
    closing::finalize(&mut connection, &mut bed.redis.clone(), closing).await.unwrap()
}

#[tokio::test]
async fn results_are_final_only_when_every_accepted_vote_is_counted() {
    let bed = Bed::start().await;
    let poll = bed.poll(1, SHARDS).await;
    let votes = casts(&poll, 10);
    for vote in &votes[..9] {
        bed.accept(&poll, vote).await;
    }
    close(&bed, &poll).await;
    // No mark says so yet: what a shard accepts until then counts.
    assert_eq!(bed.accept(&poll, &votes[9]).await, Outcome::Accepted);
    assert!(!finalize(&bed, &poll).await, "only the marks are set");
    assert_eq!(bed.accept(&poll, &cast(&poll, 100, "key", &[(0, 1)])).await, Outcome::Closed);

    assert!(!finalize(&bed, &poll).await, "unread votes wait");
    let mut worker = Worker::new(&bed, "worker", SHARDS).await;
    let entries = worker.read().await;
    assert!(!finalize(&bed, &poll).await, "read votes wait");
    let committed = worker.commit(entries).await;
    worker.acknowledge(&committed).await;
    assert!(finalize(&bed, &poll).await);

    worker.publish(&committed).await;
    bed.assert_counted(&poll, &votes).await;
    let counts = bed.tallied(&poll).await;
    assert!(counts.closed && counts.finalized);
}

#[tokio::test]
async fn a_shard_that_was_told_open_after_the_close_is_closed_before_results_are_final() {
    let bed = Bed::start().await;
    let poll = bed.poll(1, SHARDS).await;
    close(&bed, &poll).await;
    assert!(!finalize(&bed, &poll).await, "only the marks are set");
    // Redis lost them; a gateway that had asked PostgreSQL before the close warms a shard.
    bed.redis(&["FLUSHALL"]).await;
    let late = cast(&poll, 1, "key", &[(0, 1)]);
    let (shard, progress) = (late.voter.shard(SHARDS), StreamId::default());
    prepare::ensure_mark(&mut bed.redis.clone(), &poll, false, shard, progress).await.unwrap();

    assert!(!finalize(&bed, &poll).await, "a shard is open");
    assert_eq!(bed.accept(&poll, &late).await, Outcome::Closed);
    assert!(finalize(&bed, &poll).await);

    let state = polls::state(&mut bed.pool.get().await.unwrap(), poll.poll_id).await.unwrap().unwrap();
    assert!(state.closed_at.is_some() && state.finalized_at.is_some());
    assert_eq!(bed.tallied(&poll).await.total_votes, 0);
}

#[tokio::test]
async fn a_vote_that_a_shard_accepted_after_the_close_counts_before_results_are_final() {
    let bed = Bed::start().await;
    let poll = bed.poll(1, SHARDS).await;
    close(&bed, &poll).await;
    assert!(!finalize(&bed, &poll).await, "only the marks are set");
    bed.redis(&["FLUSHALL"]).await;
    let late = cast(&poll, 1, "key", &[(0, 1)]);
    let (shard, progress) = (late.voter.shard(SHARDS), StreamId::default());
    prepare::ensure_mark(&mut bed.redis.clone(), &poll, false, shard, progress).await.unwrap();
    assert_eq!(bed.accept(&poll, &late).await, Outcome::Accepted);

    assert!(!finalize(&bed, &poll).await, "a shard is open");
    assert!(!finalize(&bed, &poll).await, "an accepted vote waits");
    let mut worker = Worker::new(&bed, "worker", SHARDS).await;
    let entries = worker.read().await;
    let committed = worker.run_through(entries).await;
    assert!(finalize(&bed, &poll).await);
    worker.publish(&committed).await;
    bed.assert_counted(&poll, [&late]).await;
}

#[tokio::test]
async fn what_an_aggregator_held_over_a_loss_of_redis_does_not_change_final_results() {
    let bed = Bed::start().await;
    let poll = bed.poll(1, SHARDS).await;
    bed.accept(&poll, &cast(&poll, 1, "key", &[(0, 1)])).await;
    let mut worker = Worker::new(&bed, "worker", SHARDS).await;
    let entries = worker.read().await;
    bed.redis(&["FLUSHALL"]).await;
    close(&bed, &poll).await;
    assert!(!finalize(&bed, &poll).await, "only the marks are set");
    assert!(finalize(&bed, &poll).await, "no stream holds the vote any more");
    let last = bed.tallied(&poll).await;
    worker.commit(entries).await;
    assert_eq!(bed.tallied(&poll).await, last, "final is final");
}
