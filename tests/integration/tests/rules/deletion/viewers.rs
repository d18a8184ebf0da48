//! Those who watch a poll are told when it is deleted.

use pollster_integration::{EventStream, PollView, Stack, Viewer, lunch, token};
use serde_json::Value;

use super::delete;

async fn watch(stack: &Stack, gateway: usize, poll: &PollView) -> (Viewer, EventStream) {
    let address = stack.gateway(gateway).address();
    let mut viewer = Viewer::connect(address).await;
    viewer.subscribe(poll.poll_id, None).await;
    viewer.next("results").await;
    (viewer, EventStream::open(address, poll.poll_id).await)
}

/// Waits until the viewer is told; it hears nothing of the poll after that, and its connection stands.
async fn assert_told(viewer: &mut Viewer, poll: &PollView) {
    let error = viewer.next("error").await;
    assert_eq!(
        (&error["code"], &error["poll_id"]),
        (&"poll_not_found".into(), &poll.poll_id.to_string().into())
    );
    viewer.ping().await;
    let last = viewer.frames().into_iter().rfind(|frame| frame["type"] != "pong").unwrap();
    assert_eq!(last["type"], "error");
}

#[tokio::test]
async fn viewers_at_every_gateway_are_told_and_their_streams_end() {
    let stack = Stack::builder().gateways(2).start().await;
    let (poll, other) = (stack.create_poll(&lunch()).await, stack.create_poll(&lunch()).await);
    let mut watching = [watch(&stack, 0, &poll).await, watch(&stack, 1, &poll).await];
    watching[1].0.subscribe(other.poll_id, None).await;
    watching[1].0.next("results").await;
    assert_eq!(delete(&stack, &poll).await.status, 204);
    for (viewer, events) in &mut watching {
        assert_told(viewer, &poll).await;
        let error = events.next("error").await;
        assert_eq!(error.data["code"], "poll_not_found");
        assert!(events.ended().await);
        assert_eq!(events.events().last().unwrap().kind, "error");
    }
    // The same connection serves other polls as before.
    let of_other = |frame: &Value| frame["poll_id"] == other.poll_id.to_string() && frame["total_votes"] == 1;
    stack.accepted(&other, &token(), None, other.ballot(0, 0)).await;
    watching[1].0.next_where("results of the other poll", of_other).await;
}

#[tokio::test]
async fn viewers_of_final_results_are_told_as_well() {
    let stack = Stack::builder().gateways(2).start().await;
    let poll = stack.create_poll(&lunch()).await;
    let (mut viewer, _) = watch(&stack, 1, &poll).await;
    stack.close(&poll).await;
    viewer.next("poll_closed").await;
    assert_eq!(delete(&stack, &poll).await.status, 204);
    // Who comes right after that finds nothing either, though others watch it there.
    let mut late = Viewer::connect(stack.gateway(1).address()).await;
    late.subscribe(poll.poll_id, None).await;
    assert_eq!(late.next("error").await["code"], "poll_not_found");
    assert_told(&mut viewer, &poll).await;
    assert!(late.frames_of("results").is_empty());
}
