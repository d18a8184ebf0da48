//! Through losses of what carries notifications.

use futures_util::future::join_all;
use pollster_integration::{ClusterServer, DEADLINE, RedisServer, Scratch, Stack, lunch, wait_until};

use super::*;

#[tokio::test]
async fn who_is_signed_in_hears_again_after_redis_was_killed() {
    let scratch = Scratch::new("pushes").unwrap();
    let redis = RedisServer::start(scratch.path()).await;
    let stack = Stack::builder().without_background().env("REDIS_PUBSUB_URL", redis.url()).start().await;
    let (ann, poll) = (stack.account("ann").await, stack.create_poll(&lunch()).await);
    let mut viewer = signed_in(&stack, 0, &poll, &ann).await;
    let stands = async || {
        wait_until("the channel stands", DEADLINE, async || {
            let mut ask = redis::cmd("PUBSUB");
            ask.arg("NUMSUB").arg(channel(&ann));
            let (_, number): (String, usize) = ask.query_async(&mut redis.connect().await).await.unwrap();
            (number == 1).then_some(())
        })
        .await;
    };
    let pusher = Pusher::new(redis.url());
    stands().await;
    for message in ["before", "after a cut", "after a kill"] {
        let told = notification(message);
        pusher.push(&ann, &told).await;
        viewer.next_where(message, |seen| *seen == frame(&told)).await;
        if message == "before" {
            redis.cut_subscribers().await;
        } else {
            redis.kill().await;
            redis.restart().await;
        }
        stands().await;
    }
    assert!(!viewer.has_ended());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_signed_in_hears_over_a_cluster_whatever_happens_to_its_nodes() {
    const ACCOUNTS: usize = 6;
    let scratch = Scratch::new("pushes-sharded").unwrap();
    let cluster = ClusterServer::start(scratch.path()).await;
    let stack = Stack::builder().without_background().env("REDIS_PUBSUB_URL", cluster.url());
    let stack = stack.start().await;
    let poll = stack.create_poll(&lunch()).await;
    let mut listeners = Vec::new();
    for number in 0..ACCOUNTS {
        let account = stack.account(&format!("account-{number}")).await;
        listeners.push((signed_in(&stack, 0, &poll, &account).await, account));
    }
    let pusher = Pusher::new(cluster.url());
    for (round, message) in ["before", "after a cut", "after a kill"].into_iter().enumerate() {
        for (viewer, account) in &mut listeners {
            let channel = channel(account);
            wait_until("the channel stands, once", DEADLINE, async || {
                let holders = join_all((0..3).map(|node| cluster.subscribers(node, &channel))).await;
                (holders.iter().sum::<usize>() == 1).then_some(())
            })
            .await;
            let told = notification(message);
            pusher.push(account, &told).await;
            viewer.next_where(message, |seen| *seen == frame(&told)).await;
        }
        match round {
            0 => drop(join_all((0..3).map(|node| cluster.cut_subscribers(node))).await),
            1 => {
                join_all((0..3).map(|node| cluster.kill(node))).await;
                join_all((0..3).map(|node| cluster.restart(node))).await;
            }
            _ => {}
        }
    }
}
