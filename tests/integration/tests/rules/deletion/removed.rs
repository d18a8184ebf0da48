//! What is left of a deleted poll, which is nothing.

use pollster_integration::{DEADLINE, PollView, Stack, lunch, survey, token, wait_until};
use pollster_shared::keys;
use pollster_shared::stream::entry;
use pollster_shared::vote::{Answer, Ballot, Cast, Choices, Digest, Kind, Voter};
use redis::AsyncCommands;
use serde_json::json;
use uuid::Uuid;

use super::{delete, has_row, is_removed};
use crate::archived::{archive, expire, fill, rows};

/// The keys in Redis that name the poll or one of its questions.
async fn keys_of(stack: &Stack, poll: &PollView) -> Vec<String> {
    let mut redis = stack.redis().connect().await;
    let all: Vec<String> = redis.keys("*").await.unwrap();
    let ids: Vec<String> = poll
        .questions
        .iter()
        .map(|question| question.question_id)
        .chain([poll.poll_id])
        .map(|id| id.to_string())
        .collect();
    all.into_iter().filter(|key| ids.iter().any(|id| key.contains(id))).collect()
}

/// Everything in PostgreSQL that could be the poll's: rows of its questions, however they are called.
async fn rows_left(stack: &Stack, questions: &[i64]) -> i64 {
    let database = stack.database().connect().await;
    let query = "SELECT (SELECT count(*) FROM responses WHERE question = ANY ($1)) \
                      + (SELECT count(*) FROM response_changes WHERE question = ANY ($1)) \
                      + (SELECT count(*) FROM choices WHERE question = ANY ($1)) \
                      + (SELECT count(*) FROM question_tallies WHERE question = ANY ($1))";
    database.query_one(query, &[&questions]).await.unwrap().get(0)
}

async fn question_rows(stack: &Stack, poll: &PollView) -> Vec<i64> {
    let database = stack.database().connect().await;
    let query = "SELECT q.id FROM questions q JOIN polls p ON p.id = q.poll WHERE p.poll_id = $1";
    database.query(query, &[&poll.poll_id]).await.unwrap().iter().map(|row| row.get(0)).collect()
}

/// Waits until no key is left but, for a minute, one that says that the poll is deleted.
async fn keys_are_gone(stack: &Stack, poll: &PollView) {
    let counts = keys::counts(poll.poll_id);
    wait_until("its keys are gone", DEADLINE, async || {
        keys_of(stack, poll).await.iter().all(|key| *key == counts).then_some(())
    })
    .await;
    let life: i64 = stack.redis().connect().await.ttl(counts).await.unwrap();
    assert!(life <= 60, "{life}");
}

#[tokio::test]
async fn what_was_accepted_before_is_counted_out_and_then_all_of_the_poll_goes() {
    let stack = Stack::start().await;
    let mut draft = survey();
    draft["settings"] = json!({"voter_identity": "browser_and_address"});
    let (poll, other) = (stack.create_poll(&draft).await, stack.create_poll(&lunch()).await);
    let questions = question_rows(&stack, &poll).await;
    stack.accepted(&poll, &token(), None, poll.ballot(0, 0)).await;
    stack.assert_exact(&poll).await;
    let drained = stack.create_poll(&lunch()).await;
    stack.close(&drained).await;
    stack.final_results(&drained).await;
    stack.aggregator(0).stop().await;
    stack.accepted(&other, &token(), None, other.ballot(0, 0)).await;
    stack.accepted(&other, &token(), None, other.ballot(0, 1)).await;
    // On the poll itself too, from an address that did not vote there.
    let pending = Cast {
        kind: Kind::Cast,
        poll_id: poll.poll_id,
        voter: Voter([9; 16]),
        address: None,
        digest: Digest([3; 8]),
        ballot: Ballot::new(vec![Answer { question: 1, choices: Choices(1) }]).unwrap(),
    };
    let mut redis = stack.redis().connect().await;
    let mut add = redis::cmd("XADD");
    add.arg(keys::vote_stream(0)).arg("*").arg(keys::ENTRY_FIELD).arg(entry::encode(&pending));
    let _: String = add.query_async(&mut redis).await.unwrap();

    assert_eq!(delete(&stack, &poll).await.status, 204);
    // One that was final before goes, though it was deleted later.
    assert_eq!(delete(&stack, &drained).await.status, 204);
    is_removed(&stack, &drained).await;
    assert!(has_row(&stack, &poll).await, "its votes would have no place");
    stack.aggregator(0).cont().await;
    is_removed(&stack, &poll).await;
    assert_eq!(rows_left(&stack, &questions).await, 0);
    keys_are_gone(&stack, &poll).await;
    assert_eq!(stack.assert_exact(&other).await.total, 2);
    let dead: Vec<String> = redis.keys("poll:votes:dead-*").await.unwrap();
    assert!(dead.is_empty(), "{dead:?}");
}

#[tokio::test]
async fn an_archived_poll_goes_with_its_archive() {
    let stack = Stack::start().await;
    let polls = [stack.create_poll(&lunch()).await, stack.create_poll(&lunch()).await];
    for poll in &polls {
        stack.accepted(poll, &token(), None, poll.ballot(0, 0)).await;
        stack.close(poll).await;
        archive(&stack, poll).await;
    }
    let folder = |poll: &PollView| stack.archive_folder().join(format!("polls/{}", poll.poll_id));
    let objects = |poll: &PollView| std::fs::read_dir(folder(poll)).map_or(0, Iterator::count);
    assert!(objects(&polls[0]) > 0);
    assert_eq!(delete(&stack, &polls[0]).await.status, 204);
    is_removed(&stack, &polls[0]).await;
    assert_eq!(objects(&polls[0]), 0);
    assert!(objects(&polls[1]) > 0);
    // Also once the archive is all that there is.
    expire(&stack, &polls[1]).await;
    wait_until("its responses are removed", DEADLINE, async || {
        rows(&stack, &polls[1]).await[0].is_empty().then_some(())
    })
    .await;
    assert_eq!(delete(&stack, &polls[1]).await.status, 204);
    is_removed(&stack, &polls[1]).await;
    assert_eq!(objects(&polls[1]), 0);
}

#[tokio::test]
async fn its_dead_letters_are_discarded_and_no_others() {
    let stack = Stack::start().await;
    let (poll, other) = (stack.create_poll(&lunch()).await, stack.create_poll(&lunch()).await);
    let mut redis = stack.redis().connect().await;
    let letter = async |poll_id: Uuid, redis: &mut redis::aio::MultiplexedConnection| {
        let cast = Cast {
            kind: Kind::Cast,
            poll_id,
            voter: Voter([9; 16]),
            address: None,
            digest: Digest([3; 8]),
            ballot: Ballot::new(vec![Answer { question: 0, choices: Choices(1) }]).unwrap(),
        };
        let fields: [(&str, Vec<u8>); 4] = [
            ("id", b"1-1".to_vec()),
            ("error", b"an error".to_vec()),
            ("deliveries", b"1".to_vec()),
            ("v", entry::encode(&cast)),
        ];
        let _: String = redis.xadd(keys::dead_votes(3), "*", &fields).await.unwrap();
    };
    for poll_id in [poll.poll_id, other.poll_id, poll.poll_id] {
        letter(poll_id, &mut redis).await;
    }
    assert_eq!(delete(&stack, &poll).await.status, 204);
    is_removed(&stack, &poll).await;
    let left: usize = redis.xlen(keys::dead_votes(3)).await.unwrap();
    assert_eq!(left, 1);
}

#[tokio::test]
async fn a_removal_killed_half_way_is_finished_by_the_next() {
    const ROWS: i32 = 150_000;
    let stack = Stack::start().await;
    let poll = stack.create_poll(&lunch()).await;
    fill(&stack, &poll, ROWS).await;
    stack.close(&poll).await;
    archive(&stack, &poll).await;
    let questions = question_rows(&stack, &poll).await;
    assert_eq!(delete(&stack, &poll).await.status, 204);
    let whole = rows_left(&stack, &questions).await;
    wait_until("some rows are gone", DEADLINE, async || {
        (rows_left(&stack, &questions).await < whole).then_some(())
    })
    .await;
    stack.background().kill().await;
    assert!(has_row(&stack, &poll).await, "all went before the job was killed");
    stack.background().restart().await;
    is_removed(&stack, &poll).await;
    assert_eq!(rows_left(&stack, &questions).await, 0);
    keys_are_gone(&stack, &poll).await;
}
