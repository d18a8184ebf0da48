//! A replicated Redis under Sentinels.

use std::time::Duration;

use pollster_integration::{DEADLINE, PollView, Scratch, SentinelServer, Stack, lunch, token, wait_until};

use redis::AsyncCommands;

use super::whole::use_everything;
use crate::faults::load::{Load, assert_all_counted};
use crate::faults::watch::{assert_only_forward, watch};

async fn stack_on(redis: &SentinelServer, min_replicas: u32) -> Stack {
    let builder = Stack::builder().redis_url(redis.url()).aggregators(2);
    builder.env("REDIS_MIN_REPLICAS", min_replicas).start().await
}

/// Waits until votes go through Redis: a vote is answered 202.
async fn goes_through_redis(stack: &Stack, poll: &PollView) -> i64 {
    let mut votes = 0;
    wait_until("votes go through Redis", DEADLINE, async || {
        let vote = stack.vote(poll, &token(), None, poll.ballot(0, 0)).await;
        votes += i64::from(vote.status == 202 || vote.status == 200);
        (vote.status == 202).then_some(())
    })
    .await;
    votes
}

/// Waits until another than `former` is the primary.
async fn replaced(redis: &SentinelServer, former: usize) {
    wait_until("another is the primary", DEADLINE, async || {
        redis.primary().await.filter(|primary| *primary != former).map(drop)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_works_on_a_primary_that_sentinels_name() {
    let scratch = Scratch::new("sentinel").unwrap();
    let redis = SentinelServer::start(scratch.path(), 1, 1).await;
    use_everything(&stack_on(&redis, 1).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_accepted_vote_counts_once_though_the_primary_dies() {
    let scratch = Scratch::new("sentinel-kill").unwrap();
    let redis = SentinelServer::start(scratch.path(), 1, 1).await;
    let stack = stack_on(&redis, 1).await;
    let poll = stack.create_poll(&lunch()).await;
    let viewer = watch(&stack, &poll).await;
    let load = Load::start(&stack, &poll, 8, Duration::ZERO);
    for _ in 0..2 {
        load.goes_on(150).await;
        let dead = redis.primary().await.unwrap();
        redis.kill(dead).await;
        load.goes_on(150).await;
        replaced(&redis, dead).await;
        redis.restart(dead).await;
        redis.works().await;
    }
    load.goes_on(150).await;
    let accepted = load.end().await;
    assert_all_counted(&stack, &poll, &accepted).await;
    assert_only_forward(&viewer, &stack.counts(&poll).await).await;
    goes_through_redis(&stack, &poll).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vote_that_is_on_no_replica_is_not_answered_202() {
    let scratch = Scratch::new("sentinel-cut").unwrap();
    // The primary itself would take writes: it is for us to wait for the replica.
    let redis = SentinelServer::start(scratch.path(), 1, 0).await;
    let stack = stack_on(&redis, 1).await;
    let poll = stack.create_poll(&lunch()).await;
    let mut votes = goes_through_redis(&stack, &poll).await;
    stack.assert_exact(&poll).await;

    let closings = || stack.gateway(0).log().matches("circuit closed").count();
    let (before, dead) = (closings(), redis.primary().await.unwrap());
    redis.set_replication_cut(dead, true).await;
    for _ in 0..20 {
        let vote = stack.vote(&poll, &token(), None, poll.ballot(0, 1)).await;
        assert_eq!(vote.status, 200, "it is in PostgreSQL: {}", vote.text());
        votes += 1;
    }
    assert_eq!(closings(), before, "a primary that only answers a PING is not back");
    redis.kill(dead).await;
    replaced(&redis, dead).await;
    // What the dead primary alone had is gone; the new one takes no vote before it is followed.
    let vote = stack.vote(&poll, &token(), None, poll.ballot(0, 1)).await;
    assert_eq!(vote.status, 200, "{}", vote.text());
    redis.restart(dead).await;
    redis.works().await;
    votes += 1 + goes_through_redis(&stack, &poll).await;
    assert_eq!(stack.assert_exact(&poll).await.total, votes);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_primary_that_was_replaced_while_it_hung_is_left() {
    let scratch = Scratch::new("sentinel-hang").unwrap();
    let redis = SentinelServer::start(scratch.path(), 2, 1).await;
    let stack = stack_on(&redis, 1).await;
    let poll = stack.create_poll(&lunch()).await;
    let viewer = watch(&stack, &poll).await;
    let load = Load::start(&stack, &poll, 8, Duration::ZERO);
    load.goes_on(100).await;
    let hung = redis.primary().await.unwrap();
    redis.freeze(hung).await;
    replaced(&redis, hung).await;
    let before = load.accepted() as u64 - load.confirmed();
    wait_until("the new primary takes votes", DEADLINE, async || {
        (load.accepted() as u64 - load.confirmed() > before + 50).then_some(())
    })
    .await;
    redis.thaw(hung).await;
    redis.works().await;
    load.goes_on(100).await;
    let accepted = load.end().await;
    assert_all_counted(&stack, &poll, &accepted).await;
    assert_only_forward(&viewer, &stack.counts(&poll).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_primary_that_does_not_know_that_it_was_replaced_is_left() {
    let scratch = Scratch::new("sentinel-stale").unwrap();
    let redis = SentinelServer::start(scratch.path(), 2, 0).await;
    let stack = stack_on(&redis, 1).await;
    let poll = stack.create_poll(&lunch()).await;
    let votes = goes_through_redis(&stack, &poll).await;
    stack.assert_exact(&poll).await;

    // As if it were cut off from the Sentinels, and they from it, while its clients are not.
    let stale = redis.primary().await.unwrap();
    let mut refuse = redis::cmd("ACL");
    refuse.arg("SETUSER").arg("default").arg("-replicaof").arg("-slaveof");
    refuse.exec_async(&mut redis.connect(stale).await).await.unwrap();
    redis.fail_over().await;
    replaced(&redis, stale).await;
    let votes = votes + goes_through_redis(&stack, &poll).await;
    assert_eq!(stack.assert_exact(&poll).await.total, votes);
    let role: Vec<redis::Value> =
        redis::cmd("ROLE").query_async(&mut redis.connect(stale).await).await.unwrap();
    assert_eq!(role[0], redis::Value::BulkString(b"master".to_vec()), "it goes on as if nothing were");
}

#[tokio::test]
async fn a_replica_that_a_sentinel_takes_for_a_primary_is_not_asked() {
    let scratch = Scratch::new("sentinel-wrong").unwrap();
    let redis = SentinelServer::start(scratch.path(), 1, 0).await;
    let replica = redis.replicas().await[0];
    let (host, port) = redis.address(replica).rsplit_once(':').unwrap();
    let sentinel = format!("redis://{}", redis.sentinel_address());
    let client = redis::Client::open(sentinel).unwrap();
    let mut monitor = redis::cmd("SENTINEL");
    monitor.arg("MONITOR").arg("wrong").arg(host).arg(port).arg(3);
    monitor.exec_async(&mut client.get_multiplexed_async_connection().await.unwrap()).await.unwrap();

    let url = format!("redis+sentinel://{}/wrong", redis.sentinel_address());
    let mut connection = pollster_shared::redis::connection(&url).unwrap();
    // It would answer: what it has may be old, though.
    let error = connection.exists::<_, bool>("key").await.unwrap_err();
    assert!(error.to_string().contains("no primary"), "{error}");
    let mut right = pollster_shared::redis::connection(redis.url()).unwrap();
    assert!(!right.exists::<_, bool>("key").await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn many_votes_share_a_wait_for_the_replica() {
    let scratch = Scratch::new("sentinel-wait").unwrap();
    let redis = SentinelServer::start(scratch.path(), 1, 1).await;
    let stack = stack_on(&redis, 1).await;
    let poll = stack.create_poll(&lunch()).await;
    let load = Load::start(&stack, &poll, 64, Duration::ZERO);
    load.goes_on(1000).await;
    let accepted = load.end().await;
    let mut ask = redis::cmd("INFO");
    let stats: String = ask
        .arg("commandstats")
        .query_async(&mut redis.connect(redis.primary().await.unwrap()).await)
        .await
        .unwrap();
    let line = stats.lines().find(|line| line.starts_with("cmdstat_wait:calls=")).expect("votes waited");
    let waits: usize = line["cmdstat_wait:calls=".len()..].split(',').next().unwrap().parse().unwrap();
    assert!(waits < accepted.len() / 2, "{waits} WAITs for {} votes", accepted.len());
    assert_all_counted(&stack, &poll, &accepted).await;
}
