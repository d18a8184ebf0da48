//! The channels are on a Redis of their own.

use pollster_integration::{DEADLINE, RedisServer, Scratch, Stack, wait_until};

use super::audience::{Audience, refreshed};

const POLLS: usize = 10;

async fn stack_on(channels: &RedisServer) -> Stack {
    Stack::builder().without_background().env("REDIS_PUBSUB_URL", channels.url()).start().await
}

#[tokio::test(flavor = "multi_thread")]
async fn viewers_see_all_counts_whatever_happens_to_the_channels_redis() {
    let scratch = Scratch::new("one").unwrap();
    let channels = RedisServer::start(scratch.path()).await;
    let stack = stack_on(&channels).await;
    let mut audience = Audience::of(&stack, 1, POLLS).await;

    channels.cut_subscribers().await;
    audience.vote().await;
    audience.sees_all().await;

    channels.freeze().await;
    audience.vote().await;
    channels.thaw().await;
    audience.sees_all().await;

    channels.kill().await;
    audience.vote().await;
    channels.restart().await;
    audience.sees_all().await;
}

#[tokio::test]
async fn all_counts_are_read_again_once_their_channels_stand_again() {
    let scratch = Scratch::new("again").unwrap();
    let channels = RedisServer::start(scratch.path()).await;
    let stack = stack_on(&channels).await;
    let mut audience = Audience::of(&stack, 1, POLLS).await;
    let read = async |times: usize| {
        wait_until("all polls are read", DEADLINE, async || {
            (refreshed(&stack, "subscribed").await >= times * POLLS).then_some(())
        })
        .await;
    };
    read(1).await;
    channels.kill().await;
    audience.vote().await;
    // Whoever published has ended: only the gateway itself can learn of it.
    assert!(stack.aggregator(0).terminate().await.success());
    channels.restart().await;
    read(2).await;
    audience.sees_all().await;
}

#[tokio::test]
async fn a_publish_that_was_lost_is_found_by_the_sweep() {
    let scratch = Scratch::new("swallowed").unwrap();
    let channels = RedisServer::start(scratch.path()).await;
    let stack = stack_on(&channels).await;
    let mut audience = Audience::of(&stack, 1, POLLS).await;
    // Nobody's connection is harmed.
    let mut forbid = redis::cmd("ACL");
    forbid.arg("SETUSER").arg("default").arg("-publish");
    forbid.exec_async(&mut channels.connect().await).await.unwrap();
    audience.vote().await;
    audience.sees_all().await;
    assert!(refreshed(&stack, "behind").await > 0);
}
