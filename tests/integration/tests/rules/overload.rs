//! The bound of the streams: refused at the entrance, and nothing that passed it is lost.

use pollster_integration::{DEADLINE, Stack, cast, lunch, token, wait_until};
use std::time::Duration;

#[tokio::test]
async fn a_full_stream_refuses_and_loses_nothing() {
    const BOUND: usize = 5;
    let stack = Stack::builder().env("STREAM_MAX_LEN", BOUND).env("VOTE_SHARDS", 1).start().await;
    let poll = stack.create_poll(&lunch()).await;
    // Warm, so that the shard needs no aggregator to have its stream.
    stack.accepted(&poll, &token(), None, poll.ballot(0, 0)).await;
    stack.drained().await;
    stack.aggregator(0).stop().await;

    let mut client = stack.client(0);
    let refused = token();
    for _ in 0..BOUND {
        let reply = cast(&mut client, &poll, &token(), None, poll.ballot(0, 1)).await;
        assert_eq!(reply.status, 202);
    }
    for key in [None, Some("key")] {
        let reply = cast(&mut client, &poll, &refused, key, poll.ballot(0, 1)).await;
        assert_eq!((reply.status.as_u16(), reply.code().as_deref()), (503, Some("overloaded")));
        assert_eq!(reply.retry_after(), Some(Duration::from_secs(1)));
    }
    assert_eq!(stack.waiting().await, BOUND);

    stack.aggregator(0).cont().await;
    // Who was refused may come again, under the same key too.
    wait_until("there is room again", DEADLINE, async || {
        let reply = cast(&mut client, &poll, &refused, Some("key"), poll.ballot(0, 1)).await;
        (reply.status == 202).then_some(())
    })
    .await;
    assert_eq!(stack.assert_exact(&poll).await.total, BOUND as i64 + 2);
}

#[tokio::test]
async fn a_retry_is_answered_even_when_the_stream_is_full() {
    let stack = Stack::builder().env("STREAM_MAX_LEN", 1).env("VOTE_SHARDS", 1).start().await;
    let poll = stack.create_poll(&lunch()).await;
    stack.accepted(&poll, &token(), None, poll.ballot(0, 0)).await;
    stack.drained().await;
    stack.aggregator(0).stop().await;
    let voter = token();
    let first = stack.vote(&poll, &voter, Some("key"), poll.ballot(0, 1)).await;
    assert_eq!(first.status, 202);
    assert_eq!(stack.vote(&poll, &token(), None, poll.ballot(0, 1)).await.status, 503);
    let again = stack.vote(&poll, &voter, Some("key"), poll.ballot(0, 1)).await;
    assert_eq!((again.status, again.body), (first.status, first.body));
    // A second vote is told so, rather than to come again.
    let second = stack.vote(&poll, &voter, None, poll.ballot(0, 0)).await;
    assert_eq!(second.code().as_deref(), Some("already_voted"));
    stack.aggregator(0).cont().await;
    assert_eq!(stack.assert_exact(&poll).await.total, 2);
}
