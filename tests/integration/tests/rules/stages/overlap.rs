//! Ballots of one voter that overlap, as a Redis that lost its memory lets in: the first one counts, and
//! a ballot counts as a whole or not at all.

use pollster_shared::vote::Cast;

use super::bed::{Bed, cast};
use super::worker::Worker;

/// One voter is on one shard anyway.
const SHARDS: u16 = 1;

/// How the ballots reach the commit.
#[derive(Debug, Clone, Copy)]
enum Batches {
    /// All in one transaction.
    One,
    /// Each in its own.
    Each,
}

/// Runs the ballots in this order past the acceptance and checks that exactly `counting` of them count,
/// and that the others are counted as refused or repeated.
async fn only_these_count(answers: &[(&str, &[(u8, u64)])], counting: &[usize], repeated: u64) {
    let bed = Bed::start().await;
    for batches in [Batches::One, Batches::Each] {
        let poll = bed.poll(3, SHARDS).await;
        let ballots: Vec<Cast> = answers.iter().map(|(key, answers)| cast(&poll, 1, key, answers)).collect();
        let mut worker = Worker::new(&bed, "worker", SHARDS).await;
        for ballot in &ballots {
            bed.enqueue(&poll, ballot).await;
            if matches!(batches, Batches::Each) {
                worker.drain().await;
            }
        }
        worker.drain().await;

        bed.assert_counted(&poll, counting.iter().map(|&index| &ballots[index])).await;
        assert_eq!(bed.backlog(SHARDS).await, (0, 0), "{batches:?}");
        assert_eq!(worker.counter("responses_inserted"), counting.len() as u64, "{batches:?}");
        assert_eq!(worker.counter("responses_duplicate"), repeated, "{batches:?}");
        let refused = (ballots.len() - counting.len()) as u64 - repeated;
        assert_eq!(worker.counter("accepted_then_refused"), refused, "{batches:?}");
    }
}

#[tokio::test]
async fn of_two_ballots_on_one_question_the_first_counts() {
    only_these_count(&[("a", &[(0, 1)]), ("b", &[(0, 2)])], &[0], 0).await;
}

#[tokio::test]
async fn the_same_ballot_twice_counts_once() {
    only_these_count(&[("a", &[(0, 1), (2, 3)]), ("a", &[(0, 1), (2, 3)])], &[0], 1).await;
}

#[tokio::test]
async fn a_ballot_with_one_question_taken_counts_on_none() {
    only_these_count(&[("a", &[(1, 1)]), ("b", &[(0, 1), (1, 1), (2, 1)])], &[0], 0).await;
}

#[tokio::test]
async fn a_refused_ballot_takes_no_question_from_a_later_one() {
    let (first, second): (&[_], &[_]) = (&[(0, 1)], &[(0, 2), (1, 2)]);
    only_these_count(&[("a", first), ("b", second), ("c", &[(1, 4)])], &[0, 2], 0).await;
}

#[tokio::test]
async fn ballots_on_different_questions_of_one_voter_all_count() {
    only_these_count(&[("a", &[(0, 1)]), ("b", &[(2, 2)]), ("c", &[(1, 4)])], &[0, 1, 2], 0).await;
}

#[tokio::test]
async fn two_ballots_that_each_take_a_question_of_the_other_leave_the_first() {
    let ballots: [(&str, &[(u8, u64)]); 3] =
        [("a", &[(0, 1), (1, 1)]), ("b", &[(1, 2), (2, 2)]), ("c", &[(2, 4), (0, 4)])];
    only_these_count(&ballots, &[0], 0).await;
}
