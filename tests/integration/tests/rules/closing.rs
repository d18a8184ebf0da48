//! The end of a poll: what was accepted before it counts, nothing after it does.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use chrono::{SecondsFormat, TimeDelta, Utc};
use futures_util::future::join_all;
use hyper::Method;
use pollster_integration::{DEADLINE, PollView, Stack, Viewer, cast, lunch, token, wait_until};
use serde_json::{Value, json};

fn after(milliseconds: i64) -> Value {
    let at = Utc::now() + TimeDelta::milliseconds(milliseconds);
    json!(at.to_rfc3339_opts(SecondsFormat::Micros, true))
}

async fn refused_as(stack: &Stack, poll: &PollView, key: Option<&str>, code: &str) {
    let reply = stack.vote(poll, &token(), key, poll.ballot(0, 0)).await;
    assert_eq!((reply.status.as_u16(), reply.code().as_deref()), (409, Some(code)));
}

/// Waits until the background has looked at every poll that is closing: it takes them in the order of their
/// ids, and this makes one more, closed by somebody who died right after the commit.
pub(crate) async fn a_round_of_the_closing_job(stack: &Stack) {
    let database = stack.database().connect().await;
    let last = stack.create_poll(&lunch()).await.poll_id;
    database.execute("UPDATE polls SET closed_at = now() WHERE poll_id = $1", &[&last]).await.unwrap();
    wait_until("a closing left half-way is taken up", DEADLINE, async || {
        let taken_up = "SELECT closing_ids IS NOT NULL FROM polls WHERE poll_id = $1";
        database.query_one(taken_up, &[&last]).await.unwrap().get::<_, bool>(0).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_vote_accepted_before_the_close_counts_however_late_it_is_processed() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&lunch()).await;
    stack.aggregator(0).stop().await;
    let voter = token();
    let vote_id = stack.accepted(&poll, &voter, Some("key"), poll.ballot(0, 0)).await;
    assert_eq!(stack.close(&poll).await.status, 200);
    refused_as(&stack, &poll, None, "poll_closed").await;
    refused_as(&stack, &poll, Some("key"), "poll_closed").await;
    // A retry gets its first answer also while nobody but Redis knows of it.
    assert_eq!(stack.accepted(&poll, &voter, Some("key"), poll.ballot(0, 0)).await, vote_id);
    // Closed at once, but not final before the vote is counted.
    a_round_of_the_closing_job(&stack).await;
    let results = stack.results(&poll).await;
    assert_eq!((results.status.as_str(), results.is_final, results.total_votes), ("closed", false, 0));
    stack.aggregator(0).cont().await;
    assert_eq!(stack.final_results(&poll).await.total_votes, 1);
    assert_eq!(stack.assert_exact(&poll).await.total, 1);
}

#[tokio::test]
async fn what_64_connections_were_told_accepted_while_the_poll_closed_is_what_counts() {
    let stack = Stack::builder().gateways(2).aggregators(2).start().await;
    let poll = stack.create_poll(&lunch()).await;
    let accepted = AtomicUsize::new(0);
    let voting = join_all((0..64).map(async |number| {
        let mut client = stack.client(number % 2);
        loop {
            let reply = cast(&mut client, &poll, &token(), None, poll.ballot(0, number % 2)).await;
            match reply.status.as_u16() {
                202 => accepted.fetch_add(1, Ordering::Relaxed),
                409 => return assert_eq!(reply.code().as_deref(), Some("poll_closed")),
                _ => panic!("{}", reply.text()),
            };
        }
    }));
    let closing = async {
        let busy = async || (accepted.load(Ordering::Relaxed) > 200).then_some(());
        wait_until("votes come in", DEADLINE, busy).await;
        assert_eq!(stack.close(&poll).await.status, 200);
        accepted.load(Ordering::Relaxed)
    };
    tokio::join!(voting, closing);
    let results = stack.final_results(&poll).await;
    assert_eq!(results.total_votes as usize, accepted.load(Ordering::Relaxed));
    assert_eq!(stack.assert_exact(&poll).await.total as usize, accepted.load(Ordering::Relaxed));
}

#[tokio::test]
async fn a_retry_after_the_close_gets_its_first_answer() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&lunch()).await;
    let voter = token();
    let first = stack.vote(&poll, &voter, Some("key"), poll.ballot(0, 1)).await;
    assert_eq!(first.status, 202);
    assert_eq!(stack.close(&poll).await.status, 200);
    stack.final_results(&poll).await;
    let again = stack.vote(&poll, &voter, Some("key"), poll.ballot(0, 1)).await;
    assert_eq!((again.status, &again.body), (first.status, &first.body));

    // Also where Redis remembers nothing of it.
    stack.redis().flush().await;
    let again = stack.vote(&poll, &voter, Some("key"), poll.ballot(0, 1)).await;
    assert_eq!((again.status, &again.body), (first.status, &first.body));
    refused_as(&stack, &poll, None, "poll_closed").await;
    refused_as(&stack, &poll, Some("key"), "poll_closed").await;
    let other = stack.vote(&poll, &voter, Some("other"), poll.ballot(0, 1)).await;
    assert_eq!(other.code().as_deref(), Some("poll_closed"));
    assert_eq!(stack.assert_exact(&poll).await.total, 1);
}

#[tokio::test]
async fn a_poll_that_has_not_started_takes_no_vote() {
    let stack = Stack::start().await;
    let mut definition = lunch();
    definition["starts_at"] = after(3_600_000);
    let poll = stack.create_poll(&definition).await;
    assert_eq!(poll.status, "scheduled");
    refused_as(&stack, &poll, None, "poll_not_started").await;
    refused_as(&stack, &poll, Some("key"), "poll_not_started").await;
    assert_eq!(stack.results(&poll).await.status, "scheduled");
    assert_eq!(stack.assert_exact(&poll).await.total, 0);
}

#[tokio::test]
async fn a_scheduled_poll_starts_by_itself() {
    let stack = Stack::start().await;
    let mut definition = lunch();
    definition["starts_at"] = after(1500);
    let poll = stack.create_poll(&definition).await;
    refused_as(&stack, &poll, None, "poll_not_started").await;
    let voter = token();
    wait_until("the poll takes votes", DEADLINE, async || {
        let reply = stack.vote(&poll, &voter, None, poll.ballot(0, 0)).await;
        (reply.status == 202).then_some(())
    })
    .await;
    assert_eq!(stack.results(&poll).await.status, "active");
    assert_eq!(stack.assert_exact(&poll).await.total, 1);
}

#[tokio::test]
async fn a_poll_closes_at_its_end_and_is_final_soon_after() {
    let stack = Stack::start().await;
    let mut definition = lunch();
    // The shards' marks are in whole milliseconds.
    let ends = Instant::now() + Duration::from_millis(1999);
    definition["ends_at"] = after(2000);
    let poll = stack.create_poll(&definition).await;
    let mut client = stack.client(0);
    let mut accepted = 0;
    let closed = loop {
        let reply = cast(&mut client, &poll, &token(), None, poll.ballot(0, 0)).await;
        if reply.status != 202 {
            break reply;
        }
        accepted += 1;
        assert!(ends.elapsed() < DEADLINE, "it never closes");
    };
    assert_eq!((closed.status.as_u16(), closed.code().as_deref()), (409, Some("poll_closed")));
    assert!(Instant::now() >= ends, "closed before its end");
    assert!(accepted > 0, "no vote came before the end");
    assert_eq!(stack.results(&poll).await.status, "closed");
    assert_eq!(stack.final_results(&poll).await.total_votes, accepted);
    assert!(ends.elapsed() < Duration::from_secs(4), "final after {:?}", ends.elapsed());
    let view: Value = stack.get(&format!("/api/v1/polls/{}", poll.poll_id)).await.json().unwrap();
    assert_eq!(view["status"], "closed");
    assert!(view["closed_at"].is_string());
    assert_eq!(stack.assert_exact(&poll).await.total as u64, accepted);
}

#[tokio::test]
async fn a_poll_past_its_end_takes_no_vote_without_any_background_program() {
    let stack = Stack::builder().without_background().start().await;
    let mut definition = lunch();
    definition["ends_at"] = after(1000);
    let poll = stack.create_poll(&definition).await;
    wait_until("its end", DEADLINE, async || (stack.results(&poll).await.status == "closed").then_some(()))
        .await;
    refused_as(&stack, &poll, None, "poll_closed").await;
    refused_as(&stack, &poll, Some("key"), "poll_closed").await;
}

#[tokio::test]
async fn only_the_manage_token_closes_and_closing_twice_is_no_error() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&lunch()).await;
    let path = format!("/api/v1/polls/{}/close", poll.poll_id);
    let missing = stack.request(Method::POST, &path, &[], "").await;
    assert_eq!((missing.status.as_u16(), missing.code().as_deref()), (401, Some("unauthenticated")));
    let other = stack.create_poll(&lunch()).await.manage_token.unwrap();
    for wrong in ["wrong", &other, ""] {
        let reply = stack.request(Method::POST, &path, &[("x-manage-token", wrong)], "").await;
        assert_eq!((reply.status.as_u16(), reply.code().as_deref()), (403, Some("forbidden")), "{wrong:?}");
    }
    assert_eq!(stack.results(&poll).await.status, "active");

    let first: Value = stack.close(&poll).await.expect(hyper::StatusCode::OK).unwrap().json().unwrap();
    assert_eq!((&first["status"], first["closed_at"].is_string()), (&json!("closed"), true));
    assert!(first.get("manage_token").is_none());
    let second: Value = stack.close(&poll).await.expect(hyper::StatusCode::OK).unwrap().json().unwrap();
    assert_eq!(first["closed_at"], second["closed_at"]);
    stack.final_results(&poll).await;
    assert_eq!(stack.close(&poll).await.status, 200);
}

#[tokio::test]
async fn results_go_from_active_over_closed_to_final_with_rising_versions() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&lunch()).await;
    let fresh = stack.results(&poll).await;
    assert_eq!((fresh.status.as_str(), fresh.is_final), ("active", false));
    stack.accepted(&poll, &token(), None, poll.ballot(0, 0)).await;
    stack.assert_exact(&poll).await;
    let voted = stack.results(&poll).await;
    assert!(voted.version > fresh.version);
    stack.close(&poll).await;
    let closed = stack.results(&poll).await;
    assert_eq!(closed.status, "closed");
    assert!(closed.version > voted.version);
    let last = stack.final_results(&poll).await;
    assert_eq!((last.status.as_str(), last.total_votes), ("closed", 1));
    assert!(last.version > voted.version + 1, "the close and the finalizing each raise the version");
}

#[tokio::test]
async fn a_close_right_after_a_redis_restart_becomes_final_and_is_told() {
    let stack = Stack::start().await;
    // Warms every connection that the close of the next poll uses, so that the restart breaks them.
    let first = stack.create_poll(&lunch()).await;
    stack.close(&first).await;
    stack.final_results(&first).await;

    let poll = stack.create_poll(&lunch()).await;
    let mut viewer = Viewer::connect(stack.gateway(0).address()).await;
    viewer.subscribe(poll.poll_id, None).await;
    viewer.next("results").await;
    stack.redis().restart().await;
    assert_eq!(stack.close(&poll).await.status, 200);
    stack.final_results(&poll).await;
    viewer.next("poll_closed").await;
}
