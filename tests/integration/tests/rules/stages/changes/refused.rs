//! Second casts, as a Redis that lost its memory lets in: refused whole, and no trace of them but in the log.

use pollster_shared::keys;
use pollster_shared::poll::Poll;
use pollster_shared::responses::{self, VoteStatus};
use pollster_shared::stream::entry;
use pollster_shared::vote::{Ballot, Cast, Kind, VoteId};

use super::super::bed::{Bed, cast, change, revoke};
use super::super::worker::Worker;
use super::{accepted, assert_counts};

const SHARDS: u16 = 1;

/// What the voter of the ballot reads of it.
async fn status(bed: &Bed, poll: &Poll, ballot: &Cast) -> VoteStatus {
    let mut connection = bed.pool.get().await.unwrap();
    let id = VoteId::new(ballot.digest, &ballot.ballot);
    responses::status(&mut connection, poll, ballot.voter, id).await.unwrap()
}

#[tokio::test]
async fn a_ballot_over_several_questions_of_which_one_is_taken_counts_on_none() {
    let bed = Bed::start().await;
    for one_batch in [true, false] {
        let poll = bed.changeable_poll(3, SHARDS).await;
        let mut worker = Worker::new(&bed, "worker", SHARDS).await;
        let first = cast(&poll, 1, "1", &[(1, 1)]);
        let second = cast(&poll, 1, "2", &[(0, 2), (1, 2), (2, 2)]);
        bed.enqueue(&poll, &first).await;
        if !one_batch {
            worker.drain().await;
        }
        bed.enqueue(&poll, &second).await;
        let entries = worker.read().await;
        worker.run_through(entries.clone()).await;
        worker.run_through(entries).await;

        assert_counts(&bed, &poll, std::slice::from_ref(&first)).await;
        assert_eq!(worker.counter("accepted_then_refused"), 2, "also when it comes again");
        assert_eq!(bed.refused(&poll).await, 3, "logged once a question");
        for question in [0, 2] {
            assert_eq!(bed.audited(&poll, 1, question).await, [""; 0]);
        }
        for (ballot, expected) in [(&first, VoteStatus::Confirmed), (&second, VoteStatus::Rejected)] {
            assert_eq!(status(&bed, &poll, ballot).await, expected);
        }
        // What was refused leaves the other questions open.
        let third = cast(&poll, 1, "3", &[(0, 4)]);
        bed.enqueue(&poll, &third).await;
        worker.drain().await;
        assert_counts(&bed, &poll, &[first, third]).await;
    }
}

#[tokio::test]
async fn a_cast_never_replaces_what_stood_before_it_however_late_it_is_delivered() {
    let bed = Bed::start().await;
    let poll = bed.changeable_poll(1, SHARDS).await;
    let mut worker = Worker::new(&bed, "worker", SHARDS).await;
    let ballots = [
        cast(&poll, 1, "1", &[(0, 1)]),
        cast(&poll, 1, "2", &[(0, 2)]),
        change(&poll, 1, "3", &[(0, 4)]),
        revoke(&poll, 1, "4"),
        cast(&poll, 1, "5", &[(0, 3)]),
    ];
    for ballot in &ballots {
        bed.enqueue(&poll, ballot).await;
    }
    let entries = worker.read().await;
    // The second cast comes when the first was replaced already.
    let (late, rest): (Vec<_>, Vec<_>) = entries.into_iter().enumerate().partition(|(n, _)| *n == 1);
    worker.run_through(rest.into_iter().map(|(_, entry)| entry).collect()).await;
    worker.run_through(late.into_iter().map(|(_, entry)| entry).collect()).await;
    assert_counts(&bed, &poll, &[]).await;
    assert_eq!(bed.audited(&poll, 1, 0).await, ["cast 1", "changed 1 4", "revoked 4"]);
    assert_eq!((worker.counter("accepted_then_refused"), bed.refused(&poll).await), (2, 2));
}

#[tokio::test]
async fn a_cast_that_comes_again_under_its_key_is_no_second_one() {
    let bed = Bed::start().await;
    for one_batch in [true, false] {
        let poll = bed.changeable_poll(2, SHARDS).await;
        let mut worker = Worker::new(&bed, "worker", SHARDS).await;
        let vote = cast(&poll, 1, "1", &[(0, 1), (1, 1)]);
        let (changed, rest) = (change(&poll, 1, "2", &[(0, 2)]), change(&poll, 1, "3", &[(1, 4)]));
        for ballot in [&vote, &vote, &changed, &vote, &rest, &vote] {
            bed.enqueue(&poll, ballot).await;
            if !one_batch {
                worker.drain().await;
            }
        }
        worker.drain().await;
        assert_eq!(worker.counter("responses_duplicate"), 3);
        assert_eq!(worker.counter("accepted_then_refused"), 0);
        assert_counts(&bed, &poll, &[changed, rest]).await;
        assert_eq!(bed.audited(&poll, 1, 0).await, ["cast 1", "changed 1 2"]);
        assert_eq!(bed.audited(&poll, 1, 1).await, ["cast 1", "changed 1 4"]);
        assert_eq!(status(&bed, &poll, &vote).await, VoteStatus::Replaced);
    }
}

#[tokio::test]
async fn a_second_cast_that_comes_again_under_its_key_is_refused_again() {
    let bed = Bed::start().await;
    let poll = bed.changeable_poll(1, SHARDS).await;
    let mut worker = Worker::new(&bed, "worker", SHARDS).await;
    let (first, second) = (cast(&poll, 1, "1", &[(0, 1)]), cast(&poll, 1, "2", &[(0, 2)]));
    for ballot in [&first, &second, &second] {
        bed.enqueue(&poll, ballot).await;
        worker.drain().await;
    }
    assert_eq!((worker.counter("accepted_then_refused"), worker.counter("responses_duplicate")), (2, 0));
    assert_eq!(status(&bed, &poll, &second).await, VoteStatus::Rejected);
    // As a change it is a new one, and what became of that is what its voter reads.
    let changed = Cast { kind: Kind::Change, ..second.clone() };
    bed.enqueue(&poll, &changed).await;
    bed.enqueue(&poll, &revoke(&poll, 1, "3")).await;
    worker.drain().await;
    assert_counts(&bed, &poll, &[]).await;
    assert_eq!(status(&bed, &poll, &second).await, VoteStatus::Replaced);
}

#[tokio::test]
async fn changes_and_revokes_of_final_votes_are_set_aside() {
    let bed = Bed::start().await;
    let poll = bed.poll(2, SHARDS).await;
    let vote = cast(&poll, 1, "1", &[(0, 1)]);
    bed.accept(&poll, &vote).await;
    let revoked = Cast { ballot: Ballot::empty(1), ..revoke(&poll, 1, "3") };
    let strays = [
        change(&poll, 1, "2", &[(0, 2)]),
        revoked,
        // Nobody changes anything here, not even a first time.
        change(&poll, 2, "2", &[(0, 2)]),
    ];
    for stray in &strays {
        bed.enqueue_packed(&poll, 0, &entry::encode(stray)).await;
    }
    let mut worker = Worker::new(&bed, "worker", SHARDS).await;
    let entries = worker.read().await;
    worker.run_through(entries).await;
    bed.assert_counted(&poll, [&vote]).await;
    assert_eq!(worker.counter("dead_letters"), 3);
    assert_eq!(bed.redis(&["XLEN", &keys::dead_votes(0)]).await, redis::Value::Int(3));
    assert_eq!(bed.backlog(SHARDS).await, (0, 0));
    assert_eq!(bed.sql("SELECT count(*) FROM response_changes").await, [["0"]]);
}

#[tokio::test]
async fn a_change_that_no_question_allows_is_set_aside_and_leaves_nothing() {
    let bed = Bed::start().await;
    let poll = bed.changeable_poll(2, SHARDS).await;
    let mut worker = Worker::new(&bed, "worker", SHARDS).await;
    let vote = cast(&poll, 1, "1", &[(0, 1)]);
    let entries = accepted(&bed, &mut worker, &poll, std::slice::from_ref(&vote)).await;
    worker.run_through(entries).await;
    // Three of at most two choices; a fourth choice of three; a change to nothing, and a revoke to something.
    let nothing = Cast { kind: Kind::Change, ..revoke(&poll, 1, "4") };
    let something = Cast { kind: Kind::Revoke, ..cast(&poll, 1, "5", &[(0, 1)]) };
    let strays = [
        change(&poll, 1, "2", &[(0, 2), (1, 7)]),
        change(&poll, 1, "3", &[(0, 2), (1, 8)]),
        nothing,
        something,
    ];
    for stray in &strays {
        bed.enqueue(&poll, stray).await;
    }
    worker.drain().await;
    assert_counts(&bed, &poll, &[vote]).await;
    assert_eq!(worker.counter("dead_letters"), strays.len() as u64);
    assert_eq!(bed.sql("SELECT count(*) FROM vote_audit_log").await, [["1"]]);
}

#[tokio::test]
async fn a_final_vote_that_was_refused_is_refused_again_however_often_it_comes() {
    let bed = Bed::start().await;
    let poll = bed.poll(2, SHARDS).await;
    let mut worker = Worker::new(&bed, "worker", SHARDS).await;
    let (first, second) = (cast(&poll, 1, "1", &[(0, 1)]), cast(&poll, 1, "2", &[(0, 2), (1, 2)]));
    for ballot in [&first, &second] {
        bed.enqueue(&poll, ballot).await;
    }
    let entries = worker.read().await;
    worker.run_through(entries.clone()).await;
    worker.run_through(entries).await;
    bed.assert_counted(&poll, [&first]).await;
    assert_eq!((worker.counter("accepted_then_refused"), worker.counter("dead_letters")), (2, 0));
    assert_eq!(bed.refused(&poll).await, 2, "logged once a question");
    assert_eq!(status(&bed, &poll, &second).await, VoteStatus::Rejected);
}
