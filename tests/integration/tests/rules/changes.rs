//! Votes that may be changed and revoked.

mod concurrency;

use pollster_integration::{DEADLINE, PollView, Reply, Stack, lunch, survey, token, wait_until};
use serde_json::{Value, json};

/// `poll` with votes that may be changed.
pub(crate) fn changeable(mut poll: Value) -> Value {
    poll["settings"] = json!({"allow_vote_change": true});
    poll
}

/// Sends a vote by `method` under a key.
async fn send(stack: &Stack, method: &str, poll: &PollView, voter: &str, key: &str, body: &str) -> Reply {
    let headers = [("content-type", "application/json"), ("x-voter-token", voter), ("idempotency-key", key)];
    let method = method.parse().unwrap();
    stack.request(method, &poll.votes_path().to_string(), &headers, body).await
}

pub(crate) async fn change(stack: &Stack, poll: &PollView, voter: &str, key: &str, choice: usize) -> Reply {
    let body = poll.ballot(0, choice);
    send(stack, "PUT", poll, voter, key, std::str::from_utf8(&body).unwrap()).await
}

pub(crate) async fn revoke(stack: &Stack, poll: &PollView, voter: &str, key: &str) -> Reply {
    send(stack, "DELETE", poll, voter, key, "").await
}

pub(crate) fn is(reply: &Reply, status: u16, code: Option<&str>) {
    assert_eq!((reply.status.as_u16(), reply.code().as_deref()), (status, code), "{}", reply.text());
}

/// Votes of the choices of the first question, once everything is processed.
async fn votes(stack: &Stack, poll: &PollView) -> Vec<u64> {
    stack.assert_exact(poll).await;
    stack.results(poll).await.questions[0].choices.iter().map(|choice| choice.votes).collect()
}

/// The audit view of the poll's first question: kind, old and new choices, in order.
async fn audit(stack: &Stack, poll: &PollView) -> Vec<(String, Option<i64>, Option<i64>)> {
    let rows = stack
        .database()
        .connect()
        .await
        .query(
            "SELECT kind, old_choices, new_choices, at, address FROM vote_audit_log \
             JOIN questions q ON q.id = question WHERE q.question_id = $1 ORDER BY event_order",
            &[&poll.questions[0].question_id],
        )
        .await
        .unwrap();
    let address = |row: &tokio_postgres::Row| row.get::<_, Option<i64>>("address");
    assert!(rows.iter().all(|row| address(row).is_some() && address(row) == address(&rows[0])));
    rows.iter().map(|row| (row.get(0), row.get(1), row.get(2))).collect()
}

#[tokio::test]
async fn a_change_moves_the_vote_and_a_revoke_takes_it_back() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&changeable(lunch())).await;
    let (voter, other) = (token(), token());
    stack.accepted(&poll, &other, None, poll.ballot(0, 0)).await;
    stack.accepted(&poll, &voter, Some("1"), poll.ballot(0, 0)).await;
    assert_eq!(votes(&stack, &poll).await, [2, 0]);

    is(&change(&stack, &poll, &voter, "2", 1).await, 202, None);
    assert_eq!(votes(&stack, &poll).await, [1, 1]);

    let revoked = revoke(&stack, &poll, &voter, "3").await;
    is(&revoked, 202, None);
    let receipt: Value = revoked.json().unwrap();
    let nothing = json!([{"question_id": poll.questions[0].question_id, "choice_ids": []}]);
    assert_eq!((&receipt["status"], &receipt["answers"]), (&json!("accepted"), &nothing));
    assert_eq!(votes(&stack, &poll).await, [1, 0]);

    // Revoked is not voted: a cast is taken again.
    stack.accepted(&poll, &voter, Some("4"), poll.ballot(0, 1)).await;
    assert_eq!(votes(&stack, &poll).await, [1, 1]);
    let audited = audit(&stack, &poll).await;
    let cast = |kind: &str, old, new| (kind.to_owned(), old, new);
    assert_eq!(
        audited,
        [
            cast("cast", None, Some(1)),
            cast("cast", None, Some(1)),
            cast("changed", Some(1), Some(2)),
            cast("revoked", Some(2), None),
            cast("cast", None, Some(2)),
        ]
    );
}

#[tokio::test]
async fn a_second_cast_is_refused_also_where_votes_may_be_changed() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&changeable(lunch())).await;
    let voter = token();
    stack.accepted(&poll, &voter, Some("1"), poll.ballot(0, 0)).await;
    is(&stack.vote(&poll, &voter, Some("2"), poll.ballot(0, 1)).await, 409, Some("already_voted"));
    is(&change(&stack, &poll, &voter, "3", 1).await, 202, None);
    is(&stack.vote(&poll, &voter, Some("4"), poll.ballot(0, 0)).await, 409, Some("already_voted"));
    assert_eq!(votes(&stack, &poll).await, [0, 1]);
}

#[tokio::test]
async fn a_change_without_an_earlier_vote_is_a_vote() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&changeable(lunch())).await;
    is(&change(&stack, &poll, &token(), "1", 1).await, 202, None);
    assert_eq!(votes(&stack, &poll).await, [0, 1]);
    assert_eq!(audit(&stack, &poll).await, [("cast".to_owned(), None, Some(2))]);
}

#[tokio::test]
async fn there_is_nothing_to_revoke_before_a_vote_and_after_a_revoke() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&changeable(survey())).await;
    let voter = token();
    is(&revoke(&stack, &poll, &voter, "1").await, 404, Some("vote_not_found"));
    stack.accepted(&poll, &voter, None, poll.ballot(1, 0)).await;
    is(&revoke(&stack, &poll, &voter, "2").await, 202, None);
    stack.drained().await;
    is(&revoke(&stack, &poll, &voter, "3").await, 404, Some("vote_not_found"));
    assert_eq!(stack.assert_exact(&poll).await.total, 0);
}

#[tokio::test]
async fn final_votes_are_neither_changed_nor_revoked() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&lunch()).await;
    let voter = token();
    stack.accepted(&poll, &voter, None, poll.ballot(0, 0)).await;
    is(&change(&stack, &poll, &voter, "1", 1).await, 403, Some("forbidden"));
    is(&revoke(&stack, &poll, &voter, "2").await, 403, Some("forbidden"));
    assert_eq!(votes(&stack, &poll).await, [1, 0]);
}

#[tokio::test]
async fn a_closed_poll_takes_no_changes_but_answers_retries() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&changeable(lunch())).await;
    let voter = token();
    stack.accepted(&poll, &voter, Some("1"), poll.ballot(0, 0)).await;
    let changed = change(&stack, &poll, &voter, "2", 1).await;
    assert_eq!(stack.close(&poll).await.status, 200);
    is(&change(&stack, &poll, &voter, "3", 0).await, 409, Some("poll_closed"));
    is(&revoke(&stack, &poll, &voter, "4").await, 409, Some("poll_closed"));
    let again = change(&stack, &poll, &voter, "2", 1).await;
    assert_eq!((again.status, &again.body), (changed.status, &changed.body));
    let results = stack.final_results(&poll).await;
    assert_eq!(results.questions[0].choices[1].votes, 1);
    assert_eq!(results.total_votes, 1);
}

#[tokio::test]
async fn a_late_retry_of_an_earlier_change_does_not_come_back() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&changeable(lunch())).await;
    let voter = token();
    let first = stack.vote(&poll, &voter, Some("1"), poll.ballot(0, 0)).await;
    let second = change(&stack, &poll, &voter, "2", 1).await;
    is(&change(&stack, &poll, &voter, "3", 0).await, 202, None);
    let revoked = revoke(&stack, &poll, &voter, "4").await;
    for (again, before) in [
        (stack.vote(&poll, &voter, Some("1"), poll.ballot(0, 0)).await, first),
        (change(&stack, &poll, &voter, "2", 1).await, second),
        (revoke(&stack, &poll, &voter, "4").await, revoked),
    ] {
        assert_eq!((again.status, &again.body), (before.status, &before.body));
    }
    is(&change(&stack, &poll, &voter, "2", 0).await, 422, Some("idempotency_mismatch"));
    assert_eq!(votes(&stack, &poll).await, [0, 0]);
    assert_eq!(audit(&stack, &poll).await.len(), 4);
}

#[tokio::test]
async fn a_change_of_one_answer_leaves_the_others() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&changeable(survey())).await;
    let voter = token();
    let all = pollster_integration::ballot(&poll, &[(0, &[0]), (1, &[2]), (2, &[0, 1])]);
    stack.accepted(&poll, &voter, None, all).await;
    is(&change(&stack, &poll, &voter, "1", 1).await, 202, None);
    assert_eq!(votes(&stack, &poll).await, [0, 1]);
    let results = stack.results(&poll).await;
    assert_eq!((results.total_votes, results.questions[1].choices[2].votes), (3, 1));

    let headers = [("x-voter-token", voter.as_str())];
    let path = format!("/api/v1/polls/{}", poll.slug);
    let read = stack.request(hyper::Method::GET, &path, &headers, "").await;
    let voted = read.json::<Value>().unwrap()["voted"].clone();
    let chosen = |question: usize| voted[poll.questions[question].question_id.to_string()].clone();
    assert_eq!(chosen(0), json!([poll.questions[0].choices[1].choice_id]));
    assert_eq!(chosen(1), json!([poll.questions[1].choices[2].choice_id]));

    is(&revoke(&stack, &poll, &voter, "2").await, 202, None);
    assert_eq!(stack.assert_exact(&poll).await.total, 0);
}

#[tokio::test]
async fn a_replaced_vote_reads_confirmed_and_replaced() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&changeable(lunch())).await;
    let voter = token();
    let first = stack.accepted(&poll, &voter, None, poll.ballot(0, 0)).await;
    stack.drained().await;
    let second: Value = change(&stack, &poll, &voter, "1", 1).await.json().unwrap();
    for (vote_id, reason) in
        [(first.as_str(), json!("replaced")), (second["vote_id"].as_str().unwrap(), Value::Null)]
    {
        let wanted = json!({"vote_id": vote_id, "status": "confirmed", "reason": reason});
        wait_until(&format!("a vote reads {wanted}"), DEADLINE, async || {
            let status: Value = stack.vote_status(&poll, &voter, vote_id).await.json().unwrap();
            (status == wanted).then_some(())
        })
        .await;
    }
}

#[tokio::test]
async fn an_emptied_redis_brings_no_old_vote_back() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&changeable(lunch())).await;
    let (voter, leaver) = (token(), token());
    for voter in [&voter, &leaver] {
        stack.accepted(&poll, voter, Some("1"), poll.ballot(0, 0)).await;
        is(&change(&stack, &poll, voter, "2", 1).await, 202, None);
    }
    stack.drained().await;
    stack.redis().flush().await;
    // The first cast, sent again, and another one: neither replaces the change.
    is(&stack.vote(&poll, &voter, Some("1"), poll.ballot(0, 0)).await, 202, None);
    assert_eq!(votes(&stack, &poll).await, [0, 2]);
    stack.redis().flush().await;
    let refused = stack.accepted(&poll, &voter, Some("5"), poll.ballot(0, 0)).await;
    assert_eq!(votes(&stack, &poll).await, [0, 2]);
    let status: Value = stack.vote_status(&poll, &voter, &refused).await.json().unwrap();
    assert_eq!((&status["status"], &status["reason"]), (&json!("rejected"), &json!("already_voted")));
    // What PostgreSQL knows can be revoked though Redis forgot it.
    is(&revoke(&stack, &poll, &leaver, "3").await, 202, None);
    assert_eq!(votes(&stack, &poll).await, [0, 1]);
}
