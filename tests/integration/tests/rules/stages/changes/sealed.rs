//! Final results are final: what comes later is set aside and leaves nothing, what was counted stays counted.

use pollster_shared::closing;
use pollster_shared::keys;
use pollster_shared::poll::Poll;

use super::super::bed::{Bed, cast, change, revoke};
use super::super::worker::Worker;
use super::{accepted, assert_counts};

const SHARDS: u16 = 1;

/// Closes the poll and makes its results final, whatever aggregators have in hand.
async fn seal(bed: &Bed, poll: &Poll) {
    bed.redis(&["FLUSHALL"]).await;
    let mut connection = bed.pool.get().await.unwrap();
    assert!(closing::close(&mut connection, poll.id).await.unwrap());
    let mut finals = Vec::new();
    for _ in 0..2 {
        let unfinished = closing::unfinished(&mut connection).await.unwrap();
        let closing = unfinished.iter().find(|closing| closing.poll.id == poll.id).unwrap();
        finals.push(closing::finalize(&mut connection, &mut bed.redis.clone(), closing).await.unwrap());
    }
    assert_eq!(finals, [false, true], "marks first");
}

async fn dead_letters(bed: &Bed) -> i64 {
    redis::from_redis_value(bed.redis(&["XLEN", &keys::dead_votes(0)]).await).unwrap()
}

#[tokio::test]
async fn events_that_come_after_results_are_final_are_set_aside_and_leave_nothing() {
    let bed = Bed::start().await;
    let poll = bed.changeable_poll(2, SHARDS).await;
    let open = bed.changeable_poll(1, SHARDS).await;
    let mut worker = Worker::new(&bed, "worker", SHARDS).await;
    let votes = [cast(&poll, 1, "1", &[(0, 1), (1, 1)]), cast(&poll, 2, "1", &[(0, 2)])];
    let entries = accepted(&bed, &mut worker, &poll, &votes).await;
    worker.run_through(entries).await;
    let late = [
        change(&poll, 1, "2", &[(0, 2)]),
        revoke(&poll, 2, "2"),
        cast(&poll, 3, "1", &[(0, 1), (1, 2)]),
        change(&poll, 4, "1", &[(1, 2)]),
    ];
    let mut held = accepted(&bed, &mut worker, &poll, &late).await;
    let elsewhere = [cast(&open, 1, "1", &[(0, 1)]), change(&open, 1, "2", &[(0, 4)])];
    held.extend(accepted(&bed, &mut worker, &open, &elsewhere).await);
    seal(&bed, &poll).await;
    let sealed = bed.tallied(&poll).await;

    worker.run_through(held).await;
    assert_eq!(bed.tallied(&poll).await, sealed, "final is final");
    worker
        .publish(&pollster_aggregator::committer::Committed {
            poll_ids: vec![poll.poll_id],
            ..Default::default()
        })
        .await;
    assert_counts(&bed, &poll, &votes).await;
    assert_counts(&bed, &open, &elsewhere[1..]).await;
    assert_eq!((worker.counter("dead_letters"), dead_letters(&bed).await), (4, 4));
    let rows = format!("SELECT count(*) FROM responses WHERE question = {}", poll.questions[0].id);
    assert_eq!(bed.sql(&rows).await, [["2"]], "no row was left behind");
    assert_eq!(bed.audited(&poll, 1, 0).await, ["cast 1"]);
}

#[tokio::test]
async fn what_was_counted_and_comes_again_after_results_are_final_is_no_dead_letter() {
    let bed = Bed::start().await;
    let poll = bed.changeable_poll(2, SHARDS).await;
    let mut worker = Worker::new(&bed, "worker", SHARDS).await;
    let events = [
        cast(&poll, 1, "1", &[(0, 1), (1, 1)]),
        change(&poll, 1, "2", &[(0, 2)]),
        revoke(&poll, 1, "3"),
        cast(&poll, 2, "1", &[(0, 4)]),
    ];
    let entries = accepted(&bed, &mut worker, &poll, &events).await;
    // Committed by one who died before acknowledging; who took over wakes up late.
    Worker::new(&bed, "first", SHARDS).await.commit(entries.clone()).await;
    seal(&bed, &poll).await;
    let sealed = bed.tallied(&poll).await;
    worker.run_through(entries).await;
    assert_eq!(bed.tallied(&poll).await, sealed);
    assert_counts(&bed, &poll, &events[3..]).await;
    assert_eq!((worker.counter("dead_letters"), worker.counter("responses_duplicate")), (0, 4));
    assert_eq!(dead_letters(&bed).await, 0);
}
