//! Whole months of responses, dropped at once.

use std::sync::atomic::{AtomicBool, Ordering};

use pollster_integration::{DEADLINE, PollView, Stack, cast, lunch, token, wait_until};
use pollster_shared::keys;
use pollster_shared::stream::entry;
use pollster_shared::vote::{Answer, Ballot, Cast, Choices, Digest, Kind, Voter};
use serde_json::json;

use super::{archive, expire, rows};

/// A month that is long over.
const MONTH: &str = "2020-05-01";
const PARTITION: &str = "responses_2020_05";

/// Makes the poll one of that month, with its responses.
async fn move_to_old_month(stack: &Stack, poll: &PollView) {
    let moved = format!(
        "SELECT ensure_responses_partition('{MONTH}'); \
         UPDATE responses SET month = '{MONTH}' WHERE question IN \
            (SELECT q.id FROM questions q JOIN polls p ON p.id = q.poll WHERE p.poll_id = '{id}'); \
         UPDATE polls SET month = '{MONTH}' WHERE poll_id = '{id}'",
        id = poll.poll_id
    );
    stack.database().connect().await.batch_execute(&moved).await.unwrap();
}

/// A closed poll of that month with so many votes.
async fn old_poll(stack: &Stack, votes: usize) -> PollView {
    let poll = stack.create_poll(&lunch()).await;
    for _ in 0..votes {
        stack.accepted(&poll, &token(), None, poll.ballot(0, 0)).await;
    }
    stack.close(&poll).await;
    stack.final_results(&poll).await;
    move_to_old_month(stack, &poll).await;
    poll
}

/// The same, archived for ten years.
async fn expired_poll(stack: &Stack, votes: usize) -> PollView {
    let poll = old_poll(stack, votes).await;
    archive(stack, &poll).await;
    expire(stack, &poll).await;
    poll
}

async fn partition_exists(stack: &Stack) -> bool {
    let database = stack.database().connect().await;
    database.query_one("SELECT to_regclass($1) IS NOT NULL", &[&PARTITION]).await.unwrap().get(0)
}

/// What the command says that it dropped.
async fn dropped(stack: &Stack) -> serde_json::Value {
    let ran = stack.run(&["partitions", "--drop-archived", "--json"]).await.succeeded();
    ran.json()["dropped"].clone()
}

/// A stack whose own job leaves archived polls alone.
async fn without_the_job() -> Stack {
    Stack::builder().env("RETENTION", "36500d").start().await
}

/// The command with the usual retention.
async fn dropped_now(stack: &Stack) -> serde_json::Value {
    let command = ["partitions", "--drop-archived", "--json"];
    let ran = stack.run_with(&command, &[("RETENTION", "30d")]).await.succeeded();
    ran.json()["dropped"].clone()
}

#[tokio::test]
async fn an_archived_month_is_dropped_while_votes_on_another_go_on() {
    let stack = without_the_job().await;
    let (first, second) = (expired_poll(&stack, 3).await, expired_poll(&stack, 1).await);
    let open = stack.create_poll(&lunch()).await;
    assert_eq!(dropped(&stack).await, json!([]), "the retention of the stack is a century");
    let done = AtomicBool::new(false);
    let votes = async {
        let (mut client, mut accepted) = (stack.client(0), 0);
        while !done.load(Ordering::Relaxed) || accepted < 50 {
            let reply = cast(&mut client, &open, &token(), None, open.ballot(0, 1)).await;
            assert_eq!(reply.status, 202, "{}", reply.text());
            accepted += 1;
        }
        accepted
    };
    let drop = async {
        let dropped = dropped_now(&stack).await;
        done.store(true, Ordering::Relaxed);
        dropped
    };
    let (accepted, dropped) = tokio::join!(votes, drop);
    assert_eq!(dropped, json!([MONTH]));
    assert!(!partition_exists(&stack).await);
    assert_eq!(stack.assert_exact(&open).await.total, accepted);
    for (poll, total) in [(&first, 3), (&second, 1)] {
        assert_eq!((stack.results(poll).await.total_votes, rows(&stack, poll).await[0].len()), (total, 0));
    }
    assert_eq!(dropped_now(&stack).await, json!([]));
}

#[tokio::test]
async fn a_month_stays_while_a_response_of_it_may_be_needed() {
    let stack = without_the_job().await;
    let poll = expired_poll(&stack, 1).await;
    let not_archived = old_poll(&stack, 1).await;
    assert_eq!(dropped_now(&stack).await, json!([]), "a poll of it is not archived");
    archive(&stack, &not_archived).await;
    assert_eq!(dropped_now(&stack).await, json!([]), "a poll of it was archived just now");
    expire(&stack, &not_archived).await;
    let hold = async |held: bool| {
        let hold = "UPDATE archives SET held = $2 WHERE poll = (SELECT id FROM polls WHERE poll_id = $1)";
        stack.database().connect().await.execute(hold, &[&poll.poll_id, &held]).await.unwrap();
    };
    hold(true).await;
    assert_eq!(dropped_now(&stack).await, json!([]), "a poll of it is held");
    hold(false).await;
    let object = super::object(&stack, &poll);
    let bytes = std::fs::read(&object).unwrap();
    std::fs::remove_file(&object).unwrap();
    let ran = stack.run_with(&["partitions", "--drop-archived"], &[("RETENTION", "30d")]).await;
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.stderr.contains("is not in the archive's storage"), "{ran:?}");
    assert!(partition_exists(&stack).await);
    assert_eq!(rows(&stack, &poll).await[0].len(), 1);
    std::fs::write(&object, bytes).unwrap();
    assert_eq!(dropped_now(&stack).await, json!([MONTH]));
}

#[tokio::test]
async fn the_job_drops_an_archived_month_by_itself() {
    let stack = Stack::start().await;
    let poll = expired_poll(&stack, 2).await;
    wait_until("the month is dropped", DEADLINE, async || (!partition_exists(&stack).await).then_some(()))
        .await;
    super::is_cleared(&stack, &poll).await;
    assert_eq!(stack.results(&poll).await.total_votes, 2);
}

#[tokio::test]
async fn a_partition_that_a_killed_drop_left_detached_is_dropped_by_the_next() {
    let stack = without_the_job().await;
    let poll = expired_poll(&stack, 1).await;
    let database = stack.database().connect().await;
    database
        .execute(&format!("ALTER TABLE responses DETACH PARTITION {PARTITION} CONCURRENTLY"), &[])
        .await
        .unwrap();
    assert_eq!(dropped_now(&stack).await, json!([MONTH]));
    assert!(!partition_exists(&stack).await);
    assert_eq!(stack.results(&poll).await.total_votes, 1);
}

#[tokio::test]
async fn a_vote_that_comes_for_a_dropped_month_is_set_aside_and_holds_up_no_other() {
    let stack = without_the_job().await;
    let poll = expired_poll(&stack, 1).await;
    assert_eq!(dropped_now(&stack).await, json!([MONTH]));
    let voter = Voter([7; 16]);
    let answer = Answer { question: 0, choices: Choices(1) };
    let late = Cast {
        kind: Kind::Cast,
        poll_id: poll.poll_id,
        voter,
        address: None,
        digest: Digest([1; 8]),
        ballot: Ballot::new(vec![answer]).unwrap(),
    };
    let mut redis = stack.redis().connect().await;
    let mut add = redis::cmd("XADD");
    add.arg(keys::vote_stream(0)).arg("*").arg(keys::ENTRY_FIELD).arg(entry::encode(&late));
    let _: String = add.query_async(&mut redis).await.unwrap();
    let open = stack.create_poll(&lunch()).await;
    for _ in 0..20 {
        stack.accepted(&open, &token(), None, open.ballot(0, 0)).await;
    }
    assert_eq!(stack.assert_exact(&open).await.total, 20);
    let dead: u64 = redis::cmd("XLEN").arg(keys::dead_votes(0)).query_async(&mut redis).await.unwrap();
    assert_eq!((dead, stack.results(&poll).await.total_votes), (1, 1));
}

#[tokio::test]
async fn partitions_are_made_so_many_months_ahead() {
    let stack = Stack::start().await;
    let ran = stack.run(&["partitions", "--ahead", "7", "--json"]).await.succeeded();
    let ahead = ran.json()["ahead"].as_array().unwrap().clone();
    assert_eq!(ahead.len(), 8);
    let database = stack.database().connect().await;
    for month in ahead {
        let month = month.as_str().unwrap();
        let partition = format!("responses_{}_{}", &month[..4], &month[5..7]);
        let exists = database.query_one("SELECT to_regclass($1) IS NOT NULL", &[&partition]).await.unwrap();
        assert!(exists.get::<_, bool>(0), "{partition}");
    }
    let wrong = stack.run(&["partitions", "--ahead", "many"]).await;
    assert_eq!(wrong.code, 2, "{wrong:?}");
}
