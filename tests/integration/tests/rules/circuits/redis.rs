//! The circuits of Redis.

use futures_util::future::join_all;
use hyper::Method;
use pollster_integration::{RedisServer, Scratch, Stack, lunch, token};

use super::{closes, is_open, logged, opens, votes_at_once};

#[tokio::test]
async fn a_redis_that_is_gone_is_not_asked_and_used_again_once_it_is_back() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&lunch()).await;
    stack.accepted(&poll, &token(), None, poll.ballot(0, 0)).await;
    assert!(!is_open(&stack, "redis").await);
    stack.redis().kill().await;
    assert_eq!(votes_at_once(&stack, &poll).await.status, 200);
    // One failure is enough to find out.
    opens(&stack, "redis").await;
    for _ in 0..20 {
        assert_eq!(votes_at_once(&stack, &poll).await.status, 200);
    }
    stack.redis().restart().await;
    closes(&stack, "redis").await;
    assert_eq!(votes_at_once(&stack, &poll).await.status, 202, "the first one after that");
    for what in ["circuit opened", "circuit closed"] {
        assert_eq!(logged(&stack, what, "redis"), 1, "{what}");
    }
    assert_eq!(stack.assert_exact(&poll).await.total, 23);
}

#[tokio::test]
async fn a_frozen_redis_holds_up_a_few_votes_and_then_none() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&lunch()).await;
    let vote = async |voter: String| stack.vote(&poll, &voter, None, poll.ballot(0, 0)).await;
    let votes = || join_all((0..5).map(|_| vote(token())));
    assert!(votes().await.iter().all(|reply| reply.status == 202));
    stack.redis().freeze().await;
    assert!(votes().await.iter().all(|reply| reply.status == 200));
    opens(&stack, "redis").await;
    for _ in 0..5 {
        assert_eq!(votes_at_once(&stack, &poll).await.status, 200);
    }
    stack.redis().thaw().await;
    closes(&stack, "redis").await;
    assert_eq!(votes_at_once(&stack, &poll).await.status, 202);
    assert_eq!(stack.assert_exact(&poll).await.total, 16);
}

#[tokio::test]
async fn a_poll_that_is_deleted_while_redis_is_away_takes_no_vote_once_it_is_back() {
    // Nobody tells Redis of it, and its one shard takes votes for the poll.
    let stack = Stack::builder().gateways(2).without_background().env("VOTE_SHARDS", 1).start().await;
    let poll = stack.create_poll(&lunch()).await;
    stack.accepted(&poll, &token(), None, poll.ballot(0, 0)).await;
    stack.drained().await;
    stack.redis().kill().await;
    assert_eq!(votes_at_once(&stack, &poll).await.status, 200);
    opens(&stack, "redis").await;
    let token = poll.manage_token.as_deref().unwrap();
    let (path, headers) = (format!("/api/v1/polls/{}", poll.poll_id), [("x-manage-token", token)]);
    let deleted = stack.client(1).request(Method::DELETE, &path, &headers, "").await.unwrap();
    assert_eq!(deleted.status, 204, "{}", deleted.text());
    stack.redis().restart().await;
    closes(&stack, "redis").await;
    let late = votes_at_once(&stack, &poll).await;
    assert_eq!((late.status.as_u16(), late.code().as_deref()), (404, Some("poll_not_found")));
}

#[tokio::test]
async fn roles_on_servers_of_their_own_have_circuits_of_their_own() {
    let scratch = Scratch::new("aggregates").unwrap();
    let aggregates = RedisServer::start(scratch.path()).await;
    let stack = Stack::builder().env("REDIS_AGGREGATES_URL", aggregates.url()).start().await;
    let poll = stack.create_poll(&lunch()).await;
    aggregates.kill().await;
    assert_eq!(votes_at_once(&stack, &poll).await.status, 202);
    assert_eq!(stack.get(&format!("/api/v1/polls/{}/results", poll.poll_id)).await.status, 200);
    opens(&stack, "redis_aggregates").await;
    assert!(!is_open(&stack, "redis").await);
    assert!(!stack.gateway(0).metrics().await.contains("redis_pubsub"), "it shares the streams' circuit");
    assert_eq!(votes_at_once(&stack, &poll).await.status, 202);
    aggregates.restart().await;
    closes(&stack, "redis_aggregates").await;
    stack.drained().await;
    assert_eq!(stack.recounted(&poll).await.total, 2);
}
