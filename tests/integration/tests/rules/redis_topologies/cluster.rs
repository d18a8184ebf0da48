//! All of Redis is a Redis Cluster.

use std::collections::BTreeSet;
use std::time::Duration;

use pollster_integration::{ClusterServer, Scratch, Stack, lunch, token};
use pollster_shared::keys;

use super::whole::use_everything;
use crate::faults::load::{Load, assert_all_counted};
use crate::faults::watch::{assert_only_forward, watch};

async fn stack_on(cluster: &ClusterServer, min_replicas: u32) -> Stack {
    let builder = Stack::builder().redis_url(cluster.url()).aggregators(2);
    builder.env("REDIS_MIN_REPLICAS", min_replicas).start().await
}

/// The node that has a key.
async fn node_of(cluster: &ClusterServer, key: &str) -> usize {
    let slot = cluster.slot(key).await;
    let primaries = cluster.primaries().await;
    let has = |slots: &[std::ops::Range<u16>]| slots.iter().any(|range| range.contains(&slot));
    primaries.into_iter().find(|(_, slots)| has(slots)).expect("the slot is with a node").0
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_works_on_a_cluster_and_shards_are_on_several_nodes() {
    let scratch = Scratch::new("cluster").unwrap();
    let cluster = ClusterServer::start(scratch.path()).await;
    let stack = stack_on(&cluster, 0).await;
    use_everything(&stack).await;
    let mut nodes = BTreeSet::new();
    for shard in 0..8 {
        nodes.insert(node_of(&cluster, &keys::vote_stream(shard)).await);
    }
    assert_eq!(nodes.len(), 3, "one aggregator reads from several nodes");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_accepted_vote_counts_once_while_slots_move() {
    let scratch = Scratch::new("slots").unwrap();
    let cluster = ClusterServer::start(scratch.path()).await;
    let stack = stack_on(&cluster, 0).await;
    let poll = stack.create_poll(&lunch()).await;
    let viewer = watch(&stack, &poll).await;
    let load = Load::start(&stack, &poll, 8, Duration::ZERO);
    for shard in 0..8 {
        load.goes_on(50).await;
        let stream = keys::vote_stream(shard);
        let (slot, from) = (cluster.slot(&stream).await, node_of(&cluster, &stream).await);
        cluster.move_slot(slot, from, (from + 1) % 3).await;
    }
    load.goes_on(100).await;
    let accepted = load.end().await;
    assert_all_counted(&stack, &poll, &accepted).await;
    assert_only_forward(&viewer, &stack.counts(&poll).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_accepted_vote_counts_once_though_primaries_die() {
    let scratch = Scratch::new("failover").unwrap();
    let cluster = ClusterServer::start_with_needed_replicas(scratch.path()).await;
    let stack = stack_on(&cluster, 1).await;
    let poll = stack.create_poll(&lunch()).await;
    let viewer = watch(&stack, &poll).await;
    let load = Load::start(&stack, &poll, 8, Duration::ZERO);
    for shard in [0, 1] {
        load.goes_on(150).await;
        let dead = node_of(&cluster, &keys::vote_stream(shard)).await;
        cluster.kill(dead).await;
        load.goes_on(150).await;
        cluster.restart(dead).await;
        cluster.works().await;
    }
    let by_the_cluster = load.accepted() as u64 - load.confirmed();
    load.goes_on(150).await;
    let accepted = load.end().await;
    assert!(by_the_cluster > 0);
    assert_all_counted(&stack, &poll, &accepted).await;
    assert_only_forward(&viewer, &stack.counts(&poll).await).await;
    stack.accepted(&poll, &token(), None, poll.ballot(0, 0)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failover_in_order_disturbs_nobody_for_long() {
    let scratch = Scratch::new("in-order").unwrap();
    let cluster = ClusterServer::start_with_replicas(scratch.path()).await;
    let stack = stack_on(&cluster, 1).await;
    let poll = stack.create_poll(&lunch()).await;
    let load = Load::start(&stack, &poll, 8, Duration::ZERO);
    for replica in 3..6 {
        load.goes_on(100).await;
        cluster.fail_over_to(replica).await;
    }
    load.goes_on(100).await;
    let accepted = load.end().await;
    assert_all_counted(&stack, &poll, &accepted).await;
}
