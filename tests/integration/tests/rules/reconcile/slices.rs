//! A large poll is counted in slices of one snapshot, and votes go on meanwhile.

use chrono::Utc;
use pollster_shared::milestones::Thresholds;
use pollster_shared::poll::Poll;
use pollster_shared::reconcile::{Recount, SLICE, correct};
use pollster_shared::responses::{self, Fate};
use pollster_shared::vote::AcceptedCast;

use crate::stages::bed::{Bed, cast};

const RESPONSES: i64 = 200_000;

/// Gives the poll's question responses of as many voters, every fourth for the second choice, and tallies to match;
/// its timeline, which lacks them, counts no more.
async fn fill(bed: &Bed, poll: &Poll) {
    let (id, question, month) = (poll.id, poll.questions[0].id, poll.month);
    for statement in [
        format!(
            "INSERT INTO responses (question, choices, digest, submitted_at, voter, month) \
             SELECT {question}, CASE WHEN n % 4 = 0 THEN 2 ELSE 1 END, n, now(), gen_random_uuid(), '{month}' \
             FROM generate_series(1, {RESPONSES}) n"
        ),
        format!("UPDATE polls SET created_at = created_at - interval '1 year' WHERE id = {id}"),
        format!("UPDATE poll_tallies SET total_votes = {RESPONSES}, version = 1 WHERE poll = {id}"),
        format!("UPDATE question_tallies SET responses = {RESPONSES} WHERE question = {question}"),
        format!(
            "UPDATE choice_tallies SET votes = (ARRAY[{RESPONSES} / 4 * 3, {RESPONSES} / 4, 0])[position + 1] \
             WHERE question = {question}"
        ),
    ] {
        bed.sql(&statement).await;
    }
}

/// The tables that the session holding a snapshot has locked.
async fn locked(bed: &Bed) -> Vec<Vec<String>> {
    bed.sql(
        "SELECT c.relname FROM pg_stat_activity a JOIN pg_locks l USING (pid) JOIN pg_class c ON c.oid = l.relation \
         WHERE a.datname = current_database() AND a.state = 'idle in transaction'",
    )
    .await
}

/// Commits a vote as an aggregator does.
async fn vote(bed: &Bed, poll: &Poll, number: u128) {
    let cast = cast(poll, number, "key", &[(0, 1 << (number % 3))]);
    let accepted = AcceptedCast { cast, accepted_at: Utc::now(), order: number as i64 };
    let mut connection = bed.pool.get().await.unwrap();
    let committed = responses::commit(&mut connection, &[accepted], &[], &Thresholds::default()).await;
    assert_eq!(committed.unwrap().fates, [Fate::Inserted]);
}

#[tokio::test]
async fn votes_committed_meanwhile_wait_for_nothing_and_change_nothing_in_the_snapshot() {
    let bed = Bed::start().await;
    let poll = bed.poll(1, 1).await;
    fill(&bed, &poll).await;
    let connection = bed.pool.dedicated_connection().await.unwrap();
    let mut recount = Recount::begin(connection, poll.poll_id).await.unwrap().unwrap();
    let (mut slices, mut counted, mut votes) = (0, 0, 0);
    while let Some(responses) = recount.slice().await.unwrap() {
        assert!(responses <= SLICE as u64, "{responses} in a slice");
        (slices, counted) = (slices + 1, counted + responses);
        assert_eq!(locked(&bed).await, Vec::<Vec<String>>::new(), "a partition could not be dropped");
        for _ in 0..5 {
            vote(&bed, &poll, votes).await;
            votes += 1;
        }
    }
    let (connection, recounted) = recount.end().await.unwrap();
    assert!(slices >= RESPONSES / SLICE, "{slices} slices");
    assert_eq!((counted, recounted.responses()), (RESPONSES as u64, RESPONSES));
    assert_eq!(recounted.differences(), []);

    // The next snapshot, on the same connection, has the votes.
    let mut recount = Recount::begin(connection, poll.poll_id).await.unwrap().unwrap();
    while recount.slice().await.unwrap().is_some() {}
    let (_, recounted) = recount.end().await.unwrap();
    assert_eq!(recounted.responses(), RESPONSES + votes as i64);
    assert_eq!(recounted.differences(), []);
}

#[tokio::test]
async fn a_difference_is_added_to_what_was_voted_since_and_no_count_is_overwritten() {
    let bed = Bed::start().await;
    let poll = bed.poll(1, 1).await;
    for number in 0..7 {
        vote(&bed, &poll, number).await;
    }
    let question = poll.questions[0].id;
    bed.sql(&format!(
        "UPDATE choice_tallies SET votes = votes + 3 WHERE question = {question} AND position = 0"
    ))
    .await;
    bed.sql(&format!("UPDATE poll_tallies SET total_votes = total_votes - 2 WHERE poll = {}", poll.id)).await;
    let connection = bed.pool.dedicated_connection().await.unwrap();
    let mut recount = Recount::begin(connection, poll.poll_id).await.unwrap().unwrap();
    while recount.slice().await.unwrap().is_some() {}
    let (_, recounted) = recount.end().await.unwrap();
    let differences = recounted.differences();
    assert_eq!(differences.iter().map(|one| one.found - one.expected).collect::<Vec<_>>(), [-2, 3]);
    for number in 7..20 {
        vote(&bed, &poll, number).await;
    }
    let before = bed.tallied(&poll).await.version;
    let mut connection = bed.pool.get().await.unwrap();
    assert!(correct(&mut connection, &recounted).await.unwrap());
    let after = bed.tallied(&poll).await;
    assert_eq!((after.version, after.total_votes), (before + 1, 20));
    assert_eq!(after.results, bed.recounted(&poll).await);
}
