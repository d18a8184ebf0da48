//! A poll is archived only when no vote of it can come any more.

use pollster_integration::{Stack, lunch, token};
use pollster_shared::keys;
use pollster_shared::stream::entry;
use pollster_shared::vote::{Answer, Ballot, Cast, Choices, Digest, HashSecret, Kind, Voter};
use uuid::Uuid;

use super::files::{names, read};
use super::polls::{archived, close, make_due, put_off_because};

#[tokio::test]
async fn a_poll_waits_for_the_votes_that_were_accepted_before_its_close() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&lunch()).await;
    stack.aggregator(0).stop().await;
    stack.accepted(&poll, &token(), None, poll.ballot(0, 0)).await;
    assert_eq!(stack.close(&poll).await.status, 200);
    make_due(&stack, &poll).await;
    put_off_because(&stack, &poll, "not final yet").await;
    assert!(names(&stack.archive_folder(), &poll).is_empty());

    stack.aggregator(0).cont().await;
    stack.final_results(&poll).await;
    make_due(&stack, &poll).await;
    archived(&stack, &poll).await;
    assert_eq!(read(&stack, &poll, &stack.archive_folder()).await.responses.len(), 1);
}

#[tokio::test]
async fn a_poll_waits_for_the_votes_that_an_aggregator_died_with() {
    let stack = Stack::builder().env("CLAIM_IDLE_MS", 500).start().await;
    let poll = stack.create_poll(&lunch()).await;
    // Read and never acknowledged: pending for a consumer that is gone.
    stack.aggregator(0).stop().await;
    stack.accepted(&poll, &token(), None, poll.ballot(0, 1)).await;
    for stream in stack.vote_streams().await {
        let mut read = redis::cmd("XREADGROUP");
        read.arg("GROUP").arg(keys::AGGREGATORS).arg("gone").arg("STREAMS").arg(stream).arg(">");
        read.exec_async(&mut stack.redis().connect().await).await.unwrap();
    }
    assert_eq!(stack.pending().await, 1);
    assert_eq!(stack.close(&poll).await.status, 200);
    make_due(&stack, &poll).await;
    put_off_because(&stack, &poll, "not final yet").await;

    stack.aggregator(0).cont().await;
    stack.final_results(&poll).await;
    make_due(&stack, &poll).await;
    archived(&stack, &poll).await;
    assert_eq!(read(&stack, &poll, &stack.archive_folder()).await.responses.len(), 1);
}

#[tokio::test]
async fn a_dead_letter_holds_its_poll_back_and_no_other() {
    let stack = Stack::start().await;
    let (poll, other) = (stack.create_poll(&lunch()).await, stack.create_poll(&lunch()).await);
    stack.accepted(&poll, &token(), None, poll.ballot(0, 0)).await;
    close(&stack, &poll).await;
    close(&stack, &other).await;
    let ballot = Ballot::new(vec![Answer { question: 0, choices: Choices(1) }]).unwrap();
    let voter = Voter::from_browser_token(&HashSecret::new("a secret of the tests"), Uuid::new_v4());
    let digest = Digest::new(None, &ballot);
    let cast = Cast { kind: Kind::Cast, poll_id: poll.poll_id, voter, address: None, digest, ballot };
    let dead = keys::dead_votes(7);
    let mut add = redis::cmd("XADD");
    add.arg(&dead).arg("*").arg("id").arg("1-0").arg("error").arg("a test's").arg("deliveries").arg(5);
    add.arg(keys::ENTRY_FIELD).arg(entry::encode(&cast));
    let mut redis = stack.redis().connect().await;
    add.exec_async(&mut redis).await.unwrap();

    make_due(&stack, &poll).await;
    make_due(&stack, &other).await;
    let said = put_off_because(&stack, &poll, "dead letters").await;
    assert!(said.starts_with("1 of its votes"), "{said}");
    archived(&stack, &other).await;
    let poll_id = poll.poll_id.to_string();
    let by_hand = stack.run(&["archive", "--poll", &poll_id]).await;
    assert!(by_hand.code == 1 && by_hand.stderr.contains("dead letters"), "{by_hand:?}");

    // Discarded.
    redis::cmd("DEL").arg(&dead).exec_async(&mut redis).await.unwrap();
    make_due(&stack, &poll).await;
    archived(&stack, &poll).await;
}

#[tokio::test]
async fn a_poll_whose_rows_are_not_what_was_counted_is_not_archived() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&lunch()).await;
    stack.accepted(&poll, &token(), None, poll.ballot(0, 0)).await;
    close(&stack, &poll).await;
    let database = stack.database().connect().await;
    let drift = "UPDATE choice_tallies SET votes = votes + $1 WHERE position = 0";
    database.execute(drift, &[&1i64]).await.unwrap();
    make_due(&stack, &poll).await;
    put_off_because(&stack, &poll, "don't add up").await;
    database.execute(drift, &[&-1i64]).await.unwrap();
    make_due(&stack, &poll).await;
    archived(&stack, &poll).await;
}
