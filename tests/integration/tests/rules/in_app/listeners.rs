//! Who hears, and who does not.

use futures_util::future::join_all;
use pollster_integration::{DEADLINE, RedisServer, Stack, Viewer, lunch, token, wait_until};

use super::*;

async fn subscribers(redis: &RedisServer, account: &TestAccount) -> usize {
    let mut ask = redis::cmd("PUBSUB");
    ask.arg("NUMSUB").arg(channel(account));
    let (_, number): (String, usize) = ask.query_async(&mut redis.connect().await).await.unwrap();
    number
}

/// Waits until so many gateways subscribe to the account's channel.
async fn heard_by(redis: &RedisServer, account: &TestAccount, gateways: usize) {
    wait_until(&format!("{gateways} gateways listen"), DEADLINE, async || {
        (subscribers(redis, account).await == gateways).then_some(())
    })
    .await;
}

#[tokio::test]
async fn an_account_hears_of_its_notifications_on_every_connection_and_nobody_else_does() {
    let stack = Stack::builder().gateways(2).without_background().start().await;
    let (ann, bob) = (stack.account("ann").await, stack.account("bob").await);
    let poll = stack.create_poll(&lunch()).await;
    let mut anns = vec![
        signed_in(&stack, 0, &poll, &ann).await,
        signed_in(&stack, 1, &poll, &ann).await,
        signed_in(&stack, 1, &poll, &ann).await,
    ];
    let mut bobs = signed_in(&stack, 1, &poll, &bob).await;
    let mut anonymous = Viewer::connect(stack.gateway(1).address()).await;
    anonymous.subscribe(poll.poll_id, None).await;
    heard_by(stack.redis(), &ann, 2).await;
    heard_by(stack.redis(), &bob, 1).await;

    let pusher = Pusher::new(stack.redis().url());
    let (first, second, other) = (notification("one"), notification("two"), notification("three"));
    pusher.push(&ann, &first).await;
    pusher.push(&ann, &second).await;
    pusher.push(&bob, &other).await;
    for viewer in &mut anns {
        assert_eq!(viewer.next("notification").await, frame(&first));
        assert_eq!(viewer.next("notification").await, frame(&second));
    }
    assert_eq!(bobs.next("notification").await, frame(&other));
    // Whatever was on its way to the same gateway is there by now.
    anonymous.ping().await;
    anns[2].ping().await;
    assert_eq!(bobs.frames_of("notification").len(), 1);
    assert_eq!(anonymous.frames_of("notification").len(), 0);
    assert_eq!(anns[2].frames_of("notification").len(), 2);
}

#[tokio::test]
async fn redis_learns_no_subject() {
    let stack = Stack::builder().without_background().start().await;
    let (ann, poll) = (stack.account("ann").await, stack.create_poll(&lunch()).await);
    let _viewer = signed_in(&stack, 0, &poll, &ann).await;
    heard_by(stack.redis(), &ann, 1).await;
    let mut ask = redis::cmd("PUBSUB");
    ask.arg("CHANNELS");
    let channels: Vec<String> = ask.query_async(&mut stack.redis().connect().await).await.unwrap();
    assert!(channels.iter().any(|channel| channel.starts_with("account:{")), "{channels:?}");
    assert!(!channels.iter().any(|channel| channel.contains(&ann.subject)), "{channels:?}");
}

#[tokio::test]
async fn an_account_s_channel_is_left_with_its_last_connection() {
    let stack = Stack::builder().without_background().start().await;
    let (ann, bob) = (stack.account("ann").await, stack.account("bob").await);
    let poll = stack.create_poll(&lunch()).await;
    let first = signed_in(&stack, 0, &poll, &ann).await;
    let mut second = signed_in(&stack, 0, &poll, &ann).await;
    heard_by(stack.redis(), &ann, 1).await;
    drop(first);
    wait_until("the first is gone", DEADLINE, async || {
        (stack.gateway(0).metric("pollster_ws_connections").await == 1.0).then_some(())
    })
    .await;
    let pusher = Pusher::new(stack.redis().url());
    pusher.push(&ann, &notification("still")).await;
    assert_eq!(second.next("notification").await["notification"]["message"], "still");

    // Whoever shows another account's token hears of that one's from then on.
    subscribe(&mut second, &poll, &bob).await;
    heard_by(stack.redis(), &ann, 0).await;
    heard_by(stack.redis(), &bob, 1).await;
    pusher.push(&ann, &notification("ann's")).await;
    pusher.push(&bob, &notification("bob's")).await;
    assert_eq!(second.next("notification").await["notification"]["message"], "bob's");
    drop(second);
    heard_by(stack.redis(), &bob, 0).await;
}

#[tokio::test]
async fn no_notification_is_lost_behind_counts() {
    let stack = Stack::builder().without_background().start().await;
    let (ann, poll) = (stack.account("ann").await, stack.create_poll(&lunch()).await);
    let mut viewer = signed_in(&stack, 0, &poll, &ann).await;
    heard_by(stack.redis(), &ann, 1).await;
    let pusher = Pusher::new(stack.redis().url());
    let told: Vec<Notification> = (0..60).map(|number| notification(&number.to_string())).collect();
    let (one_by_one, at_once) = told.split_at(20);
    for notification in one_by_one {
        stack.accepted(&poll, &token(), None, poll.ballot(0, 0)).await;
        pusher.push(&ann, notification).await;
    }
    // On one connection to Redis, in this order.
    join_all(at_once.iter().map(|notification| pusher.push(&ann, notification))).await;
    viewer.next_where("the last", |seen| *seen == frame(&told[59])).await;
    let frames: Vec<Value> = told.iter().map(frame).collect();
    assert_eq!(viewer.frames_of("notification"), frames);
}

#[tokio::test]
async fn a_subscription_that_is_refused_hears_nothing() {
    let stack = Stack::builder().without_background().start().await;
    let (ann, poll) = (stack.account("ann").await, stack.create_poll(&lunch()).await);
    let mut viewer = Viewer::connect(stack.gateway(0).address()).await;
    for (poll, token) in [(poll.poll_id, "forged"), (Uuid::now_v7(), ann.access_token())] {
        viewer.say(json!({"type": "subscribe", "poll_id": poll, "access_token": token})).await;
        viewer.next("error").await;
    }
    // One that is accepted comes after it, on the same gateway.
    let mut accepted = signed_in(&stack, 0, &poll, &ann).await;
    heard_by(stack.redis(), &ann, 1).await;
    Pusher::new(stack.redis().url()).push(&ann, &notification("one")).await;
    accepted.next("notification").await;
    viewer.ping().await;
    assert!(viewer.frames_of("notification").is_empty());
}
