//! Server-sent events through nginx.

use pollster_integration::{DEADLINE, EventStream, cast, lunch, token, wait_until};

use super::two;

/// Waits for results with so many votes.
async fn sees(stream: &mut EventStream, total: i64) {
    stream.next_where(&format!("{total} votes"), |event| event.data["total_votes"] == total).await;
}

#[tokio::test]
async fn each_event_comes_through_at_once_and_streams_resume_at_the_other_gateway() {
    let (stack, nginx) = two().await;
    let poll = stack.create_poll(&lunch()).await;
    let mut streams = Vec::new();
    for _ in 0..2 {
        streams.push(EventStream::open(nginx.address(), poll.poll_id).await);
    }
    // A proxy that gathers events would hold up each until others follow it.
    for total in 0..=3 {
        if total > 0 {
            stack.accepted(&poll, &token(), None, poll.ballot(0, 0)).await;
        }
        for stream in &mut streams {
            sees(stream, total).await;
        }
    }
    for gateway in [stack.gateway(0), stack.gateway(1)] {
        assert_eq!(gateway.metric("pollster_sse_connections").await, 1.0, "round robin");
    }

    let last_seen = stack.version(&poll).await.to_string();
    assert!(stack.gateway(0).terminate().await.success());
    let ended =
        wait_until("a stream ends", DEADLINE, async || streams.iter().position(EventStream::has_ended));
    assert!(streams.remove(ended.await).ended().await, "in order");
    let mut resumed = EventStream::resume(nginx.address(), poll.poll_id, &last_seen).await;
    // The other gateway's.
    let mut kept = streams.remove(0);
    let voted = cast(&mut stack.client(1), &poll, &token(), None, poll.ballot(0, 0)).await;
    assert_eq!(voted.status, 202);
    sees(&mut resumed, 4).await;
    sees(&mut kept, 4).await;
    assert!(resumed.events_of("results").iter().all(|event| event.last_event_id != last_seen), "it had that");
}
