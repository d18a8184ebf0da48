//! A deleted poll is found on no way.

use bytes::Bytes;
use hyper::Method;
use pollster_integration::{
    EventStream, PollView, Stack, Viewer, assert_documented, ballot, lunch, survey, token,
};
use serde_json::json;

use super::{delete, has_row, is_removed};
use crate::errors::assert_problem;

/// A voter whom every gateway knows.
struct Voter {
    token: String,
    vote_id: String,
}

/// Asks a gateway for the poll in every way there is; none may find it.
async fn assert_gone(stack: &Stack, gateway: usize, poll: &PollView, voter: &Voter) {
    let manage = poll.manage_token.as_deref().unwrap();
    let base = format!("/api/v1/polls/{}", poll.poll_id);
    let (votes, slug) = (format!("{base}/votes"), format!("/api/v1/polls/{}", poll.slug));
    let own = String::from_utf8(ballot(poll, &[(0, &[0])]).to_vec()).unwrap();
    let (invalid, empty) = (r#"{"answers": []}"#.to_owned(), String::new());
    let vote_id = format!("{votes}/{}", voter.vote_id);
    let mut asked = [
        (Method::GET, &base, &empty),
        (Method::GET, &slug, &empty),
        (Method::GET, &format!("{base}/results"), &empty),
        (Method::GET, &format!("{base}/events"), &empty),
        (Method::GET, &vote_id, &empty),
        // The same key as before: no answer outlives the poll.
        (Method::POST, &votes, &own),
        (Method::POST, &votes, &invalid),
        (Method::PUT, &votes, &own),
        (Method::DELETE, &votes, &empty),
        (Method::POST, &format!("{base}/close"), &empty),
        (Method::DELETE, &base, &empty),
    ];
    // What is asked first meets a gateway that still holds the definition: a vote in each way.
    asked.rotate_left(4 + gateway);
    let headers = [
        ("content-type", "application/json"),
        ("x-voter-token", &voter.token),
        ("idempotency-key", "key"),
        ("x-manage-token", manage),
    ];
    for (method, path, body) in asked {
        let body = Bytes::copy_from_slice(body.as_bytes());
        let reply =
            stack.client(gateway).request(method.clone(), path, &headers, body.clone()).await.unwrap();
        assert_documented(&method, path, &body, &reply);
        assert_problem(&format!("{method} {path} {body:?}"), &reply, 404, "poll_not_found");
    }
    let stranger = [("content-type", "application/json"), ("x-voter-token", &token())];
    let body = Bytes::from(own);
    let reply = stack.client(gateway).request(Method::POST, &votes, &stranger, body).await.unwrap();
    assert_problem("a new voter", &reply, 404, "poll_not_found");
    let mut viewer = Viewer::connect(stack.gateway(gateway).address()).await;
    viewer.subscribe(poll.poll_id, None).await;
    assert_eq!(viewer.next("error").await["code"], "poll_not_found");
    viewer.ping().await;
    assert!(viewer.frames_of("results").is_empty());
}

#[tokio::test]
async fn a_deleted_poll_is_gone_at_once_on_every_route_of_every_gateway() {
    let stack = Stack::builder().gateways(4).start().await;
    let mut draft = survey();
    draft["settings"] = json!({"allow_vote_change": true});
    let (poll, other) = (stack.create_poll(&draft).await, stack.create_poll(&lunch()).await);
    let token = token();
    let vote_id = stack.accepted(&poll, &token, Some("key"), ballot(&poll, &[(0, &[0])])).await;
    let voter = Voter { token, vote_id };
    stack.accepted(&other, &voter.token, None, other.ballot(0, 0)).await;
    // Each gateway knows the poll by both names.
    for gateway in 0..4 {
        for name in [poll.poll_id.to_string(), poll.slug.clone()] {
            assert_eq!(
                stack.client(gateway).get(&format!("/api/v1/polls/{name}")).await.unwrap().status,
                200
            );
        }
    }
    // Its row stays, so that what is asked is whether it is gone for clients.
    stack.background().stop().await;
    assert_eq!(delete(&stack, &poll).await.status, 204);
    for gateway in [1, 2, 3, 0] {
        assert_gone(&stack, gateway, &poll, &voter).await;
    }
    assert!(has_row(&stack, &poll).await);
    stack.background().cont().await;
    is_removed(&stack, &poll).await;
    for gateway in [1, 2, 3, 0] {
        assert_gone(&stack, gateway, &poll, &voter).await;
    }
    assert_eq!(stack.assert_exact(&other).await.total, 1);
}

#[tokio::test]
async fn without_redis_a_deleted_poll_is_gone_too() {
    let stack = Stack::builder().gateways(2).start().await;
    let poll = stack.create_poll(&lunch()).await;
    let base = format!("/api/v1/polls/{}", poll.poll_id);
    for gateway in 0..2 {
        assert_eq!(stack.client(gateway).get(&base).await.unwrap().status, 200);
    }
    stack.redis().kill().await;
    assert_eq!(delete(&stack, &poll).await.status, 204);
    for path in [base.clone(), format!("{base}/results"), format!("{base}/events")] {
        let reply = stack.client(1).get(&path).await.unwrap();
        assert_problem(&path, &reply, 404, "poll_not_found");
    }
    // What could not be told then is told once Redis is back, whatever it remembers.
    stack.redis().restart().await;
    is_removed(&stack, &poll).await;
    let reply = EventStream::ask(stack.gateway(1).address(), poll.poll_id, &[]).await.unwrap_err();
    assert_problem("afterwards", &reply, 404, "poll_not_found");
}
