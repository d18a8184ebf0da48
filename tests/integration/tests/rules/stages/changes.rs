//! Votes that may be changed, delivered in every awkward way: the last accepted event of each voter stands, and
//! the log holds every event once and in order.

mod concurrent;
mod delivery;
mod lost_memory;
mod memory;
mod refused;
mod sealed;

use pollster_shared::poll::Poll;
use pollster_shared::stream::accept::Outcome;
use pollster_shared::stream::group::Entry;
use pollster_shared::vote::Cast;

use super::bed::Bed;
use super::worker::Worker;

/// Accepts these ballots, and returns their entries, read by `worker`.
async fn accepted(bed: &Bed, worker: &mut Worker<'_>, poll: &Poll, ballots: &[Cast]) -> Vec<Entry> {
    for ballot in ballots {
        assert_eq!(bed.accept(poll, ballot).await, Outcome::Accepted, "{ballot:?}");
    }
    let entries = worker.read().await;
    assert_eq!(entries.len(), ballots.len());
    entries
}

/// Fails unless the poll is sound and its tallies, published too, are those of these answers.
async fn assert_counts(bed: &Bed, poll: &Poll, answers: &[Cast]) {
    bed.assert_sound(poll).await;
    bed.assert_counted(poll, answers).await;
}
