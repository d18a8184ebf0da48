//! Plain channels on one Redis.

use pollster_integration::{DEADLINE, RedisServer, Scratch, wait_until};
use pollster_shared::keys;
use uuid::Uuid;

use super::listener::Listener;

const POLLS: usize = 20;

async fn subscribers(redis: &RedisServer, poll: Uuid) -> usize {
    let mut ask = redis::cmd("PUBSUB");
    ask.arg("NUMSUB").arg(keys::updates(poll));
    let (_, number): (String, usize) = ask.query_async(&mut redis.connect().await).await.unwrap();
    number
}

#[tokio::test]
async fn a_channel_has_one_subscription_from_its_watch_to_its_end() {
    let scratch = Scratch::new("plain").unwrap();
    let redis = RedisServer::start(scratch.path()).await;
    let (mut listener, polls) = Listener::watching(redis.url(), POLLS).await;
    listener.hears(&polls).await;
    listener.watch(polls[0]);
    listener.subscribed(&polls[..1]).await;
    assert_eq!(subscribers(&redis, polls[0]).await, 1);
    listener.unwatch(polls[0]);
    wait_until("the channel is left", DEADLINE, async || {
        (subscribers(&redis, polls[0]).await == 0).then_some(())
    })
    .await;
    listener.hears(&polls[1..]).await;
}

#[tokio::test]
async fn every_channel_stands_again_after_every_loss() {
    let scratch = Scratch::new("losses").unwrap();
    let redis = RedisServer::start(scratch.path()).await;
    let (mut listener, polls) = Listener::watching(redis.url(), POLLS).await;
    redis.cut_subscribers().await;
    listener.subscribed(&polls).await;
    listener.hears(&polls).await;

    redis.kill().await;
    redis.restart().await;
    listener.subscribed(&polls).await;
    listener.hears(&polls).await;

    redis.freeze().await;
    listener.loses_sight().await;
    redis.thaw().await;
    listener.subscribed(&polls).await;
    listener.hears(&polls).await;
    assert_eq!(subscribers(&redis, polls[0]).await, 1);
}

#[tokio::test]
async fn a_server_that_is_not_there_yet_is_waited_for() {
    let scratch = Scratch::new("late").unwrap();
    let redis = RedisServer::start(scratch.path()).await;
    redis.kill().await;
    let mut listener = Listener::new(redis.url());
    let poll = Uuid::now_v7();
    listener.watch(poll);
    listener.loses_sight().await;
    redis.restart().await;
    listener.subscribed(&[poll]).await;
    listener.hears(&[poll]).await;
}
