//! Polls on which votes may be changed.

use hyper::Method;
use pollster_integration::{DEADLINE, PollView, Reply, Stack, lunch, token, wait_until};

use super::{confirmed, is, lose_redis, status};
use crate::changes::changeable;

/// Sends a change or a revoke.
async fn send(stack: &Stack, poll: &PollView, method: Method, voter: &str, body: &str) -> Reply {
    let headers =
        [("content-type", "application/json"), ("x-voter-token", voter), ("idempotency-key", "next")];
    stack.request(method, &poll.votes_path().to_string(), &headers, body).await
}

/// The name of a choice of the first question among counts.
fn choice(poll: &PollView, position: usize) -> String {
    format!("choice:{}", poll.questions[0].choices[position].choice_id)
}

#[tokio::test]
async fn changes_and_revokes_wait_for_redis_and_change_nothing() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&changeable(lunch())).await;
    let (stays, revoked) = (token(), token());
    for voter in [&stays, &revoked] {
        stack.accepted(&poll, voter, Some("first"), poll.ballot(0, 0)).await;
    }
    let send = async |method, voter: &str, body: &str| send(&stack, &poll, method, voter, body).await;
    assert_eq!(send(Method::DELETE, &revoked, "").await.status, 202);
    stack.drained().await;
    lose_redis(&stack).await;

    let (to_thai, to_pizza) = (poll.ballot(0, 0), poll.ballot(0, 1));
    for (method, body) in [(Method::PUT, std::str::from_utf8(&to_pizza).unwrap()), (Method::DELETE, "")] {
        let refused = send(method, &stays, body).await;
        is(&refused, 503, Some("unavailable"));
        assert!(refused.headers.contains_key("retry-after"));
    }
    is(&stack.vote(&poll, &stays, Some("other"), poll.ballot(0, 1)).await, 409, Some("already_voted"));
    // Whoever votes again after a revoke changes the vote, which waits too.
    is(&stack.vote(&poll, &revoked, Some("other"), poll.ballot(0, 1)).await, 503, Some("overloaded"));
    let fresh = token();
    confirmed(&stack, &poll, &fresh, "first", poll.ballot(0, 1)).await;

    stack.redis().restart().await;
    wait_until("the change is taken", DEADLINE, async || {
        let body = std::str::from_utf8(&to_thai).unwrap();
        (send(Method::PUT, &fresh, body).await.status == 202).then_some(())
    })
    .await;
    let counts = stack.assert_exact(&poll).await;
    assert_eq!((counts.total, counts.results[&choice(&poll, 0)]), (2, 2), "who stays, and who came");
}

#[tokio::test]
async fn what_was_accepted_before_a_direct_vote_and_is_counted_after_it_does_not_replace_it() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&changeable(lunch())).await;
    let (revokes, changes) = (token(), token());
    // These wait in the stream.
    stack.aggregator(0).kill().await;
    for voter in [&revokes, &changes] {
        stack.accepted(&poll, voter, Some("first"), poll.ballot(0, 0)).await;
    }
    assert_eq!(send(&stack, &poll, Method::DELETE, &revokes, "").await.status, 202);
    let to_thai = poll.ballot(0, 0);
    let to_thai = std::str::from_utf8(&to_thai).unwrap();
    assert_eq!(send(&stack, &poll, Method::PUT, &changes, to_thai).await.status, 202);
    lose_redis(&stack).await;
    for voter in [&revokes, &changes] {
        let vote_id = confirmed(&stack, &poll, voter, "last", poll.ballot(0, 1)).await;
        assert_eq!(status(&stack, &poll, voter, &vote_id).await, "confirmed");
    }
    stack.redis().restart().await;
    stack.aggregator(0).restart().await;
    let counts = stack.assert_exact(&poll).await;
    assert_eq!((counts.total, counts.results[&choice(&poll, 1)]), (2, 2));
    assert_eq!(stack.aggregator(0).metric("pollster_dead_letters_total").await, 0.0);
}
