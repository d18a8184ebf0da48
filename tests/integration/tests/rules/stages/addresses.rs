//! One vote a browser token and one an address, on one question: acceptance says so, and the commit once more.

use pollster_shared::keys;
use pollster_shared::poll::Poll;
use pollster_shared::responses;
use pollster_shared::stream::accept::Outcome;
use pollster_shared::vote::{AddressHash, Cast};

use super::bed::{Bed, cast};
use super::worker::Worker;

const SHARDS: u16 = 2;

async fn poll(bed: &Bed, questions: usize) -> Poll {
    bed.poll_with(questions, SHARDS, serde_json::json!({"voter_identity": "browser_and_address"})).await
}

/// A ballot from the address of this number, 0 for an unknown one.
fn from(poll: &Poll, voter: u128, address: u8, key: &str, answers: &[(u8, u64)]) -> Cast {
    let address = (address > 0).then_some(AddressHash([address; 8]));
    Cast { address, ..cast(poll, voter, key, answers) }
}

#[tokio::test]
async fn an_address_is_remembered_by_question() {
    let bed = Bed::start().await;
    let poll = poll(&bed, 2).await;
    for (ballot, outcome) in [
        (from(&poll, 1, 1, "1", &[(0, 1)]), Outcome::Accepted),
        (from(&poll, 2, 1, "1", &[(0, 1)]), Outcome::AlreadyVoted(vec![0])),
        (from(&poll, 2, 1, "2", &[(0, 1), (1, 1)]), Outcome::AlreadyVoted(vec![0])),
        (from(&poll, 1, 2, "1", &[(0, 1)]), Outcome::Replayed),
        (from(&poll, 1, 1, "2", &[(0, 1)]), Outcome::AlreadyVoted(vec![0])),
        (from(&poll, 1, 2, "3", &[(0, 1)]), Outcome::AlreadyVoted(vec![0])),
        (from(&poll, 2, 1, "3", &[(1, 1)]), Outcome::Accepted),
        // The address has answered both questions by now, the voter one of them.
        (from(&poll, 1, 1, "4", &[(0, 1), (1, 1)]), Outcome::AlreadyVoted(vec![0, 1])),
    ] {
        assert_eq!(bed.accept(&poll, &ballot).await, outcome, "{ballot:?}");
    }
}

/// A ballot by voter, address, key and answers.
type Given<'a> = (u128, u8, &'a str, &'a [(u8, u64)]);

/// Puts the ballots past the acceptance, in one batch and one by one, and checks that exactly `counting` count.
async fn only_these_count(ballots: &[Given<'_>], counting: &[usize], repeated: u64) {
    let bed = Bed::start().await;
    for one_batch in [true, false] {
        let poll = poll(&bed, 2).await;
        let mut worker = Worker::new(&bed, "worker", SHARDS).await;
        let ballots: Vec<Cast> = ballots
            .iter()
            .map(|&(voter, address, key, answers)| from(&poll, voter, address, key, answers))
            .collect();
        for ballot in &ballots {
            bed.enqueue(&poll, ballot).await;
            if !one_batch {
                worker.drain().await;
            }
        }
        let entries = [worker.claim().await, worker.read().await].concat();
        worker.run_through(entries.clone()).await;
        bed.assert_counted(&poll, counting.iter().map(|&index| &ballots[index])).await;
        let refused = (ballots.len() - counting.len()) as u64 - repeated;
        assert_eq!(worker.counter("accepted_then_refused"), refused);
        assert_eq!(worker.counter("responses_duplicate"), repeated);
        // Once more, as after a crash.
        for ballot in &ballots {
            bed.enqueue(&poll, ballot).await;
        }
        worker.drain().await;
        worker.run_through(entries).await;
        bed.assert_counted(&poll, counting.iter().map(|&index| &ballots[index])).await;
        assert_eq!(worker.counter("dead_letters"), 0);
        assert_eq!(
            bed.redis(&["EXISTS", &keys::dead_votes(0), &keys::dead_votes(1)]).await,
            redis::Value::Int(0)
        );
        for (index, ballot) in ballots.iter().enumerate() {
            let mut connection = bed.pool.get().await.unwrap();
            let counted = responses::is_counted(&mut connection, &poll, ballot.voter, ballot.digest).await;
            let repeats = ballots[..index]
                .iter()
                .any(|earlier| earlier.digest == ballot.digest && earlier.voter == ballot.voter);
            assert_eq!(counted.unwrap(), counting.contains(&index) || repeats);
        }
    }
}

#[tokio::test]
async fn of_two_ballots_from_one_address_the_first_counts() {
    // Whichever of the voters comes first in the order of the rows.
    for (first, second) in [(1, 2), (2, 1)] {
        only_these_count(&[(first, 1, "a", &[(0, 1)]), (second, 1, "a", &[(0, 2)])], &[0], 0).await;
    }
}

#[tokio::test]
async fn a_ballot_with_one_question_taken_by_its_address_counts_on_none() {
    only_these_count(
        &[(1, 1, "a", &[(1, 1)]), (2, 1, "a", &[(0, 2), (1, 2)]), (3, 1, "a", &[(0, 4)])],
        &[0, 2],
        0,
    )
    .await;
}

#[tokio::test]
async fn a_voter_who_comes_again_from_elsewhere_takes_no_address() {
    let ballots: [Given<'_>; 4] =
        [(1, 1, "a", &[(0, 1)]), (1, 1, "a", &[(0, 1)]), (1, 2, "b", &[(0, 2)]), (2, 2, "a", &[(0, 4)])];
    only_these_count(&ballots, &[0, 3], 1).await;
}

#[tokio::test]
async fn ballots_from_unknown_addresses_do_not_share_one() {
    only_these_count(&[(1, 0, "a", &[(0, 1)]), (2, 0, "a", &[(0, 2)])], &[0, 1], 0).await;
}
