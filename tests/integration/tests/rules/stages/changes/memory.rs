//! What acceptance remembers of a voter whose votes may change.

use pollster_shared::keys;
use pollster_shared::poll::Poll;
use pollster_shared::stream::accept::{Attempt, Outcome, accept};
use pollster_shared::stream::entry;
use pollster_shared::stream::remembered::{has_voted, is_remembered};
use pollster_shared::vote::{Answer, Ballot, Cast, Choices, Kind};

use super::super::bed::{Bed, cast, change, revoke, voter};
use super::super::worker::Worker;

const SHARDS: u16 = 1;

/// Accepts each ballot with the outcome beside it.
async fn outcomes(bed: &Bed, poll: &Poll, expected: &[(Cast, Outcome)]) {
    for (number, (ballot, outcome)) in expected.iter().enumerate() {
        assert_eq!(&bed.accept(poll, ballot).await, outcome, "ballot {number}, {ballot:?}");
    }
}

/// What the stream holds.
async fn enqueued(bed: &Bed) -> Vec<Cast> {
    let entries = Worker::new(bed, "reader", SHARDS).await.read().await;
    entries.iter().map(|entry| entry::decode(&entry.packed).unwrap()).collect()
}

#[tokio::test]
async fn the_last_four_ballots_are_remembered() {
    let bed = Bed::start().await;
    let poll = bed.changeable_poll(1, SHARDS).await;
    let first = cast(&poll, 1, "0", &[(0, 1)]);
    let changes: Vec<Cast> = (1..5).map(|n| change(&poll, 1, &n.to_string(), &[(0, n)])).collect();
    outcomes(&bed, &poll, &[(first.clone(), Outcome::Accepted)]).await;
    for change in &changes[..3] {
        outcomes(&bed, &poll, &[(change.clone(), Outcome::Accepted)]).await;
    }
    // Four by now, each of them known, whatever it is sent as.
    for ballot in [&first, &changes[0], &changes[1], &changes[2]] {
        outcomes(&bed, &poll, &[(ballot.clone(), Outcome::Replayed)]).await;
        assert!(is_remembered(&mut bed.redis.clone(), &poll, ballot).await.unwrap());
    }
    outcomes(&bed, &poll, &[(change(&poll, 1, "0", &[(0, 2)]), Outcome::Mismatch)]).await;
    outcomes(&bed, &poll, &[(revoke(&poll, 1, "2"), Outcome::Mismatch)]).await;

    outcomes(&bed, &poll, &[(changes[3].clone(), Outcome::Accepted)]).await;
    outcomes(&bed, &poll, &[(changes[0].clone(), Outcome::Replayed)]).await;
    assert!(!is_remembered(&mut bed.redis.clone(), &poll, &first).await.unwrap());
    // A cast whose digest is forgotten is a second one, a key that is forgotten is free again.
    outcomes(&bed, &poll, &[(first, Outcome::AlreadyVoted(vec![0]))]).await;
    outcomes(&bed, &poll, &[(change(&poll, 1, "0", &[(0, 2)]), Outcome::Accepted)]).await;
    assert_eq!(enqueued(&bed).await.len(), 6);
}

#[tokio::test]
async fn where_votes_are_final_one_ballot_is_remembered() {
    let bed = Bed::start().await;
    let poll = bed.poll(1, SHARDS).await;
    let vote = cast(&poll, 1, "1", &[(0, 1)]);
    bed.accept(&poll, &vote).await;
    let question_id = poll.questions[0].question_id;
    let remembered = bed.redis(&["HVALS", &keys::voters(0, question_id)]).await;
    let remembered: Vec<Vec<u8>> = redis::from_redis_value(remembered).unwrap();
    assert_eq!(remembered, [vote.digest.0.to_vec()]);
}

#[tokio::test]
async fn a_voter_who_revoked_has_not_voted_and_may_cast_again() {
    let bed = Bed::start().await;
    let poll = bed.changeable_poll(2, SHARDS).await;
    let has_voted = async || has_voted(&mut bed.redis.clone(), &poll, voter(1)).await.unwrap();
    assert!(!has_voted().await);
    let steps = [
        (cast(&poll, 1, "1", &[(0, 1)]), Outcome::Accepted, true),
        (cast(&poll, 1, "2", &[(0, 2), (1, 2)]), Outcome::AlreadyVoted(vec![0]), true),
        (revoke(&poll, 1, "3"), Outcome::Accepted, false),
        (revoke(&poll, 1, "3"), Outcome::Replayed, false),
        (revoke(&poll, 1, "4"), Outcome::NotVoted, false),
        (cast(&poll, 1, "1", &[(0, 1)]), Outcome::Replayed, false),
        (cast(&poll, 1, "5", &[(0, 2), (1, 2)]), Outcome::Accepted, true),
        (cast(&poll, 1, "6", &[(0, 1)]), Outcome::AlreadyVoted(vec![0]), true),
        (revoke(&poll, 1, "3"), Outcome::Replayed, true),
        (revoke(&poll, 1, "7"), Outcome::Accepted, false),
        (change(&poll, 1, "8", &[(1, 1)]), Outcome::Accepted, true),
        (cast(&poll, 1, "9", &[(0, 1)]), Outcome::Accepted, true),
    ];
    for (ballot, outcome, voted) in steps {
        outcomes(&bed, &poll, &[(ballot.clone(), outcome)]).await;
        assert_eq!(has_voted().await, voted, "after {ballot:?}");
    }
}

#[tokio::test]
async fn what_is_enqueued_says_what_it_is_to_earlier_ballots() {
    let bed = Bed::start().await;
    let poll = bed.changeable_poll(3, SHARDS).await;
    let ballots = [
        cast(&poll, 1, "1", &[(0, 1), (2, 2)]),
        revoke(&poll, 1, "2"),
        cast(&poll, 1, "3", &[(1, 1), (2, 4)]),
        cast(&poll, 1, "4", &[(0, 4)]),
        change(&poll, 1, "5", &[(1, 2)]),
        revoke(&poll, 1, "6"),
    ];
    for ballot in &ballots {
        assert_eq!(bed.accept(&poll, ballot).await, Outcome::Accepted, "{ballot:?}");
    }
    let revoked = |number: usize, questions: &[u8]| {
        let answer = |&question: &u8| Answer { question, choices: Choices::default() };
        let ballot = Ballot::new(questions.iter().map(answer).collect()).unwrap();
        Cast { ballot, ..ballots[number].clone() }
    };
    // Whoever votes again after a revoke changes the vote, also where only one of the questions was revoked.
    let changed = |number: usize| Cast { kind: Kind::Change, ..ballots[number].clone() };
    let expected = [
        ballots[0].clone(),
        revoked(1, &[0, 2]),
        changed(2),
        changed(3),
        ballots[4].clone(),
        revoked(5, &[0, 1, 2]),
    ];
    assert_eq!(enqueued(&bed).await, expected);
}

#[tokio::test]
async fn a_full_stream_takes_no_revoke_and_forgets_no_vote() {
    let bed = Bed::start().await;
    let poll = bed.changeable_poll(1, SHARDS).await;
    assert_eq!(bed.accept(&poll, &cast(&poll, 1, "1", &[(0, 1)])).await, Outcome::Accepted);
    let revoked = revoke(&poll, 1, "2");
    let mut attempt =
        Attempt { poll: &poll, cast: &revoked, keyed: true, stream_max_len: 1, known: None, trace: None };
    assert_eq!(accept(&mut bed.redis.clone(), attempt).await.unwrap(), Outcome::Overloaded);
    attempt.stream_max_len = 2;
    assert_eq!(accept(&mut bed.redis.clone(), attempt).await.unwrap(), Outcome::Accepted);
}

#[tokio::test]
async fn what_postgresql_knows_counts_only_where_redis_does_not_remember() {
    let bed = Bed::start().await;
    let poll = bed.changeable_poll(2, SHARDS).await;
    let ballots = [cast(&poll, 1, "1", &[(0, 1)]), revoke(&poll, 1, "2")];
    for ballot in &ballots {
        assert_eq!(bed.accept(&poll, ballot).await, Outcome::Accepted);
    }
    // PostgreSQL, which may be behind, says that the revoked question is answered.
    let (again, answer) = (revoke(&poll, 1, "3"), Some(ballots[0].digest));
    let (first, both) = ([answer, None], [answer, answer]);
    let attempt =
        |known| Attempt { poll: &poll, cast: &again, keyed: true, stream_max_len: 100, known, trace: None };
    let outcome = async |known| accept(&mut bed.redis.clone(), attempt(known)).await.unwrap();
    assert_eq!(outcome(None).await, Outcome::Unknown, "nobody knows of the other question");
    assert_eq!(outcome(Some(&first[..])).await, Outcome::NotVoted);
    assert_eq!(outcome(Some(&both[..])).await, Outcome::Accepted);
    let about: Vec<u8> =
        enqueued(&bed).await[2].ballot.answers().iter().map(|answer| answer.question).collect();
    assert_eq!(about, [1]);
}

#[tokio::test]
async fn without_a_key_no_ballot_is_taken_for_another_one() {
    let bed = Bed::start().await;
    let poll = bed.changeable_poll(2, SHARDS).await;
    let mut redis = bed.redis.clone();
    assert_eq!(bed.accept(&poll, &cast(&poll, 1, "1", &[(0, 1)])).await, Outcome::Accepted);
    let same_key = cast(&poll, 1, "1", &[(1, 1)]);
    let mut attempt =
        Attempt { poll: &poll, cast: &same_key, keyed: true, stream_max_len: 100, known: None, trace: None };
    assert_eq!(accept(&mut redis, attempt).await.unwrap(), Outcome::Mismatch);
    attempt.keyed = false;
    assert_eq!(accept(&mut redis, attempt).await.unwrap(), Outcome::Accepted);
    // Half a digest in common is chance then.
    let alike = change(&poll, 1, "1", &[(0, 2)]);
    attempt.cast = &alike;
    assert_eq!(accept(&mut redis, attempt).await.unwrap(), Outcome::Accepted);
}
