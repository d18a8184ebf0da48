//! Responses that come back from the archive.

use std::fs;

use hyper::Method;
use pollster_integration::{DEADLINE, PollView, Stack, lunch, token, wait_until};
use serde_json::{Value, json};

use super::{archive, expire, fill, is_cleared, is_set, object, read, rows};

/// A poll with these settings that has votes, changed where they may be; with one voter and the id of their vote.
async fn voted(stack: &Stack, settings: Value) -> (PollView, String, String) {
    let mut draft = lunch();
    draft["settings"] = settings;
    let poll = stack.create_poll(&draft).await;
    let voter = token();
    let vote_id = stack.accepted(&poll, &voter, None, poll.ballot(0, 0)).await;
    if draft["settings"]["allow_vote_change"] == true {
        let path = poll.votes_path().to_string();
        for choice in [1, 0, 1] {
            let other = token();
            stack.accepted(&poll, &other, None, poll.ballot(0, choice)).await;
            let headers = [("content-type", "application/json"), ("x-voter-token", other.as_str())];
            let ballot = String::from_utf8(poll.ballot(0, 1 - choice).to_vec()).unwrap();
            assert_eq!(stack.request(Method::PUT, &path, &headers, &ballot).await.status, 202);
            if choice == 0 {
                assert_eq!(stack.request(Method::DELETE, &path, &headers[1..], "").await.status, 202);
            }
        }
    }
    stack.close(&poll).await;
    stack.final_results(&poll).await;
    (poll, voter, vote_id)
}

async fn restore(stack: &Stack, poll: &PollView) -> Value {
    let poll_id = poll.poll_id.to_string();
    stack.run(&["restore", "--poll", &poll_id, "--json"]).await.succeeded().json()
}

#[tokio::test]
async fn a_restore_brings_back_exactly_what_was_removed_and_keeps_it() {
    let stack = Stack::start().await;
    for settings in [json!({"allow_vote_change": true}), json!({"voter_identity": "browser_and_address"})] {
        let (poll, voter, vote_id) = voted(&stack, settings.clone()).await;
        let (before, counts) = (rows(&stack, &poll).await, stack.counts(&poll).await);
        archive(&stack, &poll).await;
        expire(&stack, &poll).await;
        is_cleared(&stack, &poll).await;
        assert_eq!(rows(&stack, &poll).await.map(|rows| rows.len()), [0, 0]);

        let total = before[0].len() + before[1].len();
        let told = json!({"poll_id": poll.poll_id, "rows": total, "restored": total});
        assert_eq!(restore(&stack, &poll).await, told, "{settings}");
        assert_eq!(rows(&stack, &poll).await, before, "{settings}");
        assert_eq!(stack.counts(&poll).await, counts);
        assert!(is_set(&stack, &poll, "held").await && !is_set(&stack, &poll, "removed_at").await);
        let status: Value = stack.vote_status(&poll, &voter, &vote_id).await.json().unwrap();
        assert_eq!(status["status"], "confirmed");
        let question = poll.questions[0].question_id.to_string();
        assert!(read(&stack, &poll, &voter).await["voted"][question].is_array());

        // Done again it changes nothing, and the job leaves it alone though its time is up.
        assert_eq!(restore(&stack, &poll).await["restored"], 0);
        let (other, ..) = voted(&stack, json!({})).await;
        archive(&stack, &other).await;
        expire(&stack, &other).await;
        is_cleared(&stack, &other).await;
        assert_eq!(rows(&stack, &poll).await, before, "{settings}");
    }
}

#[tokio::test]
async fn a_restore_killed_half_way_shows_no_part_of_the_votes_and_is_finished_by_the_next() {
    const ROWS: i32 = 150_000;
    let stack = Stack::start().await;
    let poll = stack.create_poll(&lunch()).await;
    fill(&stack, &poll, ROWS).await;
    stack.close(&poll).await;
    archive(&stack, &poll).await;
    let before = rows(&stack, &poll).await;
    expire(&stack, &poll).await;
    is_cleared(&stack, &poll).await;

    let poll_id = poll.poll_id.to_string();
    let mut restoring = stack.spawn(&["restore", "--poll", &poll_id]);
    wait_until("some rows are back", DEADLINE, async || {
        (!rows(&stack, &poll).await[0].is_empty()).then_some(())
    })
    .await;
    restoring.kill().await.unwrap();
    let half = rows(&stack, &poll).await[0].len();
    assert!(half < before[0].len(), "all were back before it was killed");
    assert!(is_set(&stack, &poll, "held").await && is_set(&stack, &poll, "removed_at").await);
    let told = restore(&stack, &poll).await;
    assert_eq!(told["rows"], ROWS);
    assert!(told["restored"].as_u64().unwrap() <= (before[0].len() - half) as u64);
    assert!(rows(&stack, &poll).await == before, "the rows are those that were removed");
    assert!(!is_set(&stack, &poll, "removed_at").await);
}

#[tokio::test]
async fn what_is_damaged_missing_or_unknown_is_not_restored_and_changes_nothing() {
    let stack = Stack::start().await;
    let (poll, ..) = voted(&stack, json!({})).await;
    let refused = async |poll: &str, problem: &str| {
        let ran = stack.run(&["restore", "--poll", poll, "--json"]).await;
        assert_eq!((ran.code, ran.stdout.as_str()), (1, ""), "{ran:?}");
        assert!(ran.stderr.contains(problem), "{ran:?}");
    };
    refused("nonsense", "there is no poll with the id or slug nonsense").await;
    refused(&poll.slug, "is not archived").await;
    archive(&stack, &poll).await;
    expire(&stack, &poll).await;
    is_cleared(&stack, &poll).await;
    let mut bytes = fs::read(object(&stack, &poll)).unwrap();
    bytes[4] ^= 1;
    fs::write(object(&stack, &poll), &bytes).unwrap();
    refused(&poll.slug, "is damaged").await;
    fs::remove_file(object(&stack, &poll)).unwrap();
    refused(&poll.slug, "is not in the archive's storage").await;
    assert!(!is_set(&stack, &poll, "held").await && is_set(&stack, &poll, "removed_at").await);
    assert!(rows(&stack, &poll).await[0].is_empty());
}
