//! Votes that could not be committed: replayed in the place that they were accepted in.

use hyper::Method;
use pollster_integration::{DEADLINE, PollView, Stack, lunch, token, wait_until};
use pollster_shared::keys;
use pollster_shared::vote::{HashSecret, Voter};
use redis::AsyncCommands;
use serde_json::json;
use uuid::Uuid;

use super::{id, listed, only_one, replay_all};

/// PostgreSQL refuses votes for the second choice until this is taken back.
const REFUSE: &str = "ALTER TABLE responses ADD CONSTRAINT not_the_second CHECK (choices <> 2)";
const TAKE_BACK: &str = "ALTER TABLE responses DROP CONSTRAINT not_the_second";

/// A stack that refuses votes for the second choice.
async fn refusing() -> Stack {
    let stack = Stack::start().await;
    stack.database().connect().await.batch_execute(REFUSE).await.unwrap();
    stack
}

async fn take_back(stack: &Stack) {
    stack.database().connect().await.batch_execute(TAKE_BACK).await.unwrap();
}

/// Waits until there are so many dead letters, and nothing waits in the streams.
async fn set_aside(stack: &Stack, number: usize) {
    wait_until("votes are set aside", DEADLINE, async || {
        let mut redis = stack.redis().connect().await;
        let mut letters = 0;
        for shard in 0..8 {
            let length: usize = redis.xlen(keys::dead_votes(shard)).await.unwrap();
            letters += length;
        }
        (letters == number).then_some(())
    })
    .await;
    stack.drained().await;
}

async fn vote(stack: &Stack, poll: &PollView, voter: &str, choice: usize) {
    stack.accepted(poll, voter, None, poll.ballot(0, choice)).await;
}

#[tokio::test]
async fn a_vote_that_was_set_aside_is_shown_without_its_voter_and_counts_once_replayed() {
    let stack = refusing().await;
    let poll = stack.create_poll(&lunch()).await;
    let voter = token();
    vote(&stack, &poll, &voter, 1).await;
    vote(&stack, &poll, &token(), 0).await;
    set_aside(&stack, 1).await;

    let letter = only_one(&stack).await;
    let question = &poll.questions[0];
    assert_eq!((&letter["stream"], &letter["deliveries"]), (&json!("votes"), &json!(5)));
    assert!(letter["error"].as_str().unwrap().contains("not_the_second"), "{letter}");
    let mut entry = letter["entry"].clone();
    assert!(entry["accepted_at"].take().is_string());
    let answers =
        json!([{"question_id": question.question_id, "choice_ids": [question.choices[1].choice_id]}]);
    let expected = json!({"kind": "cast", "poll_id": poll.poll_id, "answers": answers, "accepted_at": null});
    assert_eq!(entry, expected);
    let secret = HashSecret::new("the hash secret of the integration tests");
    let hash = Voter::from_browser_token(&secret, Uuid::parse_str(&voter).unwrap()).to_uuid();
    for shown in [letter.to_string(), stack.run(&["dead-letters", "list"]).await.stdout] {
        let hashes = [hash.to_string(), hash.simple().to_string()];
        assert!(!shown.contains(&voter) && hashes.iter().all(|hash| !shown.contains(hash)), "{shown}");
    }

    let refused_again = replay_all(&stack).await;
    assert_eq!(refused_again.code, 1, "{refused_again:?}");
    assert!(refused_again.json()["failed"][0]["reason"].as_str().unwrap().contains("not_the_second"));
    assert_eq!(only_one(&stack).await, letter, "as it was");

    take_back(&stack).await;
    let replayed = replay_all(&stack).await.succeeded();
    assert_eq!(replayed.json(), json!({"replayed": [id(&letter)], "failed": []}));
    assert_eq!(stack.assert_exact(&poll).await.total, 2);
    assert!(listed(&stack).await.is_empty());
    let at = "SELECT count(*) FROM responses WHERE choices = 2 AND submitted_at = $1::text::timestamptz";
    let accepted_at = letter["entry"]["accepted_at"].as_str().unwrap();
    let database = stack.database().connect().await;
    let as_accepted: i64 = database.query_one(at, &[&accepted_at]).await.unwrap().get(0);
    assert_eq!(as_accepted, 1, "when it was accepted, not when it was replayed");
}

#[tokio::test]
async fn a_cast_that_is_replayed_does_not_beat_a_later_change() {
    let stack = refusing().await;
    let mut definition = lunch();
    definition["settings"] = json!({"allow_vote_change": true});
    let poll = stack.create_poll(&definition).await;
    let voter = token();
    vote(&stack, &poll, &voter, 1).await;
    set_aside(&stack, 1).await;
    let path = poll.votes_path().to_string();
    let headers = [("content-type", "application/json"), ("x-voter-token", voter.as_str())];
    let change = String::from_utf8(poll.ballot(0, 0).to_vec()).unwrap();
    let changed = stack.request(Method::PUT, &path, &headers, &change).await;
    assert_eq!(changed.status, 202, "{}", changed.text());
    stack.drained().await;

    take_back(&stack).await;
    replay_all(&stack).await.succeeded();
    let counts = stack.assert_exact(&poll).await;
    let votes =
        |choice: usize| counts.results[&format!("choice:{}", poll.questions[0].choices[choice].choice_id)];
    assert_eq!((counts.total, votes(0), votes(1)), (1, 1, 0));
}

#[tokio::test]
async fn a_vote_of_a_final_poll_stays_with_the_reason() {
    let stack = refusing().await;
    let poll = stack.create_poll(&lunch()).await;
    let open = stack.create_poll(&lunch()).await;
    vote(&stack, &poll, &token(), 1).await;
    vote(&stack, &open, &token(), 1).await;
    set_aside(&stack, 2).await;
    stack.close(&poll).await;
    stack.final_results(&poll).await;

    take_back(&stack).await;
    let ran = replay_all(&stack).await;
    assert_eq!(ran.code, 1, "{ran:?}");
    assert_eq!(ran.json()["failed"][0]["reason"], "the results of its poll are final");
    assert_eq!(ran.json()["replayed"].as_array().unwrap().len(), 1, "the other one");
    assert_eq!(stack.assert_exact(&open).await.total, 1);
    assert_eq!(stack.assert_exact(&poll).await.total, 0);

    let stays = only_one(&stack).await;
    let discarded = stack.run(&["dead-letters", "discard", "--id", id(&stays), "--json"]).await.succeeded();
    assert_eq!(discarded.json(), json!({"discarded": [id(&stays)], "failed": []}));
    assert!(listed(&stack).await.is_empty());
}

#[tokio::test]
async fn what_no_program_can_read_any_more_is_shown_and_stays() {
    let stack = Stack::builder().gateways(0).aggregators(0).without_background().start().await;
    let mut redis = stack.redis().connect().await;
    for packed in [&b"\x00dropped"[..], b"\xffnewer"] {
        let mut add = redis::cmd("XADD");
        add.arg(keys::dead_votes(3))
            .arg("*")
            .arg("id")
            .arg("5-1")
            .arg("error")
            .arg("why")
            .arg("deliveries")
            .arg(2);
        add.arg(keys::ENTRY_FIELD).arg(packed).exec_async(&mut redis).await.unwrap();
    }
    let letters = listed(&stack).await;
    let shown: Vec<_> = letters.iter().map(|letter| (&letter["error"], &letter["entry"]["bytes"])).collect();
    assert_eq!(shown, [(&json!("why"), &json!(8)), (&json!("why"), &json!(6))]);
    let ran = replay_all(&stack).await;
    assert_eq!(ran.code, 1);
    assert_eq!(ran.json()["failed"].as_array().unwrap().len(), 2);
    assert_eq!(listed(&stack).await, letters);
    stack.run(&["dead-letters", "discard", "--all", "--stream", "notify"]).await.succeeded();
    assert_eq!(listed(&stack).await.len(), 2);
    stack.run(&["dead-letters", "discard", "--all", "--stream", "votes"]).await.succeeded();
    assert!(listed(&stack).await.is_empty());
}
