//! Plain channels on one Redis.

use pollster_integration::{DEADLINE, RedisServer, Scratch, wait_until};
use pollster_shared::channels::Topic;
use pollster_shared::keys;

use super::listener::{Listener, topic};

const TOPICS: usize = 20;

async fn subscribers(redis: &RedisServer, topic: Topic) -> usize {
    let mut ask = redis::cmd("PUBSUB");
    ask.arg("NUMSUB").arg(keys::channel(topic));
    let (_, number): (String, usize) = ask.query_async(&mut redis.connect().await).await.unwrap();
    number
}

#[tokio::test]
async fn a_channel_has_one_subscription_from_its_watch_to_its_end() {
    let scratch = Scratch::new("plain").unwrap();
    let redis = RedisServer::start(scratch.path()).await;
    let (mut listener, topics) = Listener::watching(redis.url(), TOPICS).await;
    listener.hears(&topics).await;
    listener.watch(topics[0]);
    listener.subscribed(&topics[..1]).await;
    assert_eq!(subscribers(&redis, topics[0]).await, 1);
    listener.unwatch(topics[0]);
    wait_until("the channel is left", DEADLINE, async || {
        (subscribers(&redis, topics[0]).await == 0).then_some(())
    })
    .await;
    listener.hears(&topics[1..]).await;
}

#[tokio::test]
async fn every_channel_stands_again_after_every_loss() {
    let scratch = Scratch::new("losses").unwrap();
    let redis = RedisServer::start(scratch.path()).await;
    let (mut listener, topics) = Listener::watching(redis.url(), TOPICS).await;
    redis.cut_subscribers().await;
    listener.subscribed(&topics).await;
    listener.hears(&topics).await;

    redis.kill().await;
    redis.restart().await;
    listener.subscribed(&topics).await;
    listener.hears(&topics).await;

    redis.freeze().await;
    listener.loses_sight().await;
    redis.thaw().await;
    listener.subscribed(&topics).await;
    listener.hears(&topics).await;
    assert_eq!(subscribers(&redis, topics[0]).await, 1);
}

#[tokio::test]
async fn a_server_that_is_not_there_yet_is_waited_for() {
    let scratch = Scratch::new("late").unwrap();
    let redis = RedisServer::start(scratch.path()).await;
    redis.kill().await;
    let mut listener = Listener::new(redis.url());
    let topic = topic(false);
    listener.watch(topic);
    listener.loses_sight().await;
    redis.restart().await;
    listener.subscribed(&[topic]).await;
    listener.hears(&[topic]).await;
}
