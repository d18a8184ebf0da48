//! The channels are on a Redis Cluster.

use futures_util::future::join_all;
use pollster_integration::{ClusterServer, DEADLINE, Scratch, Stack, Viewer, lunch, wait_until};
use pollster_shared::keys;
use uuid::Uuid;

use super::audience::Audience;

const POLLS: usize = 40;

async fn stack_on(cluster: &ClusterServer, gateways: usize) -> Stack {
    let builder = Stack::builder().gateways(gateways).aggregators(2).without_background();
    builder.env("REDIS_PUBSUB_URL", cluster.url()).start().await
}

/// Waits until the poll's channel is subscribed to by exactly one gateway; returns on which node.
async fn its_node(cluster: &ClusterServer, poll_id: Uuid) -> usize {
    let channel = keys::updates(poll_id);
    wait_until("one subscription", DEADLINE, async || {
        let subscribers = join_all((0..3).map(|node| cluster.subscribers(node, &channel))).await;
        (subscribers.iter().sum::<usize>() == 1)
            .then(|| subscribers.iter().position(|&number| number == 1))?
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn viewers_see_all_counts_whatever_happens_to_the_nodes() {
    let scratch = Scratch::new("cluster").unwrap();
    let cluster = ClusterServer::start(scratch.path()).await;
    let stack = stack_on(&cluster, 2).await;
    let mut audience = Audience::of(&stack, 2, POLLS).await;
    audience.vote().await;
    audience.sees_all().await;

    cluster.cut_subscribers(0).await;
    audience.vote().await;
    audience.sees_all().await;

    cluster.kill(1).await;
    audience.vote().await;
    cluster.restart(1).await;
    audience.sees_all().await;

    join_all((0..3).map(|node| cluster.kill(node))).await;
    audience.vote().await;
    join_all((0..3).map(|node| cluster.restart(node))).await;
    audience.sees_all().await;

    let moved = audience.polls[0].poll_id;
    let from = its_node(&cluster, moved).await;
    let to = (from + 1) % 3;
    cluster.move_slot(cluster.slot(&keys::updates(moved)).await, from, to).await;
    audience.vote().await;
    audience.sees_all().await;
    for poll in &audience.polls {
        its_node(&cluster, poll.poll_id).await;
    }
    assert_eq!(its_node(&cluster, moved).await, to);
}

#[tokio::test(flavor = "multi_thread")]
async fn viewers_see_all_counts_after_a_replica_took_over() {
    let scratch = Scratch::new("replicas").unwrap();
    let cluster = ClusterServer::start_with_replicas(scratch.path()).await;
    let stack = stack_on(&cluster, 1).await;
    let mut audience = Audience::of(&stack, 1, POLLS).await;
    cluster.kill(0).await;
    for _ in 0..2 {
        audience.vote().await;
        audience.sees_all().await;
    }
}

#[tokio::test]
async fn a_poll_has_one_subscription_a_gateway_whatever_its_number_of_viewers() {
    let scratch = Scratch::new("viewers").unwrap();
    let cluster = ClusterServer::start(scratch.path()).await;
    let stack = stack_on(&cluster, 1).await;
    let poll = stack.create_poll(&lunch()).await;
    let mut viewers = Vec::new();
    for _ in 0..5 {
        let mut viewer = Viewer::connect(stack.gateway(0).address()).await;
        viewer.subscribe(poll.poll_id, None).await;
        viewer.next("results").await;
        viewers.push(viewer);
    }
    its_node(&cluster, poll.poll_id).await;
}
