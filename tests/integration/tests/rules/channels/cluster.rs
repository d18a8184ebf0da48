//! Sharded channels on a real Redis Cluster.

use futures_util::future::join_all;
use pollster_integration::{ClusterServer, DEADLINE, Scratch, wait_until};
use pollster_shared::channels::Topic;
use pollster_shared::keys;

use super::listener::{Listener, topic};

/// Enough that each node has many, in different slots.
const TOPICS: usize = 40;

/// Each topic with the nodes that hold a subscription to its channel, and how many.
async fn holders(cluster: &ClusterServer, nodes: usize, topics: &[Topic]) -> Vec<Vec<(usize, usize)>> {
    join_all(topics.iter().map(async |topic| {
        let channel = keys::channel(*topic);
        let numbers =
            join_all((0..nodes).map(async |node| (node, cluster.subscribers(node, &channel).await)));
        numbers.await.into_iter().filter(|(_, number)| *number > 0).collect()
    }))
    .await
}

/// Fails unless each topic is subscribed to once; returns on which node.
async fn nodes_of(cluster: &ClusterServer, topics: &[Topic]) -> Vec<usize> {
    let holders = holders(cluster, 3, topics).await;
    let single = |holders: &Vec<(usize, usize)>| match holders[..] {
        [(node, 1)] => node,
        _ => panic!("one subscription a topic: {holders:?}"),
    };
    holders.iter().map(single).collect()
}

/// The topics on this node, and the others.
fn on(node: usize, topics: &[Topic], nodes: &[usize]) -> (Vec<Topic>, Vec<Topic>) {
    let (on, others): (Vec<_>, Vec<_>) = topics.iter().zip(nodes).partition(|(_, holder)| **holder == node);
    let ids = |pairs: Vec<(&Topic, &usize)>| pairs.into_iter().map(|(topic, _)| *topic).collect();
    (ids(on), ids(others))
}

#[tokio::test]
async fn each_channel_is_subscribed_to_once_on_the_node_that_has_its_slot() {
    let scratch = Scratch::new("sharded").unwrap();
    let cluster = ClusterServer::start(scratch.path()).await;
    let (mut listener, topics) = Listener::watching(cluster.url(), TOPICS).await;
    let nodes = nodes_of(&cluster, &topics).await;
    for node in 0..3 {
        assert!(nodes.iter().filter(|holder| **holder == node).count() > 1, "{nodes:?}");
    }
    listener.hears(&topics).await;

    let (left, kept) = topics.split_at(TOPICS / 2);
    left.iter().for_each(|topic| listener.unwatch(*topic));
    wait_until("the channels are left", DEADLINE, async || {
        holders(&cluster, 3, left).await.iter().all(Vec::is_empty).then_some(())
    })
    .await;
    listener.hears(kept).await;
    // Left and wanted again at once: the later wish counts.
    listener.unwatch(kept[0]);
    listener.watch(kept[0]);
    listener.subscribed(&kept[..1]).await;
    listener.hears(kept).await;
    nodes_of(&cluster, kept).await;
}

#[tokio::test]
async fn one_command_for_channels_of_different_slots_is_refused() {
    let scratch = Scratch::new("crossslot").unwrap();
    let cluster = ClusterServer::start(scratch.path()).await;
    let mut connection = cluster.connect(0).await;
    let mut subscribe = redis::cmd("SSUBSCRIBE");
    subscribe.arg(keys::channel(topic(true))).arg(keys::channel(topic(true)));
    let refused = subscribe.exec_async(&mut connection).await.unwrap_err();
    assert_eq!(refused.code(), Some("CROSSSLOT"), "{refused}");
}

#[tokio::test]
async fn every_channel_stands_again_after_its_connection_was_cut() {
    let scratch = Scratch::new("cut").unwrap();
    let cluster = ClusterServer::start(scratch.path()).await;
    let (mut listener, topics) = Listener::watching(cluster.url(), TOPICS).await;
    let (cut, others) = on(1, &topics, &nodes_of(&cluster, &topics).await);
    cluster.cut_subscribers(1).await;
    listener.subscribed(&cut).await;
    listener.hears(&cut).await;
    listener.hears(&others).await;
    nodes_of(&cluster, &topics).await;
}

#[tokio::test]
async fn every_channel_stands_again_after_its_node_was_killed() {
    let scratch = Scratch::new("killed").unwrap();
    let cluster = ClusterServer::start(scratch.path()).await;
    let (mut listener, topics) = Listener::watching(cluster.url(), TOPICS).await;
    let (lost, _) = on(0, &topics, &nodes_of(&cluster, &topics).await);
    cluster.kill(0).await;
    cluster.restart(0).await;
    listener.subscribed(&lost).await;
    listener.hears(&topics).await;

    join_all((0..3).map(|node| cluster.kill(node))).await;
    join_all((0..3).map(|node| cluster.restart(node))).await;
    listener.subscribed(&topics).await;
    listener.hears(&topics).await;
    nodes_of(&cluster, &topics).await;
}

#[tokio::test]
async fn every_channel_stands_again_after_its_node_was_frozen() {
    let scratch = Scratch::new("frozen").unwrap();
    let cluster = ClusterServer::start(scratch.path()).await;
    let (mut listener, topics) = Listener::watching(cluster.url(), TOPICS).await;
    let (lost, _) = on(2, &topics, &nodes_of(&cluster, &topics).await);
    cluster.freeze(2).await;
    listener.loses_sight().await;
    cluster.thaw(2).await;
    listener.subscribed(&lost).await;
    listener.hears(&topics).await;
}

#[tokio::test]
async fn a_cluster_that_is_not_there_yet_is_waited_for() {
    let scratch = Scratch::new("absent").unwrap();
    let cluster = ClusterServer::start(scratch.path()).await;
    join_all((0..3).map(|node| cluster.kill(node))).await;
    let mut listener = Listener::new(cluster.url());
    let topic = topic(false);
    listener.watch(topic);
    listener.cannot_publish(topic).await;
    join_all((0..3).map(|node| cluster.restart(node))).await;
    listener.subscribed(&[topic]).await;
    listener.hears(&[topic]).await;
}

#[tokio::test]
async fn a_channel_is_followed_to_where_its_slot_moves() {
    let scratch = Scratch::new("moved").unwrap();
    let cluster = ClusterServer::start(scratch.path()).await;
    let (mut listener, topics) = Listener::watching(cluster.url(), TOPICS).await;
    let (on_first, _) = on(0, &topics, &nodes_of(&cluster, &topics).await);
    for moved in &on_first[..3] {
        let slot = cluster.slot(&keys::channel(*moved)).await;
        cluster.move_slot(slot, 0, 1).await;
        listener.subscribed(&[*moved]).await;
        assert_eq!(nodes_of(&cluster, &[*moved]).await, [1]);
        listener.hears(&[*moved]).await;
    }
    listener.hears(&topics).await;
    nodes_of(&cluster, &topics).await;
}

#[tokio::test]
async fn channels_are_followed_to_the_replica_that_takes_over() {
    let scratch = Scratch::new("promoted").unwrap();
    let cluster = ClusterServer::start_with_replicas(scratch.path()).await;
    let (mut listener, topics) = Listener::watching(cluster.url(), TOPICS).await;
    let nodes = nodes_of(&cluster, &topics).await;
    // In order: the old primary lives on as a replica.
    cluster.fail_over_to(3).await;
    listener.subscribed(&on(0, &topics, &nodes).0).await;
    listener.hears(&topics).await;
    // By force: it is gone, and stays so.
    cluster.kill(1).await;
    listener.subscribed(&on(1, &topics, &nodes).0).await;
    listener.hears(&topics).await;
}
