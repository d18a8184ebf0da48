//! A crash between any two stages only repeats work that changes nothing.

use super::bed::{Bed, casts};
use super::worker::Worker;

const SHARDS: u16 = 2;
const VOTES: u64 = 20;

/// What the first worker does last.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Last {
    Read,
    Commit,
    Publish,
}

/// Enqueues votes, lets one worker die after `last`, another take over; and checks counts, streams and
/// what the second one counted as duplicates.
async fn counts_survive(last: Last) {
    let bed = Bed::start().await;
    let poll = bed.poll(1, SHARDS).await;
    let votes = casts(&poll, VOTES.into());
    for vote in &votes {
        bed.accept(&poll, vote).await;
    }

    let mut first = Worker::new(&bed, "first", SHARDS).await;
    let read = first.read().await;
    assert_eq!(read.len() as u64, VOTES);
    if last != Last::Read {
        let committed = first.commit(read).await;
        if last == Last::Publish {
            first.publish(&committed).await;
            bed.assert_counted(&poll, &votes).await;
        }
    }
    drop(first);
    let version = bed.tallied(&poll).await.version;
    assert_eq!(bed.backlog(SHARDS).await, (VOTES, VOTES), "nothing is acknowledged yet");

    let mut second = Worker::new(&bed, "second", SHARDS).await;
    assert_eq!(second.read().await, [], "the first one's entries are not new");
    let claimed = second.claim().await;
    second.run_through(claimed).await;

    bed.assert_counted(&poll, &votes).await;
    assert_eq!(bed.backlog(SHARDS).await, (0, 0), "acknowledged and deleted");
    let repeated = if last == Last::Read { 0 } else { VOTES };
    assert_eq!(second.counter("responses_duplicate"), repeated);
    assert_eq!(second.counter("responses_inserted"), VOTES - repeated);
    assert_eq!(second.counter("accepted_then_refused"), 0);
    if last != Last::Read {
        assert_eq!(bed.tallied(&poll).await.version, version, "a repeated commit is no news");
    }
}

#[tokio::test]
async fn a_crash_after_the_read_loses_no_vote() {
    counts_survive(Last::Read).await;
}

#[tokio::test]
async fn a_crash_after_the_commit_changes_no_count() {
    counts_survive(Last::Commit).await;
}

#[tokio::test]
async fn a_crash_after_publishing_changes_no_count() {
    counts_survive(Last::Publish).await;
}

#[tokio::test]
async fn what_is_claimed_in_small_steps_is_claimed_whole() {
    let bed = Bed::start().await;
    let poll = bed.poll(1, SHARDS).await;
    let votes = casts(&poll, 60);
    for vote in &votes {
        bed.accept(&poll, vote).await;
    }
    Worker::new(&bed, "first", SHARDS).await.read().await;
    let mut second = Worker::new(&bed, "second", SHARDS).await;
    let claimed = second.claim_by(2).await;
    assert_eq!(claimed.len(), votes.len());
    second.run_through(claimed).await;
    bed.assert_counted(&poll, &votes).await;
}

#[tokio::test]
async fn a_batch_committed_by_two_at_once_counts_once() {
    let bed = Bed::start().await;
    let poll = bed.poll(1, SHARDS).await;
    let votes = casts(&poll, VOTES.into());
    for vote in &votes {
        bed.accept(&poll, vote).await;
    }
    let mut first = Worker::new(&bed, "first", SHARDS).await;
    let mut second = Worker::new(&bed, "second", SHARDS).await;
    let entries = first.read().await;
    // Both hold the same entries: one hung, the other claimed them, the first woke up.
    tokio::join!(first.run_through(entries.clone()), second.run_through(entries));
    bed.assert_counted(&poll, &votes).await;
    let both = |name| first.counter(name) + second.counter(name);
    assert_eq!((both("responses_inserted"), both("responses_duplicate")), (VOTES, VOTES));
    assert_eq!(both("accepted_then_refused"), 0);
}
