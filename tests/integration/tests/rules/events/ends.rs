//! How streams end: with their poll, or with their gateway.

use pollster_integration::{EventStream, Stack, cast, lunch, token};
use serde_json::Value;

use super::{open, resume, sees, version};
use crate::closing::a_round_of_the_closing_job;

#[tokio::test]
async fn a_stream_ends_after_the_final_results() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&lunch()).await;
    let mut early = open(&stack, 0, &poll).await;
    let first = sees(&mut early, 0).await;
    stack.aggregator(0).stop().await;
    stack.accepted(&poll, &token(), None, poll.ballot(0, 0)).await;
    stack.close(&poll).await;
    a_round_of_the_closing_job(&stack).await;
    // Closed, but the last vote is not counted yet: there is more to come.
    let mut waiting = resume(&stack, 0, &poll, &first.last_event_id).await;
    assert!(early.events_of("poll_closed").is_empty() && !early.has_ended());
    stack.aggregator(0).cont().await;

    let mut late = {
        let closed = early.next("poll_closed").await;
        assert_eq!(closed, waiting.next("poll_closed").await);
        assert_eq!(closed.last_event_id, version(&closed));
        assert_eq!(closed.last_event_id, stack.version(&poll).await.to_string());
        let exact = stack.assert_exact(&poll).await;
        assert_eq!((&closed.data["results"], exact.total), (&serde_json::json!(exact.results), 1));
        open(&stack, 0, &poll).await
    };
    for stream in [&early, &waiting, &late] {
        assert!(stream.ended().await);
        assert_eq!(stream.events_of("poll_closed").len(), 1);
        assert_eq!(stream.events().last().unwrap().kind, "poll_closed");
    }
    // Who loses the stream between the final results and the end does not miss the end.
    let results = late.next("results").await;
    assert_eq!((results.last_event_id.as_str(), &results.data["total_votes"]), ("", &Value::from(1)));
}

#[tokio::test]
async fn who_has_the_end_is_told_not_to_reconnect() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&lunch()).await;
    let gateway = stack.gateway(0).address();
    let mut stream = open(&stack, 0, &poll).await;
    let before = sees(&mut stream, 0).await.last_event_id;
    stack.close(&poll).await;
    let end = stream.next("poll_closed").await;
    for id in [end.last_event_id.clone(), i64::MAX.to_string()] {
        let reply = EventStream::ask(gateway, poll.poll_id, &[("last-event-id", &id)]).await.unwrap_err();
        assert_eq!((reply.status.as_u16(), reply.body.len()), (204, 0), "{id}");
        assert_eq!(reply.headers["cache-control"], "no-store");
    }
    // Who has less is told the end, also where it shows the results to nobody.
    for id in [before.as_str(), "", "closed"] {
        let mut again = resume(&stack, 0, &poll, id).await;
        let told = again.next("poll_closed").await;
        assert_eq!((told.data, told.last_event_id), (end.data.clone(), end.last_event_id.clone()), "{id}");
        assert!(again.ended().await, "{id}");
    }
}

#[tokio::test]
async fn sigterm_ends_streams_in_order_and_they_resume_at_another_gateway() {
    let stack = Stack::builder().gateways(2).start().await;
    let poll = stack.create_poll(&lunch()).await;
    let mut streams = Vec::new();
    for _ in 0..5 {
        let mut stream = open(&stack, 0, &poll).await;
        sees(&mut stream, 0).await;
        streams.push(stream);
    }
    assert!(stack.gateway(0).terminate().await.success());
    let log = stack.gateway(0).log();
    assert!(!log.contains("drain timeout"), "{log}");
    let mut resumed = Vec::new();
    for stream in &streams {
        assert!(stream.ended().await, "broken off");
        let last = stream.events().pop().unwrap();
        resumed.push(resume(&stack, 1, &poll, &last.last_event_id).await);
    }
    let reply = cast(&mut stack.client(1), &poll, &token(), None, poll.ballot(0, 0)).await;
    assert_eq!(reply.status, 202);
    for stream in &mut resumed {
        let newer = sees(stream, 1).await;
        assert_eq!(stream.events_of("results"), [newer]);
    }
}
