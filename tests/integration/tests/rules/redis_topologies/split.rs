//! A Redis a role.

use std::time::Duration;

use pollster_integration::{DEADLINE, RedisServer, Scratch, Stack, lunch, wait_until};
use redis::AsyncCommands;

use super::whole::use_everything;
use crate::faults::load::{Load, assert_all_counted};
use crate::faults::watch::{assert_only_forward, watch};

const VARIABLES: [&str; 3] = ["REDIS_STREAMS_URL", "REDIS_AGGREGATES_URL", "REDIS_PUBSUB_URL"];

/// The servers of streams, counts and channels, and a stack on them.
async fn split(scratch: &Scratch) -> ([RedisServer; 3], Stack) {
    let [streams, counts, channels] = ["streams", "counts", "channels"].map(|role| scratch.path().join(role));
    let servers = [
        RedisServer::start(&streams).await,
        RedisServer::start(&counts).await,
        RedisServer::start(&channels).await,
    ];
    let builder = VARIABLES
        .iter()
        .zip(&servers)
        .fold(Stack::builder(), |builder, (variable, server)| builder.env(variable, server.url()));
    (servers, builder.aggregators(2).start().await)
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_works_and_each_role_s_keys_are_on_its_server_only() {
    let scratch = Scratch::new("split").unwrap();
    let (servers, stack) = split(&scratch).await;
    use_everything(&stack).await;
    let mut kept = Vec::new();
    for server in servers.iter().chain([stack.redis()]) {
        let keys: Vec<String> = server.connect().await.keys("*").await.unwrap();
        let any = |kind: &str| keys.iter().any(|key| key.contains(kind));
        kept.push([any(":stream-"), any("poll:voters:"), any("poll:open:"), any(":counts"), any(":meta")]);
    }
    let none = [false; 5];
    assert_eq!(kept, [[true, true, true, false, false], [false, false, false, true, true], none, none]);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_accepted_vote_counts_once_though_each_is_killed_alone() {
    let scratch = Scratch::new("split-killed").unwrap();
    let (servers, stack) = split(&scratch).await;
    let poll = stack.create_poll(&lunch()).await;
    let viewer = watch(&stack, &poll).await;
    let load = Load::start(&stack, &poll, 8, Duration::ZERO);
    for (role, server) in servers.iter().enumerate() {
        load.goes_on(150).await;
        server.kill().await;
        let confirmed = load.confirmed();
        load.goes_on(150).await;
        if role == 0 {
            assert!(load.confirmed() > confirmed, "without its streams a vote goes past Redis");
        }
        server.restart().await;
    }
    load.goes_on(150).await;
    let accepted = load.end().await;
    assert_all_counted(&stack, &poll, &accepted).await;
    assert_only_forward(&viewer, &stack.counts(&poll).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn votes_go_through_the_streams_though_counts_and_channels_are_gone() {
    let scratch = Scratch::new("split-rest").unwrap();
    let ([_streams, counts, channels], stack) = split(&scratch).await;
    let poll = stack.create_poll(&lunch()).await;
    let load = Load::start(&stack, &poll, 4, Duration::ZERO);
    load.goes_on(50).await;
    counts.kill().await;
    channels.kill().await;
    let confirmed = load.confirmed();
    load.goes_on(200).await;
    assert_eq!(load.confirmed(), confirmed, "none of them goes past Redis");
    let accepted = load.end().await;
    wait_until("they are counted", DEADLINE, async || {
        (stack.counts(&poll).await.total == accepted.len() as i64).then_some(())
    })
    .await;
    assert_eq!(stack.results(&poll).await.total_votes, accepted.len() as u64);
    counts.restart().await;
    channels.restart().await;
    assert_all_counted(&stack, &poll, &accepted).await;
}
