//! `VOTE_SHARDS` is changed a gateway at a time, under aggregators that go on.

use std::path::Path;

use futures_util::future::join_all;
use pollster_integration::{
    DEADLINE, PollView, Scratch, Service, Spec, Stack, cast, environment, lunch, token, wait_until,
};
use pollster_shared::keys;

/// Gateways that spread new polls over 4 and over 16 shards; aggregators that were started with the 4.
async fn four_and_sixteen() -> Stack {
    let stack = Stack::builder().gateways(2).aggregators(2).env("VOTE_SHARDS", 4).env("CLAIM_IDLE_MS", 500);
    stack.gateway_args(1, &["--vote-shards", "16"]).start().await
}

async fn poll_of(stack: &Stack, gateway: usize) -> PollView {
    stack.client(gateway).create_poll(&lunch()).await.unwrap()
}

/// So many votes through each gateway, which must all be accepted; returns the last voter.
async fn votes(stack: &Stack, poll: &PollView, each: usize) -> String {
    let by_gateway = join_all([0, 1].map(async |gateway| {
        let (mut client, mut voter) = (stack.client(gateway), String::new());
        for vote in 0..each {
            voter = token();
            assert_eq!(cast(&mut client, poll, &voter, None, poll.ballot(0, vote % 2)).await.status, 202);
        }
        voter
    }));
    by_gateway.await.pop().unwrap()
}

/// Over how many shards the poll's voters are known.
async fn shards_of(stack: &Stack, poll: &PollView) -> usize {
    let mut keys = redis::cmd("KEYS");
    keys.arg(format!("poll:voters:*:{}", poll.questions[0].question_id));
    let keys: Vec<String> = keys.query_async(&mut stack.redis().connect().await).await.unwrap();
    keys.len()
}

#[tokio::test]
async fn polls_keep_their_shards_and_running_aggregators_serve_those_that_are_new() {
    let stack = four_and_sixteen().await;
    let narrow = poll_of(&stack, 0).await;
    votes(&stack, &narrow, 40).await;
    let wide = poll_of(&stack, 1).await;
    for (poll, shards) in [(&narrow, 4), (&wide, 16)] {
        let voter = votes(&stack, poll, 100).await;
        // It is known to both gateways, whatever they spread new polls over.
        for gateway in [0, 1] {
            let again = cast(&mut stack.client(gateway), poll, &voter, None, poll.ballot(0, 0)).await;
            assert_eq!(again.code().as_deref(), Some("already_voted"), "{}", again.text());
        }
        assert_eq!(shards_of(&stack, poll).await, shards);
    }
    assert_eq!(stack.assert_exact(&narrow).await.total, 280);
    assert_eq!(stack.assert_exact(&wide).await.total, 200);
    wait_until("the new shards are measured", DEADLINE, async || {
        stack.aggregator(0).metrics().await.contains(r#"pollster_stream_lag{shard="15"} 0"#).then_some(())
    })
    .await;
}

#[tokio::test]
async fn what_a_dead_aggregator_held_of_new_shards_is_taken_over_and_nobody_stays_behind_there() {
    let stack = four_and_sixteen().await;
    let (dead, other) = (stack.aggregator(0), stack.aggregator(1));
    let wide = poll_of(&stack, 1).await;
    votes(&stack, &wide, 50).await;
    stack.drained().await;
    assert!(other.terminate().await.success());
    // It has read them and can't go on: their poll is locked.
    let database = stack.database().connect().await;
    let row =
        "SELECT 1 FROM poll_tallies JOIN polls ON id = poll WHERE poll_id = $1 FOR UPDATE OF poll_tallies";
    database.batch_execute("BEGIN").await.unwrap();
    database.query_one(row, &[&wide.poll_id]).await.unwrap();
    // All of them in one read.
    dead.stop().await;
    votes(&stack, &wide, 50).await;
    dead.cont().await;
    wait_until("they are pending", DEADLINE, async || (stack.pending().await == 100).then_some(())).await;
    dead.kill().await;
    database.batch_execute("ROLLBACK").await.unwrap();
    other.restart().await;
    assert_eq!(stack.assert_exact(&wide).await.total, 200);
    assert!(other.metric("pollster_reclaimed_total").await > 0.0);

    let names = async || {
        let mut names: Vec<_> = stack.consumers().await.into_iter().map(|(name, _)| name).collect();
        names.sort_unstable();
        names.dedup();
        names.len()
    };
    assert_eq!(names().await, 2);
    assert!(other.terminate().await.success());
    assert_eq!(names().await, 1, "the dead one's, for a while");
}

/// Reads all that waits in these shards, as somebody who is never heard of again.
async fn take_away(stack: &Stack, shards: std::ops::Range<u16>) -> usize {
    let mut redis = stack.redis().connect().await;
    let mut taken = 0;
    for shard in shards {
        let mut read = redis::cmd("XREADGROUP");
        read.arg("GROUP")
            .arg("aggregators")
            .arg("gone")
            .arg("STREAMS")
            .arg(keys::vote_stream(shard))
            .arg(">");
        let read: Option<redis::streams::StreamReadReply> = read.query_async(&mut redis).await.unwrap();
        taken += read.map_or(0, |read| read.keys.iter().map(|stream| stream.ids.len()).sum());
    }
    taken
}

#[tokio::test]
async fn what_somebody_held_of_shards_that_came_later_is_taken_over_by_who_was_there_before_them() {
    let stack = four_and_sixteen().await;
    let wide = poll_of(&stack, 1).await;
    votes(&stack, &wide, 50).await;
    stack.assert_exact(&wide).await;
    // While the aggregators stand still somebody else reads.
    for aggregator in stack.aggregators() {
        aggregator.stop().await;
    }
    let mut redis = stack.redis().connect().await;
    wait_until("no read of theirs waits at Redis", DEADLINE, async || {
        let clients: String = redis::cmd("INFO").arg("clients").query_async(&mut redis).await.unwrap();
        clients.contains("blocked_clients:0").then_some(())
    })
    .await;
    votes(&stack, &wide, 50).await;
    assert_eq!(take_away(&stack, 0..16).await, 100);
    for aggregator in stack.aggregators() {
        aggregator.cont().await;
    }
    assert_eq!(stack.assert_exact(&wide).await.total, 200);
}

/// An aggregator of these shards.
async fn aggregator_of(stack: &Stack, folder: &Path, shards: &'static [&'static str]) -> Service {
    let env = environment(stack.redis().url(), stack.database().url(), folder);
    let log = folder.join(format!("{}.log", shards[1]));
    Service::start(Spec { program: "pollster-aggregator", args: shards, listens: false, env, log }).await
}

#[tokio::test]
async fn votes_in_shards_that_nobody_serves_wait_and_show() {
    let stack = Stack::builder().aggregators(0).env("VOTE_SHARDS", 4).start().await;
    let scratch = Scratch::new("rolling").unwrap();
    let lower = aggregator_of(&stack, scratch.path(), &["--shards", "0-1"]).await;
    let poll = stack.create_poll(&lunch()).await;
    let mut client = stack.client(0);
    for _ in 0..60 {
        cast(&mut client, &poll, &token(), None, poll.ballot(0, 0)).await;
    }
    wait_until("what waits is measured", DEADLINE, async || {
        let metrics = lower.metrics().await;
        let value = |metric: &str, shard| {
            let name = format!("pollster_stream_{metric}{{shard=\"{shard}\"}} ");
            let value = metrics.lines().find_map(|line| line.strip_prefix(&name))?;
            value.parse::<f64>().ok()
        };
        let waits = |shard| value("lag", shard) > Some(0.0) && value("oldest_seconds", shard) > Some(0.0);
        ([2, 3].into_iter().all(waits) && value("lag", 0) == Some(0.0)).then_some(())
    })
    .await;
    let counted = stack.counts(&poll).await.total;
    assert!(0 < counted && counted < 60, "{counted}");
    let _upper = aggregator_of(&stack, scratch.path(), &["--shards", "2-3"]).await;
    assert_eq!(stack.assert_exact(&poll).await.total, 60);
}
