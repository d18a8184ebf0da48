//! An entry that can't be counted is set aside with its error; it never holds up the rest of its batch.

use pollster_shared::keys;
use pollster_shared::stream::entry;
use uuid::Uuid;

use super::bed::{Bed, cast, casts, voter};
use super::worker::{MAX_DELIVERIES, Worker};

/// One shard, so that poison and votes share a batch.
const SHARDS: u16 = 1;

/// The only dead letter there is, field by field.
async fn dead_letter(bed: &Bed) -> DeadLetter {
    let client = bed.client.clone();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    let mut range = redis::cmd("XRANGE");
    range.arg(keys::dead_votes(0)).arg("-").arg("+");
    let reply: redis::streams::StreamRangeReply = range.query_async(&mut connection).await.unwrap();
    let [letter] = reply.ids.as_slice() else { panic!("dead letters: {:?}", reply.ids) };
    DeadLetter {
        id: letter.get("id").unwrap(),
        error: letter.get("error").unwrap(),
        deliveries: letter.get("deliveries").unwrap(),
        packed: letter.get(keys::ENTRY_FIELD).unwrap(),
    }
}

struct DeadLetter {
    id: String,
    error: String,
    deliveries: u32,
    packed: Vec<u8>,
}

/// Enqueues `poison` amid good votes and runs the batch; checks that they count and it does not.
async fn dead_letter_of(bed: &Bed, poison: impl Fn(&pollster_shared::poll::Poll) -> Vec<u8>) -> DeadLetter {
    let poll = bed.poll(2, SHARDS).await;
    let votes = casts(&poll, 9);
    for vote in &votes[..5] {
        bed.accept(&poll, vote).await;
    }
    let packed = poison(&poll);
    bed.enqueue_packed(&poll, 0, &packed).await;
    for vote in &votes[5..] {
        bed.accept(&poll, vote).await;
    }

    let mut worker = Worker::new(bed, "worker", SHARDS).await;
    let entries = worker.read().await;
    let id = entries[5].id.to_string();
    let committed = worker.run_through(entries).await;

    assert_eq!(committed.entries.len(), votes.len());
    bed.assert_counted(&poll, &votes).await;
    assert_eq!(bed.backlog(SHARDS).await, (0, 0), "votes acknowledged, poison set aside");
    assert_eq!(worker.counter("dead_letters"), 1);
    assert_eq!(worker.counter("responses_inserted"), votes.len() as u64);
    let letter = dead_letter(bed).await;
    assert_eq!((&letter.id, &letter.packed), (&id, &packed), "as it was, for a later replay");
    letter
}

#[tokio::test]
async fn a_malformed_entry_is_set_aside_and_the_rest_of_its_batch_counts() {
    let bed = Bed::start().await;
    let letter = dead_letter_of(&bed, |_| b"\x01\x01not an entry".to_vec()).await;
    assert_eq!((letter.error.as_str(), letter.deliveries), ("entry is malformed", 1));
}

#[tokio::test]
async fn an_entry_of_an_unknown_poll_is_set_aside() {
    let bed = Bed::start().await;
    let letter = dead_letter_of(&bed, |poll| {
        let mut cast = cast(poll, 100, "key", &[(0, 1)]);
        cast.poll_id = Uuid::now_v7();
        entry::encode(&cast)
    })
    .await;
    assert_eq!(letter.error, "no such poll, question or choice");
}

#[tokio::test]
async fn a_ballot_with_an_unknown_choice_is_set_aside_whole() {
    let bed = Bed::start().await;
    // The answer to the first question is in order; there are three choices, no tenth.
    let letter =
        dead_letter_of(&bed, |poll| entry::encode(&cast(poll, 100, "key", &[(0, 1), (1, 1 << 9)]))).await;
    assert_eq!(letter.error, "no such poll, question or choice");
}

#[tokio::test]
async fn an_entry_that_postgresql_refuses_is_found_by_halving_and_set_aside() {
    let bed = Bed::start().await;
    let refused = voter(100).to_uuid();
    bed.sql(&format!("ALTER TABLE responses ADD CONSTRAINT not_this_voter CHECK (voter <> '{refused}')"))
        .await;
    let letter = dead_letter_of(&bed, |poll| entry::encode(&cast(poll, 100, "key", &[(0, 1)]))).await;
    assert!(letter.error.contains("not_this_voter"), "{}", letter.error);
    assert_eq!(letter.deliveries, MAX_DELIVERIES, "tried alone so often");
}

#[tokio::test]
async fn an_entry_that_is_delivered_twice_is_set_aside_once() {
    let bed = Bed::start().await;
    let poll = bed.poll(1, SHARDS).await;
    bed.enqueue_packed(&poll, 0, b"\x01\x01not an entry").await;
    let mut worker = Worker::new(&bed, "worker", SHARDS).await;
    // Read, then claimed as well while the batch waited for PostgreSQL to come back.
    let mut entries = worker.read().await;
    entries.extend(worker.claim().await);
    assert_eq!(entries.len(), 2);
    worker.run_through(entries).await;
    dead_letter(&bed).await;
    assert_eq!(bed.backlog(SHARDS).await, (0, 0));
}

#[tokio::test]
async fn an_entry_of_a_newer_encoding_stays_pending() {
    let bed = Bed::start().await;
    let poll = bed.poll(1, SHARDS).await;
    let votes = casts(&poll, 4);
    for vote in &votes {
        bed.accept(&poll, vote).await;
    }
    let mut newer = entry::encode(&cast(&poll, 100, "key", &[(0, 1)]));
    newer[0] = u8::MAX;
    bed.enqueue_packed(&poll, 0, &newer).await;

    let mut worker = Worker::new(&bed, "worker", SHARDS).await;
    let entries = worker.read().await;
    worker.run_through(entries).await;
    worker.drain().await;

    bed.assert_counted(&poll, &votes).await;
    assert_eq!(bed.backlog(SHARDS).await, (1, 1), "waits for a newer aggregator");
    let claimed = Worker::new(&bed, "newer", SHARDS).await.claim().await;
    assert_eq!(claimed.iter().map(|entry| entry.packed.clone()).collect::<Vec<_>>(), [newer]);
    assert_eq!(bed.redis(&["EXISTS", &keys::dead_votes(0)]).await, redis::Value::Int(0));
}
