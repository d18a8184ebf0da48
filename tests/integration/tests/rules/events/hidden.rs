//! Hidden results are hidden from streams as well.

use pollster_integration::{EventStream, PollView, Stack, Viewer, lunch, token};
use serde_json::json;

use super::{open, resume, sees, told};

async fn create(stack: &Stack, visibility: &str) -> PollView {
    let mut poll = lunch();
    poll["settings"] = json!({"result_visibility": visibility});
    stack.create_poll(&poll).await
}

#[tokio::test]
async fn results_come_once_they_are_shown() {
    let stack = Stack::start().await;
    let poll = create(&stack, "after_close").await;
    let mut viewer = Viewer::connect(stack.gateway(0).address()).await;
    viewer.subscribe(poll.poll_id, None).await;
    let mut stream = open(&stack, 0, &poll).await;
    let error = stream.next("error").await;
    assert_eq!((&error.data, error.last_event_id.as_str()), (&viewer.next("error").await, ""));
    assert_eq!(error.data["code"], "results_hidden");

    let manage_token = [("x-manage-token", poll.manage_token.as_deref().unwrap())];
    let mut creator =
        EventStream::ask(stack.gateway(0).address(), poll.poll_id, &manage_token).await.unwrap();
    stack.accepted(&poll, &token(), None, poll.ballot(0, 0)).await;
    sees(&mut creator, 1).await;
    assert_eq!(told(&stream), [error], "before the close");
    stack.close(&poll).await;
    let end = stream.next("poll_closed").await;
    assert_eq!(
        (&end.data["total_votes"], &end.data["version"]),
        (&json!(1), &json!(stack.version(&poll).await))
    );
    assert!(stream.ended().await);
}

#[tokio::test]
async fn a_hidden_end_tells_no_version_and_no_id_finds_it_out() {
    let stack = Stack::start().await;
    let poll = create(&stack, "after_vote").await;
    let gateway = stack.gateway(0).address();
    let voter = token();
    stack.accepted(&poll, &voter, None, poll.ballot(0, 0)).await;
    stack.close(&poll).await;
    open(&stack, 0, &poll).await.next("poll_closed").await;
    let version = stack.version(&poll).await;
    let mut seen = Vec::new();
    for id in ["", "0", &version.to_string(), &(version + 1).to_string()] {
        let mut stream = resume(&stack, 0, &poll, id).await;
        let end = stream.next("poll_closed").await;
        assert_eq!(
            (&end.data, end.last_event_id.as_str()),
            (&json!({"type": "poll_closed", "poll_id": poll.poll_id}), "closed")
        );
        assert!(stream.ended().await);
        seen.push(told(&stream));
    }
    assert!(seen.iter().all(|events| *events == seen[0] && events[0].data["code"] == "results_hidden"));

    // Who has that end needs no other, unless the results are shown by now.
    let last = ("last-event-id", "closed");
    let reply = EventStream::ask(gateway, poll.poll_id, &[last]).await.unwrap_err();
    assert_eq!(reply.status, 204);
    let mut voted =
        EventStream::ask(gateway, poll.poll_id, &[last, ("x-voter-token", &voter)]).await.unwrap();
    assert_eq!(voted.next("poll_closed").await.data["total_votes"], 1);
}
