//! What became of a vote, for its own voter.

use pollster_integration::{DEADLINE, PollView, Stack, ballot, lunch, survey, token, wait_until};
use serde_json::Value;
use uuid::Uuid;

async fn status(stack: &Stack, poll: &PollView, voter: &str, vote_id: &str) -> Value {
    let reply = stack.vote_status(poll, voter, vote_id).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.json().unwrap()
}

async fn becomes(stack: &Stack, poll: &PollView, voter: &str, vote_id: &str, wanted: &str) -> Value {
    wait_until(&format!("the vote reads {wanted}"), DEADLINE, async || {
        Some(status(stack, poll, voter, vote_id).await).filter(|answer| answer["status"] == wanted)
    })
    .await
}

#[tokio::test]
async fn a_vote_reads_accepted_until_it_is_counted_then_confirmed() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&survey()).await;
    stack.aggregator(0).stop().await;
    let voter = token();
    let first = stack.accepted(&poll, &voter, None, poll.ballot(0, 0)).await;
    let second = stack.accepted(&poll, &voter, None, ballot(&poll, &[(1, &[0]), (2, &[0, 1])])).await;
    assert_ne!(first, second);
    for vote_id in [&first, &second] {
        let answer = status(&stack, &poll, &voter, vote_id).await;
        assert_eq!(answer["status"], "accepted");
        assert_eq!(answer["vote_id"], **vote_id);
    }
    stack.aggregator(0).cont().await;
    for vote_id in [&first, &second] {
        let answer = becomes(&stack, &poll, &voter, vote_id, "confirmed").await;
        assert_eq!(answer["reason"], Value::Null);
    }
    stack.assert_exact(&poll).await;
}

#[tokio::test]
async fn only_the_voter_finds_the_vote_and_only_on_its_poll() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&lunch()).await;
    let other_poll = stack.create_poll(&lunch()).await;
    let voter = token();
    let vote_id = stack.accepted(&poll, &voter, None, poll.ballot(0, 0)).await;
    assert_eq!(stack.vote_status(&poll, &voter, &vote_id).await.status, 200);

    let mut forged = vote_id.parse::<Uuid>().unwrap().as_u128();
    forged ^= 1;
    let forged = Uuid::from_u128(forged).to_string();
    let unknown = Uuid::now_v7().to_string();
    let stranger = token();
    for (poll, voter, vote_id) in [
        (&poll, &voter, &forged),
        (&poll, &voter, &unknown),
        (&poll, &voter, &"nonsense".to_owned()),
        (&poll, &stranger, &vote_id),
        (&other_poll, &voter, &vote_id),
    ] {
        let reply = stack.vote_status(poll, voter, vote_id).await;
        assert_eq!((reply.status.as_u16(), reply.code().as_deref()), (404, Some("vote_not_found")));
    }
    let nobody = stack.get(&format!("{}/{vote_id}", poll.votes_path())).await;
    assert_eq!((nobody.status.as_u16(), nobody.code().as_deref()), (401, Some("unauthenticated")));
}

#[tokio::test]
async fn a_second_vote_that_an_emptied_redis_accepts_is_rejected() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&lunch()).await;
    let voter = token();
    let first = stack.accepted(&poll, &voter, Some("first"), poll.ballot(0, 0)).await;
    becomes(&stack, &poll, &voter, &first, "confirmed").await;
    stack.redis().flush().await;

    let second = stack.accepted(&poll, &voter, Some("second"), poll.ballot(0, 1)).await;
    let answer = becomes(&stack, &poll, &voter, &second, "rejected").await;
    assert_eq!(answer["reason"], "already_voted");
    assert_eq!(status(&stack, &poll, &voter, &first).await["status"], "confirmed");
    let counts = stack.assert_exact(&poll).await;
    assert_eq!(counts.results[&format!("choice:{}", poll.questions[0].choices[0].choice_id)], 1);
    assert_eq!(counts.total, 1);
    assert_eq!(stack.aggregator(0).metric("pollster_accepted_then_refused_total").await, 1.0);
}

#[tokio::test]
async fn a_retry_that_an_emptied_redis_accepts_counts_no_second_time() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&lunch()).await;
    let voter = token();
    let first = stack.vote(&poll, &voter, Some("key"), poll.ballot(0, 0)).await;
    stack.drained().await;
    stack.redis().flush().await;
    let again = stack.vote(&poll, &voter, Some("key"), poll.ballot(0, 0)).await;
    assert_eq!((again.status, &again.body), (first.status, &first.body));
    assert_eq!(stack.assert_exact(&poll).await.total, 1);
    assert_eq!(stack.aggregator(0).metric("pollster_responses_duplicate_total").await, 1.0);
    assert_eq!(stack.aggregator(0).metric("pollster_accepted_then_refused_total").await, 0.0);
}
