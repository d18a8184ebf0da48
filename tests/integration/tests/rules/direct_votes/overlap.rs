//! Votes that come both ways, or meet another commit on theirs.

use pollster_integration::{DEADLINE, Stack, lunch, token, wait_until};
use pollster_shared::vote::{HashSecret, Voter};
use tokio_postgres::Client;

use super::{confirmed, is, lose_redis, no_longer_asked};

#[tokio::test]
async fn a_vote_that_got_into_the_stream_after_all_counts_once() {
    // One shard, which is ready for the poll once it has taken a vote.
    let stack = Stack::builder().env("VOTE_SHARDS", 1).start().await;
    let poll = stack.create_poll(&lunch()).await;
    stack.accepted(&poll, &token(), None, poll.ballot(0, 0)).await;
    stack.drained().await;
    // What it is asked while it stands still it does once it goes on.
    stack.redis().freeze().await;
    let unkeyed = stack.vote(&poll, &token(), None, poll.ballot(0, 1)).await;
    assert_eq!(unkeyed.status, 200, "{}", unkeyed.text());
    stack.redis().thaw().await;
    wait_until("the vote came through the stream too", DEADLINE, async || {
        (stack.aggregator(0).metric("pollster_responses_duplicate_total").await == 1.0).then_some(())
    })
    .await;
    assert_eq!(stack.assert_exact(&poll).await.total, 2);
}

#[tokio::test]
async fn a_vote_that_may_be_in_the_stream_is_not_refused_for_certain() {
    let stack = Stack::builder().env("VOTE_SHARDS", 1).start().await;
    let poll = stack.create_poll(&lunch()).await;
    stack.accepted(&poll, &token(), None, poll.ballot(0, 0)).await;
    stack.drained().await;
    stack.redis().freeze().await;
    // Redis does not know yet that the poll is closed.
    let close = "UPDATE polls SET closed_at = now() WHERE poll_id = $1";
    stack.database().connect().await.execute(close, &[&poll.poll_id]).await.unwrap();
    let voter = token();
    let unknown = stack.vote(&poll, &voter, Some("key"), poll.ballot(0, 1)).await;
    is(&unknown, 503, Some("unavailable"));
    no_longer_asked(&stack).await;
    is(&stack.vote(&poll, &token(), Some("key"), poll.ballot(0, 1)).await, 409, Some("poll_closed"));
    stack.redis().thaw().await;
    // It took the vote before it was told.
    wait_until("the vote that was in the stream counts", DEADLINE, async || {
        (stack.recounted(&poll).await.total == 2).then_some(())
    })
    .await;
}

/// Sessions that wait for another's row.
async fn waiting_for_row(database: &Client) -> i64 {
    let waiting = "SELECT count(*) FROM pg_stat_activity \
        WHERE datname = current_database() AND wait_event_type = 'Lock'";
    database.query_one(waiting, &[]).await.unwrap().get(0)
}

#[tokio::test]
async fn a_commit_that_comes_between_is_seen() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&lunch()).await;
    let (voter, unhurt) = (token(), token());
    lose_redis(&stack).await;
    // As an aggregator would that is about to commit another ballot of the voter.
    let (database, other) = (stack.database().connect().await, stack.database().connect().await);
    let secret = HashSecret::new("the hash secret of the integration tests");
    let row = Voter::from_browser_token(&secret, voter.parse().unwrap()).to_uuid();
    other.batch_execute("BEGIN").await.unwrap();
    let insert = "INSERT INTO responses (question, choices, digest, submitted_at, voter, month) \
        SELECT q.id, 1, 7, now(), $2, p.month FROM polls p JOIN questions q ON q.poll = p.id WHERE p.poll_id = $1";
    other.execute(insert, &[&poll.poll_id, &row]).await.unwrap();
    let (refused, (), ()) = tokio::join!(
        stack.vote(&poll, &voter, Some("key"), poll.ballot(0, 1)),
        async {
            confirmed(&stack, &poll, &unhurt, "key", poll.ballot(0, 1)).await;
        },
        async {
            wait_until("the direct commit waits", DEADLINE, async || {
                (waiting_for_row(&database).await > 0).then_some(())
            })
            .await;
            other.batch_execute("COMMIT").await.unwrap();
        },
    );
    is(&refused, 409, Some("already_voted"));
    let refusals: i64 =
        database.query_one("SELECT count(*) FROM response_changes", &[]).await.unwrap().get(0);
    assert_eq!(refusals, 0, "who was refused was promised nothing");
    assert_eq!(stack.recounted(&poll).await.total, 2);
}
