//! Several gateways behind nginx, with the configuration that operators get: round robin, nobody tied to any.

mod addresses;
mod audience;
mod events;
mod failures;
mod releases;
mod repeats;

use futures_util::future::join_all;
use pollster_integration::{Client, Counts, NginxServer, PollView, Stack, Viewer, cast, lunch, token};
use serde_json::json;

/// Two gateways behind an nginx.
async fn two() -> (Stack, NginxServer) {
    let stack = Stack::builder().gateways(2).start().await;
    let nginx = NginxServer::before(&stack).await;
    (stack, nginx)
}

/// Waits until a viewer has seen exactly these counts.
async fn sees(viewer: &mut Viewer, counts: &Counts) {
    let expected = json!(counts.results);
    viewer
        .next_where(&format!("{} votes", counts.total), |frame| {
            frame["total_votes"] == counts.total && frame["results"] == expected
        })
        .await;
}

/// Votes over connections of their own, so many over each; all must be accepted.
async fn votes(nginx: &NginxServer, poll: &PollView, voters: usize, each: usize) {
    join_all((0..voters).map(async |voter| {
        let mut client = Client::new(nginx.address());
        for vote in 0..each {
            let ballot = poll.ballot(0, (voter + vote) % 2);
            assert_eq!(cast(&mut client, poll, &token(), None, ballot).await.status, 202);
        }
    }))
    .await;
}

#[tokio::test]
async fn viewers_and_voters_are_spread_and_all_see_all_votes() {
    let (stack, nginx) = two().await;
    let poll = stack.create_poll(&lunch()).await;
    let mut viewers = Vec::new();
    for _ in 0..6 {
        let mut viewer = Viewer::connect(nginx.address()).await;
        viewer.subscribe(poll.poll_id, None).await;
        viewer.next("results").await;
        viewers.push(viewer);
    }
    votes(&nginx, &poll, 8, 20).await;
    let exact = stack.assert_exact(&poll).await;
    assert_eq!(exact.total, 160);
    for viewer in &mut viewers {
        sees(viewer, &exact).await;
    }
    for gateway in [stack.gateway(0), stack.gateway(1)] {
        assert_eq!(gateway.metric("pollster_ws_connections").await, 3.0);
        assert!(gateway.metric("pollster_votes_total").await >= 50.0);
    }
}

#[tokio::test]
async fn what_was_made_at_one_gateway_is_there_at_the_other() {
    let (stack, nginx) = two().await;
    let mut definition = lunch();
    definition["settings"] = json!({"allow_vote_change": true});
    let poll = stack.create_poll(&definition).await;
    let voter = token();
    assert_eq!(cast(&mut stack.client(1), &poll, &voter, None, poll.ballot(0, 0)).await.status, 202);
    // Changed and revoked through nginx, each at another gateway than the one before.
    let mut client = Client::new(nginx.address());
    let headers = [("content-type", "application/json"), ("x-voter-token", voter.as_str())];
    let path = poll.votes_path().to_string();
    for (method, body, total) in [("PUT", poll.ballot(0, 1), 1), ("DELETE", "".into(), 0)] {
        let reply = client.request(method.parse().unwrap(), &path, &headers, body).await.unwrap();
        assert_eq!(reply.status, 202, "{method}: {}", reply.text());
        assert_eq!(stack.assert_exact(&poll).await.total, total, "{method}");
    }
}

#[tokio::test]
async fn roles_that_run_apart_are_one_address() {
    let stack = Stack::builder().gateways(2).gateway_args(0, &["--serve", "api"]);
    let stack = stack.gateway_args(1, &["--serve", "ws"]).start().await;
    let gateway = |number: usize| [stack.gateway(number).address()];
    let nginx = NginxServer::start(&gateway(0), &gateway(1)).await;
    let poll = Client::new(nginx.address()).create_poll(&lunch()).await.unwrap();
    let mut viewer = Viewer::connect(nginx.address()).await;
    viewer.subscribe(poll.poll_id, None).await;
    viewer.next("results").await;
    votes(&nginx, &poll, 2, 2).await;
    sees(&mut viewer, &stack.assert_exact(&poll).await).await;
}
