//! `--serve`: REST and live results from gateways of their own.

use hyper::{Method, StatusCode};
use pollster_integration::{Client, DEADLINE, Stack, Viewer, assert_documented, lunch, token, wait_until};

use crate::errors::assert_problem;

const REST: usize = 0;
const LIVE: usize = 1;

async fn split() -> Stack {
    let builder = Stack::builder().gateways(2);
    builder.gateway_args(REST, &["--serve", "api"]).gateway_args(LIVE, &["--serve", "ws"]).start().await
}

#[tokio::test]
async fn a_vote_at_one_gateway_is_seen_at_the_other() {
    let stack = split().await;
    let poll = stack.create_poll(&lunch()).await;
    let mut viewer = Viewer::connect(stack.gateway(LIVE).address()).await;
    viewer.subscribe(poll.poll_id, None).await;
    viewer.next_where("no votes", |frame| frame["total_votes"] == 0).await;
    stack.accepted(&poll, &token(), None, poll.ballot(0, 0)).await;
    viewer.next_where("a vote", |frame| frame["total_votes"] == 1).await;
    assert_eq!(stack.assert_exact(&poll).await.total, 1);
}

#[tokio::test]
async fn what_the_other_role_serves_is_not_found() {
    let stack = split().await;
    let poll = stack.create_poll(&lunch()).await;
    let path = format!("/api/v1/polls/{}", poll.poll_id);
    for (gateway, method, path) in [
        (REST, Method::GET, "/ws"),
        (LIVE, Method::GET, path.as_str()),
        (LIVE, Method::POST, "/api/v1/polls"),
        (LIVE, Method::PUT, poll.votes_path().path()),
        (LIVE, Method::GET, "/api/v1/openapi.json"),
    ] {
        let reply = stack.client(gateway).request(method, path, &[], "").await.unwrap();
        assert_problem(path, &reply, 404, "not_found");
    }
    // The document tells of both wherever it is served.
    let document = stack.get("/api/v1/openapi.json").await.text();
    assert!(document.contains("\"/ws\"") && document.contains("\"/api/v1/polls\""));
}

/// Whether a gateway is ready, as all are told.
async fn is_ready(stack: &Stack, gateway: usize) -> bool {
    let reply = stack.client(gateway).get("/readyz").await.unwrap();
    assert_documented(&Method::GET, "/readyz", b"", &reply);
    reply.status == StatusCode::OK
}

/// Why a gateway is not ready, or might not be.
async fn reasons(stack: &Stack, gateway: usize) -> String {
    Client::new(stack.gateway(gateway).admin()).get("/readyz").await.unwrap().text()
}

#[tokio::test]
async fn each_role_is_ready_with_what_it_needs() {
    let stack = Stack::builder().gateways(2).own_postgres();
    let stack = stack.gateway_args(REST, &["--serve", "api"]).gateway_args(LIVE, &["--serve", "ws"]);
    let stack = stack.start().await;
    for gateway in [REST, LIVE] {
        assert_eq!(stack.client(gateway).get("/livez").await.unwrap().status, StatusCode::OK);
        assert!(is_ready(&stack, gateway).await);
    }
    stack.database().stop_server().await;
    for gateway in [REST, LIVE] {
        assert!(is_ready(&stack, gateway).await, "votes and results are in Redis");
        assert!(reasons(&stack, gateway).await.contains("PostgreSQL"));
    }
    stack.redis().stop().await;
    for gateway in [REST, LIVE] {
        wait_until("it is not ready", DEADLINE, async || (!is_ready(&stack, gateway).await).then_some(()))
            .await;
        assert!(reasons(&stack, gateway).await.contains("votes can't be taken"));
    }
    assert!(reasons(&stack, LIVE).await.contains("results can't be shown"));
    assert!(!reasons(&stack, REST).await.contains("results"));
    stack.redis().restart().await;
    for gateway in [REST, LIVE] {
        wait_until("it is ready again", DEADLINE, async || is_ready(&stack, gateway).await.then_some(()))
            .await;
    }
}
