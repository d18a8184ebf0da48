//! The fan-out of live results: many polls, many viewers, and some that are slow.

mod drain;
mod slow;

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use pollster_integration::{DEADLINE, PollView, Stack, Viewer, cast, lunch, token, wait_until};
use tokio_tungstenite::tungstenite::Message;

use crate::live::{sees, viewer};

/// Subscribes so many new viewers to a poll, and waits until each has its results.
async fn watch(stack: &Stack, gateway: usize, poll: &PollView, viewers: usize) -> Vec<Viewer> {
    let subscribed = async || {
        let mut viewer = viewer(stack, gateway).await;
        viewer.subscribe(poll.poll_id, None).await;
        viewer.next("results").await;
        viewer
    };
    join_all((0..viewers).map(|_| subscribed())).await
}

/// How many connections in Redis are subscribed to a poll's channel.
async fn subscribers(stack: &Stack, poll: &PollView) -> usize {
    let channel = format!("poll:{{{}}}:updates", poll.poll_id);
    let mut command = redis::cmd("PUBSUB");
    let (_, subscribers): (String, usize) =
        command.arg("NUMSUB").arg(channel).query_async(&mut stack.redis().connect().await).await.unwrap();
    subscribers
}

async fn has_subscribers(stack: &Stack, poll: &PollView, wanted: usize) {
    wait_until(&format!("{wanted} are subscribed"), DEADLINE, async || {
        (subscribers(stack, poll).await == wanted).then_some(())
    })
    .await;
}

#[tokio::test]
async fn each_of_64_polls_on_one_connection_gets_its_own_updates() {
    let stack = Stack::start().await;
    let definition = lunch();
    let polls: Vec<PollView> = join_all((0..64).map(|_| stack.create_poll(&definition))).await;
    let mut viewer = viewer(&stack, 0).await;
    for poll in &polls {
        viewer.subscribe(poll.poll_id, None).await;
    }
    for (number, poll) in polls.iter().enumerate() {
        for _ in 0..number % 4 {
            stack.accepted(poll, &token(), None, poll.ballot(0, 0)).await;
        }
    }
    for (number, poll) in polls.iter().enumerate() {
        let exact = stack.assert_exact(poll).await;
        assert_eq!(exact.total, number as i64 % 4);
        wait_until("the poll's counts are seen", DEADLINE, async || {
            let frames = viewer.frames_of("results");
            let last = frames.iter().rfind(|frame| frame["poll_id"] == poll.poll_id.to_string())?;
            (crate::live::counts(last) == exact).then_some(())
        })
        .await;
    }
    assert!(viewer.frames_of("error").is_empty());
}

#[tokio::test]
async fn a_gateway_subscribes_to_a_poll_once_however_many_watch_it() {
    let stack = Stack::builder().gateways(2).start().await;
    let poll = stack.create_poll(&lunch()).await;
    let mut viewers = watch(&stack, 0, &poll, 20).await;
    has_subscribers(&stack, &poll, 1).await;
    viewers.extend(watch(&stack, 1, &poll, 20).await);
    has_subscribers(&stack, &poll, 2).await;
    stack.accepted(&poll, &token(), None, poll.ballot(0, 0)).await;
    for viewer in &mut viewers {
        sees(viewer, &poll, 1).await;
    }
    assert_eq!(subscribers(&stack, &poll).await, 2);
}

#[tokio::test]
async fn a_final_poll_is_not_subscribed_to_though_viewers_stay_and_come() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&lunch()).await;
    let mut viewers = watch(&stack, 0, &poll, 3).await;
    has_subscribers(&stack, &poll, 1).await;
    stack.accepted(&poll, &token(), None, poll.ballot(0, 0)).await;
    stack.close(&poll).await;
    for viewer in &mut viewers {
        viewer.next("poll_closed").await;
    }
    has_subscribers(&stack, &poll, 0).await;
    let mut late = viewer(&stack, 0).await;
    late.subscribe(poll.poll_id, None).await;
    assert_eq!(late.next("poll_closed").await["total_votes"], 1);
    assert_eq!(subscribers(&stack, &poll).await, 0);
    for viewer in &mut viewers {
        viewer.ping().await;
    }
}

#[tokio::test]
async fn a_viewer_gets_a_frame_an_interval_at_most_however_many_votes_come() {
    const INTERVAL: Duration = Duration::from_millis(50);
    const VOTES: usize = 1000;
    let stack = Stack::builder().env("RESULTS_INTERVAL_MS", INTERVAL.as_millis()).start().await;
    let poll = stack.create_poll(&lunch()).await;
    let start = Instant::now();
    let mut viewers = watch(&stack, 0, &poll, 5).await;
    join_all((0..20).map(async |client| {
        let mut client = (stack.client(0), client);
        for vote in 0..VOTES / 20 {
            let due = start + Duration::from_secs(2) * vote as u32 / (VOTES / 20) as u32;
            tokio::time::sleep_until(due.into()).await;
            let reply = cast(&mut client.0, &poll, &token(), None, poll.ballot(0, client.1 % 2)).await;
            assert_eq!(reply.status, 202);
        }
    }))
    .await;
    for viewer in &mut viewers {
        sees(viewer, &poll, VOTES as i64).await;
    }
    let most = start.elapsed().as_millis() / INTERVAL.as_millis() + 2;
    for viewer in &viewers {
        let frames = viewer.frames_of("results").len();
        assert!(frames > 2 && frames as u128 <= most, "{frames} frames, at most {most}");
    }
}

#[tokio::test]
async fn who_sends_more_messages_than_it_may_is_closed_with_1008_and_no_other_is() {
    let stack = Stack::start().await;
    let (mut flood, mut other) = (viewer(&stack, 0).await, viewer(&stack, 0).await);
    // Some of them may find the connection closed.
    let mut sent = 0;
    while sent < 1000 && flood.try_send(Message::text(r#"{"type":"ping"}"#)).await {
        sent += 1;
    }
    assert_eq!(flood.closed().await, Some(1008));
    assert!(flood.frames_of("pong").len() >= 200);
    other.ping().await;
    let metrics = stack.gateway(0).metrics().await;
    assert!(metrics.contains(r#"pollster_ws_closed_total{code="1008"} 1"#), "{metrics}");
}
