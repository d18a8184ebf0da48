//! The Redis that holds the counts goes away, where it is another than that of the streams.

use std::time::Duration;

use pollster_integration::{DEADLINE, Scratch, Stack, lunch, token, wait_until};
use pollster_shared::counts::projection;
use pollster_shared::redis::connection;
use pollster_stack::Redis;

/// Longer than the aggregator's sweep remembers a poll after its last vote.
const OUTAGE: Duration = Duration::from_secs(35);

#[tokio::test(flavor = "multi_thread")]
async fn counts_catch_up_however_long_their_redis_was_away() {
    let scratch = Scratch::new("aggregates").unwrap();
    let mut aggregates = Redis::start(scratch.path()).unwrap();
    let stack = Stack::builder().env("REDIS_AGGREGATES_URL", aggregates.url()).start().await;
    let poll = stack.create_poll(&lunch()).await;
    stack.accepted(&poll, &token(), None, poll.ballot(0, 0)).await;
    let mut counts = connection(&aggregates.url()).unwrap();
    wait_until("the first vote is published", DEADLINE, async || {
        projection::load(&mut counts, poll.poll_id).await.ok()?.filter(|counts| counts.total_votes == 1)
    })
    .await;

    aggregates.kill().unwrap();
    stack.accepted(&poll, &token(), None, poll.ballot(0, 1)).await;
    stack.drained().await;
    tokio::time::sleep(OUTAGE).await;
    aggregates.restart().unwrap();

    wait_until("the second vote is published, too", DEADLINE, async || {
        projection::load(&mut counts, poll.poll_id).await.ok()?.filter(|counts| counts.total_votes == 2)
    })
    .await;
}
