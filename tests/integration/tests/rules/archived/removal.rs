//! The removal of responses whose time is up.

use std::fs;

use hyper::Method;
use pollster_integration::{DEADLINE, PollView, Stack, lunch, token, wait_until};
use redis::AsyncCommands;
use serde_json::{Value, json};

use super::{archive, expire, fill, is_cleared, is_set, object, read, reads_archived, rows};
use crate::errors::assert_problem;

/// A changeable poll whose one voter has changed their vote, closed; with the voter and the ids of both
/// votes.
async fn changed_and_closed(stack: &Stack) -> (PollView, String, [String; 2]) {
    let mut draft = lunch();
    draft["settings"] = json!({"allow_vote_change": true, "result_visibility": "after_vote"});
    let poll = stack.create_poll(&draft).await;
    let voter = token();
    let first = stack.accepted(&poll, &voter, None, poll.ballot(0, 0)).await;
    let headers = [("content-type", "application/json"), ("x-voter-token", voter.as_str())];
    let ballot = String::from_utf8(poll.ballot(0, 1).to_vec()).unwrap();
    let changed = stack.request(Method::PUT, &poll.votes_path().to_string(), &headers, &ballot).await;
    let second: Value = changed.json().unwrap();
    stack.close(&poll).await;
    (poll, voter, [first, second["vote_id"].as_str().unwrap().to_owned()])
}

/// A final poll of `lunch` with one vote; with the voter's token and the vote's id.
async fn voted_and_final(stack: &Stack) -> (PollView, String, String) {
    let poll = stack.create_poll(&lunch()).await;
    let voter = token();
    let vote_id = stack.accepted(&poll, &voter, None, poll.ballot(0, 0)).await;
    stack.close(&poll).await;
    stack.final_results(&poll).await;
    (poll, voter, vote_id)
}

#[tokio::test]
async fn once_the_retention_is_over_the_responses_are_in_the_archive_only() {
    let stack = Stack::builder().env("RETENTION", "1s").start().await;
    let (kept, _, _) = voted_and_final(&stack).await;
    let (poll, voter, vote_id) = voted_and_final(&stack).await;
    let before = stack.counts(&poll).await;
    archive(&stack, &poll).await;
    is_cleared(&stack, &poll).await;
    reads_archived(&stack, &poll).await;

    assert_eq!(rows(&stack, &poll).await, [Vec::<String>::new(), Vec::new()]);
    assert_eq!(stack.counts(&poll).await, before);
    assert_eq!((stack.results(&poll).await.total_votes, before.total), (1, 1));
    // Nothing that would say that the vote is yet to be counted.
    let status = stack.vote_status(&poll, &voter, &vote_id).await;
    let problem = assert_problem("a vote of its own", &status, 404, "vote_not_found");
    assert!(problem["detail"].as_str().unwrap().contains("archived"), "{problem}");
    let view = read(&stack, &poll, &voter).await;
    assert!(view.get("voted").is_none(), "{view}");
    assert_eq!(view["results"]["total_votes"], 1);
    // What is not archived stays.
    assert_eq!(rows(&stack, &kept).await[0].len(), 1);
}

#[tokio::test]
async fn the_changes_of_votes_go_with_them_and_results_stay_hidden_from_who_is_not_known_to_have_voted() {
    let stack = Stack::start().await;
    let (poll, voter, vote_ids) = changed_and_closed(&stack).await;
    let results = format!("/api/v1/polls/{}/results", poll.poll_id);
    archive(&stack, &poll).await;
    assert_eq!(rows(&stack, &poll).await.map(|rows| rows.len()), [1, 1]);
    expire(&stack, &poll).await;
    is_cleared(&stack, &poll).await;
    assert_eq!(rows(&stack, &poll).await.map(|rows| rows.len()), [0, 0]);
    for vote_id in &vote_ids {
        let status = stack.vote_status(&poll, &voter, vote_id).await;
        assert_problem("a vote", &status, 404, "vote_not_found");
    }
    // Redis remembers voters for a while; then nobody does.
    let as_voter = [("x-voter-token", voter.as_str())];
    assert_eq!(stack.request(Method::GET, &results, &as_voter, "").await.status, 200);
    let mut redis = stack.redis().connect().await;
    let voters: Vec<String> = redis.keys("poll:voters:*").await.unwrap();
    assert!(!voters.is_empty());
    let _: i64 = redis.del(voters).await.unwrap();
    let hidden = stack.request(Method::GET, &results, &as_voter, "").await;
    assert_problem("a voter nobody knows", &hidden, 403, "results_hidden");
    let manage = [("x-manage-token", poll.manage_token.as_deref().unwrap())];
    let shown: Value = stack.request(Method::GET, &results, &manage, "").await.json().unwrap();
    assert_eq!((&shown["status"], &shown["total_votes"]), (&"archived".into(), &1.into()));
}

#[tokio::test]
async fn no_response_goes_while_its_archive_is_not_whole() {
    let stack = Stack::start().await;
    let (missing, _, _) = voted_and_final(&stack).await;
    let (cut, _, _) = voted_and_final(&stack).await;
    let (other, _, _) = voted_and_final(&stack).await;
    for poll in [&missing, &cut, &other] {
        archive(&stack, poll).await;
    }
    fs::remove_file(object(&stack, &missing)).unwrap();
    let bytes = fs::read(object(&stack, &cut)).unwrap();
    fs::write(object(&stack, &cut), &bytes[1..]).unwrap();
    for poll in [&missing, &cut, &other] {
        expire(&stack, poll).await;
    }
    // One that fails does not stop the others, and all were tried by then.
    is_cleared(&stack, &other).await;
    wait_until("the failures are logged", DEADLINE, async || {
        let log = stack.background().log();
        let failed = |poll: &&PollView| {
            let poll_id = poll.poll_id.to_string();
            log.lines().any(|line| line.contains("can't be removed") && line.contains(&poll_id))
        };
        [&missing, &cut].iter().all(failed).then_some(())
    })
    .await;
    for poll in [&missing, &cut] {
        assert_eq!(rows(&stack, poll).await[0].len(), 1);
        assert!(!is_set(&stack, poll, "removed_at").await);
    }
    // Once it is whole again, it goes on.
    fs::write(object(&stack, &cut), &bytes).unwrap();
    is_cleared(&stack, &cut).await;
    assert_eq!(rows(&stack, &missing).await[0].len(), 1);
}

#[tokio::test]
async fn a_removal_killed_half_way_shows_no_part_of_the_votes_and_is_finished_by_the_next() {
    const ROWS: i32 = 150_000;
    let stack = Stack::start().await;
    let poll = stack.create_poll(&lunch()).await;
    fill(&stack, &poll, ROWS).await;
    let voter = token();
    stack.accepted(&poll, &voter, None, poll.ballot(0, 1)).await;
    stack.close(&poll).await;
    archive(&stack, &poll).await;
    let before = stack.counts(&poll).await;
    expire(&stack, &poll).await;
    let database = stack.database().connect().await;
    let left = async || {
        let query = "SELECT count(*) FROM responses WHERE question = \
                     (SELECT q.id FROM questions q JOIN polls p ON p.id = q.poll WHERE p.poll_id = $1)";
        database.query_one(query, &[&poll.poll_id]).await.unwrap().get::<_, i64>(0)
    };
    wait_until("some rows are gone", DEADLINE, async || (left().await < i64::from(ROWS)).then_some(())).await;
    stack.background().kill().await;
    let half = left().await;
    assert!(half > 0, "all went before the job was killed");
    assert!(is_set(&stack, &poll, "removed_at").await && !is_set(&stack, &poll, "cleared_at").await);
    assert!(read(&stack, &poll, &voter).await.get("voted").is_none());
    stack.background().restart().await;
    is_cleared(&stack, &poll).await;
    assert_eq!((left().await, stack.counts(&poll).await), (0, before));
}
