//! A viewer through a fault: what they see only ever goes forward.

use pollster_integration::{Counts, DEADLINE, PollView, Stack, Viewer, wait_until};

/// Subscribes a new viewer to the poll.
pub(crate) async fn watch(stack: &Stack, poll: &PollView) -> Viewer {
    let mut viewer = Viewer::connect(stack.gateway(0).address()).await;
    viewer.subscribe(poll.poll_id, None).await;
    viewer.next("results").await;
    viewer
}

/// Waits until the viewer has seen `counts`, then fails if a version or a total ever went back.
pub(crate) async fn assert_only_forward(viewer: &Viewer, counts: &Counts) {
    wait_until("the viewer sees the last counts", DEADLINE, async || {
        let last = viewer.frames_of("results").pop()?;
        (last["total_votes"] == counts.total).then_some(())
    })
    .await;
    let frames = viewer.frames_of("results");
    let seen: Vec<(i64, i64)> = frames
        .iter()
        .map(|frame| (frame["version"].as_i64().unwrap(), frame["total_votes"].as_i64().unwrap()))
        .collect();
    assert!(seen.is_sorted(), "(version, total): {seen:?}");
    let last = frames.last().unwrap()["results"].as_object().unwrap();
    for (counted, count) in &counts.results {
        assert_eq!(last[counted], *count, "{counted}");
    }
}
