//! Health and metrics.

use hyper::{Method, StatusCode};
use pollster_integration::{Client, DEADLINE, Stack, Viewer, lunch, token, wait_until};
use serde_json::Value;
use tokio_tungstenite::tungstenite::Message;

#[tokio::test]
async fn every_program_says_on_its_admin_listener_that_it_lives_and_is_ready() {
    let stack = Stack::start().await;
    for service in [stack.gateway(0), stack.aggregator(0), stack.background()] {
        let mut admin = Client::new(service.admin());
        assert_eq!(admin.get("/livez").await.unwrap().status, StatusCode::OK);
        let ready = admin.get("/readyz").await.unwrap().expect(StatusCode::OK).unwrap();
        let ready: Value = ready.json().unwrap();
        assert_eq!((&ready["ready"], ready["reasons"].as_array().unwrap().len()), (&Value::Bool(true), 0));
        assert!(service.metrics().await.ends_with("# EOF\n"));
    }
}

#[tokio::test]
async fn the_gateway_says_so_in_public_too_but_keeps_metrics_and_reasons_to_itself() {
    let stack = Stack::start().await;
    for path in ["/livez", "/readyz"] {
        assert_eq!(stack.get(path).await.status, StatusCode::OK, "{path}");
        assert_eq!(stack.request(Method::HEAD, path, &[], "").await.status, StatusCode::OK, "{path}");
    }
    assert_eq!(stack.get("/metrics").await.status, StatusCode::NOT_FOUND);

    stack.redis().stop().await;
    let mut admin = Client::new(stack.gateway(0).admin());
    let reasons = wait_until("the reasons", DEADLINE, async || {
        let reply = admin.get("/readyz").await.unwrap();
        let readiness: Value = reply.json().unwrap();
        Some(readiness).filter(|readiness| readiness["reasons"].as_array().is_some_and(|all| !all.is_empty()))
    })
    .await;
    assert!(reasons["reasons"].to_string().contains("votes are written to PostgreSQL directly"), "{reasons}");
    let public = stack.get("/readyz").await;
    assert_eq!(public.status, StatusCode::OK, "votes are taken");
    let public = public.text();
    assert!(!public.contains("reasons") && !public.contains("Redis"), "{public}");
    assert_eq!(stack.get("/livez").await.status, StatusCode::OK);
    stack.redis().restart().await;
    wait_until("nothing is missing any more", DEADLINE, async || {
        let readiness: Value = admin.get("/readyz").await.unwrap().json().unwrap();
        readiness["reasons"].as_array().is_some_and(Vec::is_empty).then_some(())
    })
    .await;
}

#[tokio::test]
async fn the_metrics_of_the_operations_page_are_there() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&lunch()).await;
    let mut viewer = Viewer::connect(stack.gateway(0).address()).await;
    viewer.subscribe(poll.poll_id, None).await;
    viewer.next("results").await;
    let mut loud = Viewer::connect(stack.gateway(0).address()).await;
    loud.send(Message::text("x".repeat(100_000))).await;
    loud.closed().await;
    let voter = token();
    stack.accepted(&poll, &voter, Some("key"), poll.ballot(0, 0)).await;
    stack.accepted(&poll, &voter, Some("key"), poll.ballot(0, 0)).await;
    stack.vote(&poll, &voter, None, poll.ballot(0, 0)).await;
    stack.assert_exact(&poll).await;

    let gateway = stack.gateway(0).metrics().await;
    for metric in [
        "pollster_votes_total{outcome=\"accepted\"} 1",
        "pollster_votes_total{outcome=\"replayed\"} 1",
        "pollster_votes_total{outcome=\"already_voted\"} 1",
        "pollster_vote_request_seconds_count 3",
        "pollster_ws_connections 1",
        "pollster_ws_frames_total ",
        "pollster_ws_skipped_total ",
        "pollster_ws_closed_total{code=\"1009\"} 1",
        "pollster_watched_polls 1",
        "pollster_http_requests_total{route=\"/api/v1/polls\",status=\"201\"} 1",
        "pollster_circuit_open{dependency=\"redis\"} 0",
        "pollster_circuit_open{dependency=\"postgresql\"} 0",
    ] {
        assert!(gateway.lines().any(|line| line.starts_with(metric)), "{metric}:\n{gateway}");
    }
    for secret in [&voter, poll.manage_token.as_ref().unwrap(), &poll.poll_id.to_string()] {
        assert!(!gateway.contains(secret), "{secret}");
    }
    // The gauges of the streams are measured every two seconds.
    let aggregator = wait_until("the streams are measured", DEADLINE, async || {
        Some(stack.aggregator(0).metrics().await).filter(|text| text.contains("pollster_stream_lag{"))
    })
    .await;
    for metric in [
        "pollster_vote_commit_seconds_count 1",
        "pollster_vote_visible_seconds_count 1",
        "pollster_batch_rows_count 1",
        "pollster_responses_inserted_total 1",
        "pollster_responses_duplicate_total 0",
        "pollster_accepted_then_refused_total 0",
        "pollster_dead_letters_total 0",
        "pollster_reclaimed_total 0",
        "pollster_stream_lag{shard=\"7\"} 0",
        "pollster_stream_pending{shard=\"0\"} 0",
        "pollster_stream_oldest_seconds{shard=\"0\"} 0",
    ] {
        assert!(aggregator.lines().any(|line| line.starts_with(metric)), "{metric}:\n{aggregator}");
    }
}
