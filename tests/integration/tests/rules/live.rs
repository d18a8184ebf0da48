//! Live results over WebSocket.

use futures_util::future::join_all;
use pollster_integration::{
    Counts, DEADLINE, PollView, Stack, Viewer, cast, lunch, survey, token, wait_until,
};
use serde_json::Value;

use crate::closing::a_round_of_the_closing_job;

pub(crate) async fn viewer(stack: &Stack, gateway: usize) -> Viewer {
    Viewer::connect(stack.gateway(gateway).address()).await
}

pub(crate) fn version(frame: &Value) -> i64 {
    frame["version"].as_i64().unwrap()
}

pub(crate) fn counts(frame: &Value) -> Counts {
    let results = frame["results"].as_object().unwrap();
    Counts {
        total: frame["total_votes"].as_i64().unwrap(),
        results: results.iter().map(|(name, count)| (name.clone(), count.as_i64().unwrap())).collect(),
    }
}

/// Waits for results with so many votes.
pub(crate) async fn sees(viewer: &mut Viewer, poll: &PollView, total: i64) -> Value {
    viewer
        .next_where(&format!("results with {total} votes"), |frame| {
            frame["type"] == "results"
                && frame["poll_id"] == poll.poll_id.to_string()
                && frame["total_votes"] == total
        })
        .await
}

#[tokio::test]
async fn results_come_at_once_and_after_every_change() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&survey()).await;
    let mut by_id = viewer(&stack, 0).await;
    by_id.subscribe(poll.poll_id, None).await;
    let first = sees(&mut by_id, &poll, 0).await;
    assert_eq!(counts(&first), stack.counts(&poll).await);
    let mut by_slug = viewer(&stack, 0).await;
    by_slug.subscribe(&poll.slug, None).await;
    sees(&mut by_slug, &poll, 0).await;
    for total in 1..=3 {
        stack.accepted(&poll, &token(), None, poll.ballot(0, 1)).await;
        let frame = sees(&mut by_id, &poll, total).await;
        assert_eq!(frame, sees(&mut by_slug, &poll, total).await);
        assert_eq!(counts(&frame), stack.assert_exact(&poll).await);
        assert!(version(&frame) > version(&first));
    }
}

#[tokio::test]
async fn who_has_the_current_version_is_sent_newer_ones_only() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&lunch()).await;
    stack.accepted(&poll, &token(), None, poll.ballot(0, 0)).await;
    stack.assert_exact(&poll).await;
    let current = stack.version(&poll).await;
    let mut knows = viewer(&stack, 0).await;
    knows.subscribe(poll.poll_id, Some(current)).await;
    let mut is_behind = viewer(&stack, 0).await;
    is_behind.subscribe(poll.poll_id, Some(current - 1)).await;
    assert_eq!(version(&is_behind.next("results").await), current);
    knows.ping().await;
    stack.accepted(&poll, &token(), None, poll.ballot(0, 0)).await;
    let frame = sees(&mut knows, &poll, 2).await;
    assert!(version(&frame) > current);
    assert_eq!(knows.frames_of("results"), [frame], "nothing before the newer version");
}

#[tokio::test]
async fn versions_never_go_back_under_load() {
    const VOTES: usize = 500;
    let stack = Stack::builder().gateways(2).aggregators(2).env("RESULTS_INTERVAL_MS", 0).start().await;
    let poll = stack.create_poll(&lunch()).await;
    let mut viewers = Vec::new();
    for number in 0..6 {
        let mut viewer = viewer(&stack, number % 2).await;
        viewer.subscribe(poll.poll_id, None).await;
        viewer.next("results").await;
        viewers.push(viewer);
    }
    join_all((0..20).map(async |number: usize| {
        let mut client = stack.client(number % 2);
        for vote in 0..VOTES / 20 {
            let reply = cast(&mut client, &poll, &token(), None, poll.ballot(0, vote % 2)).await;
            assert_eq!(reply.status, 202);
        }
    }))
    .await;
    let exact = stack.assert_exact(&poll).await;
    assert_eq!(exact.total, VOTES as i64);
    let question = format!("question:{}", poll.questions[0].question_id);
    for viewer in &mut viewers {
        let last = sees(viewer, &poll, VOTES as i64).await;
        assert_eq!(counts(&last), exact);
        let frames = viewer.frames_of("results");
        assert!(frames.len() > 2, "only {} frames", frames.len());
        assert!(frames.is_sorted_by(|a, b| version(a) < version(b)));
        assert!(frames.is_sorted_by(|a, b| counts(a).total < counts(b).total));
        for frame in &frames {
            // Every frame is one moment's counts, never a mixture of two.
            let counts = counts(frame);
            let of_choices: i64 = counts.results.values().sum::<i64>() - counts.results[&question];
            assert_eq!((counts.results[&question], of_choices), (counts.total, counts.total));
        }
    }
}

#[tokio::test]
async fn the_close_is_told_with_the_final_results() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&lunch()).await;
    let mut early = viewer(&stack, 0).await;
    early.subscribe(poll.poll_id, None).await;
    sees(&mut early, &poll, 0).await;
    stack.aggregator(0).stop().await;
    stack.accepted(&poll, &token(), None, poll.ballot(0, 0)).await;
    stack.close(&poll).await;
    a_round_of_the_closing_job(&stack).await;
    early.ping().await;
    assert!(early.frames_of("poll_closed").is_empty(), "told before the last vote is counted");
    stack.aggregator(0).cont().await;
    let closed = early.next("poll_closed").await;
    let exact = stack.assert_exact(&poll).await;
    assert_eq!((counts(&closed), exact.total), (exact, 1));
    assert_eq!(version(&closed), stack.version(&poll).await);

    let mut late = viewer(&stack, 0).await;
    late.subscribe(poll.poll_id, None).await;
    assert_eq!(late.next("poll_closed").await, closed);
    assert_eq!(counts(&late.frames_of("results")[0]), counts(&closed));
    early.ping().await;
    assert_eq!(early.frames_of("poll_closed").len(), 1);
}

#[tokio::test]
async fn who_has_unsubscribed_is_sent_nothing_more_of_the_poll() {
    let stack = Stack::start().await;
    let (left, kept) = (stack.create_poll(&lunch()).await, stack.create_poll(&lunch()).await);
    let mut leaver = viewer(&stack, 0).await;
    let mut stayer = viewer(&stack, 0).await;
    for poll in [&left, &kept] {
        leaver.subscribe(poll.poll_id, None).await;
        sees(&mut leaver, poll, 0).await;
    }
    stayer.subscribe(left.poll_id, None).await;
    sees(&mut stayer, &left, 0).await;
    leaver.say(serde_json::json!({"type": "unsubscribe", "poll_id": left.poll_id})).await;
    assert_eq!(leaver.next("unsubscribed").await["poll_id"], left.poll_id.to_string());

    let before = leaver.frames().len();
    stack.accepted(&left, &token(), None, left.ballot(0, 0)).await;
    sees(&mut stayer, &left, 1).await;
    stack.accepted(&kept, &token(), None, kept.ballot(0, 0)).await;
    sees(&mut leaver, &kept, 1).await;
    assert!(leaver.frames()[before..].iter().all(|frame| frame["poll_id"] == kept.poll_id.to_string()));
    // It may come back.
    leaver.subscribe(left.poll_id, None).await;
    sees(&mut leaver, &left, 1).await;
}

#[tokio::test]
async fn a_poll_that_nobody_watches_any_more_is_not_subscribed_to() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&lunch()).await;
    let watched = async |wanted: f64| {
        let same = async || (stack.gateway(0).metric("pollster_watched_polls").await == wanted).then_some(());
        wait_until(&format!("{wanted} polls are watched"), DEADLINE, same).await;
    };
    let mut viewers = [viewer(&stack, 0).await, viewer(&stack, 0).await];
    for viewer in &mut viewers {
        viewer.subscribe(poll.poll_id, None).await;
        sees(viewer, &poll, 0).await;
    }
    watched(1.0).await;
    let [first, second] = viewers;
    drop(first);
    wait_until("one connection", DEADLINE, async || {
        (stack.gateway(0).metric("pollster_ws_connections").await == 1.0).then_some(())
    })
    .await;
    watched(1.0).await;
    drop(second);
    watched(0.0).await;
}

#[tokio::test]
async fn viewers_follow_a_redis_that_was_restarted_without_reconnecting() {
    let stack = Stack::builder().gateways(2).start().await;
    let poll = stack.create_poll(&lunch()).await;
    let mut viewers = [viewer(&stack, 0).await, viewer(&stack, 1).await];
    for viewer in &mut viewers {
        viewer.subscribe(poll.poll_id, None).await;
        sees(viewer, &poll, 0).await;
    }
    for total in [1, 2] {
        match total {
            1 => stack.redis().stop().await,
            _ => stack.redis().kill().await,
        }
        stack.redis().restart().await;
        let voter = token();
        wait_until("votes are taken again", DEADLINE, async || {
            let reply = stack.vote(&poll, &voter, Some("key"), poll.ballot(0, 0)).await;
            (reply.status == 202).then_some(())
        })
        .await;
        for viewer in &mut viewers {
            sees(viewer, &poll, total).await;
            assert!(!viewer.has_ended());
        }
    }
    assert_eq!(stack.assert_exact(&poll).await.total, 2);
}
