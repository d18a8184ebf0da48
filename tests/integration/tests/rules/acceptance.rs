//! One voter, one vote: what is accepted, what is the same vote again, and what is refused.

use futures_util::future::join_all;
use pollster_integration::{Client, PollView, Reply, Stack, ballot, cast, lunch, survey, token};
use serde_json::{Value, json};
use uuid::Uuid;

/// Sends the same ballot over so many connections at once.
async fn at_once(stack: &Stack, poll: &PollView, key: Option<&str>, times: usize) -> Vec<Reply> {
    let token = token();
    let clients = join_all((0..times).map(|_| Client::connect(stack.gateway(0).address()))).await;
    let send = async |client| cast(&mut { client }, poll, &token, key, poll.ballot(0, 0)).await;
    join_all(clients.into_iter().map(|client| send(client.unwrap()))).await
}

#[tokio::test]
async fn fifty_duplicates_at_once_count_once() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&lunch()).await;
    let replies = at_once(&stack, &poll, None, 50).await;
    assert_eq!(replies.iter().filter(|reply| reply.status == 202).count(), 1);
    let refused: Vec<_> = replies.iter().filter(|reply| reply.status != 202).collect();
    assert!(refused.iter().all(|reply| reply.status == 409 && reply.code().unwrap() == "already_voted"));
    assert_eq!(stack.assert_exact(&poll).await.total, 1);
}

#[tokio::test]
async fn fifty_retries_under_one_key_count_once_and_get_the_same_answer() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&lunch()).await;
    let replies = at_once(&stack, &poll, Some("key"), 50).await;
    for reply in &replies {
        assert_eq!(reply.status, 202, "{}", reply.text());
        assert_eq!(reply.body, replies[0].body);
    }
    assert_eq!(stack.assert_exact(&poll).await.total, 1);
}

#[tokio::test]
async fn many_voters_at_once_count_once_each() {
    let stack = Stack::builder().gateways(2).aggregators(2).start().await;
    let poll = stack.create_poll(&lunch()).await;
    let vote = async |number: usize| {
        let mut client = stack.client(number % 2);
        for _ in 0..20 {
            let reply = cast(&mut client, &poll, &token(), None, poll.ballot(0, number % 2)).await;
            assert_eq!(reply.status, 202, "{}", reply.text());
        }
    };
    join_all((0..20).map(vote)).await;
    let counts = stack.assert_exact(&poll).await;
    assert_eq!(counts.total, 400);
    for choice in &poll.questions[0].choices {
        assert_eq!(counts.results[&format!("choice:{}", choice.choice_id)], 200);
    }
}

#[tokio::test]
async fn a_vote_is_told_back() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&survey()).await;
    let reply = stack.vote(&poll, &token(), None, ballot(&poll, &[(2, &[3, 0]), (0, &[1])])).await;
    assert_eq!(reply.status, 202);
    assert_eq!(reply.headers["content-type"], "application/json");
    let vote: Value = reply.json().unwrap();
    assert!(vote["vote_id"].as_str().unwrap().parse::<Uuid>().is_ok());
    let choice = |question: usize, choice: usize| poll.questions[question].choices[choice].choice_id;
    let expected = json!([
        {"question_id": poll.questions[0].question_id, "choice_ids": [choice(0, 1)]},
        {"question_id": poll.questions[2].question_id, "choice_ids": [choice(2, 0), choice(2, 3)]},
    ]);
    assert_eq!(vote["answers"], expected);
}

#[tokio::test]
async fn a_key_used_with_another_ballot_is_refused() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&survey()).await;
    let voter = token();
    stack.accepted(&poll, &voter, Some("key"), poll.ballot(0, 0)).await;
    let others = [
        poll.ballot(0, 1),
        // Of another question, and with another beside the first.
        poll.ballot(1, 0),
        ballot(&poll, &[(0, &[0]), (1, &[0])]),
    ];
    for other in others {
        let reply = stack.vote(&poll, &voter, Some("key"), other).await;
        assert_eq!((reply.status.as_u16(), reply.code().as_deref()), (422, Some("idempotency_mismatch")));
    }
    // A key is a voter's and a poll's own.
    stack.accepted(&poll, &token(), Some("key"), poll.ballot(0, 1)).await;
    let another = stack.create_poll(&lunch()).await;
    stack.accepted(&another, &voter, Some("key"), another.ballot(0, 1)).await;
    assert_eq!(stack.assert_exact(&poll).await.total, 2);
    assert_eq!(stack.assert_exact(&another).await.total, 1);
}

#[tokio::test]
async fn the_form_and_order_of_a_ballot_do_not_make_it_another() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&survey()).await;
    let voter = token();
    let first = stack.vote(&poll, &voter, Some("key"), ballot(&poll, &[(0, &[0]), (2, &[1, 2])])).await;
    let again = stack.vote(&poll, &voter, Some("key"), ballot(&poll, &[(2, &[2, 1]), (0, &[0])])).await;
    assert_eq!((first.status.as_u16(), again.status.as_u16()), (202, 202));
    assert_eq!(first.body, again.body);
    let voter = token();
    let single = stack.vote(&poll, &voter, Some("key"), poll.ballot(0, 1)).await;
    let listed = stack.vote(&poll, &voter, Some("key"), ballot(&poll, &[(0, &[1])])).await;
    assert_eq!(single.body, listed.body);
    assert_eq!(stack.assert_exact(&poll).await.total, 3);
}

#[tokio::test]
async fn a_second_vote_with_another_choice_is_refused() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&lunch()).await;
    let voter = token();
    stack.accepted(&poll, &voter, None, poll.ballot(0, 0)).await;
    for key in [None, Some("key")] {
        let reply = stack.vote(&poll, &voter, key, poll.ballot(0, 1)).await;
        assert_eq!((reply.status.as_u16(), reply.code().as_deref()), (409, Some("already_voted")));
        let problem: Value = reply.json().unwrap();
        assert_eq!(problem["questions"], json!([poll.questions[0].question_id]));
    }
    let counts = stack.assert_exact(&poll).await;
    assert_eq!(counts.results[&format!("choice:{}", poll.questions[0].choices[0].choice_id)], 1);
    assert_eq!(counts.results[&format!("choice:{}", poll.questions[0].choices[1].choice_id)], 0);
}

#[tokio::test]
async fn a_token_is_the_same_in_any_spelling() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&lunch()).await;
    let voter = token();
    stack.accepted(&poll, &voter, None, poll.ballot(0, 0)).await;
    for spelling in [voter.to_uppercase(), voter.replace('-', "")] {
        let reply = stack.vote(&poll, &spelling, None, poll.ballot(0, 0)).await;
        assert_eq!(reply.code().as_deref(), Some("already_voted"), "{spelling}");
    }
    assert_eq!(stack.assert_exact(&poll).await.total, 1);
}
