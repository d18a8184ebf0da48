//! A worker that is killed at any point: the next run completes the archive, and nothing is there twice.

use std::time::Duration;

use pollster_integration::{DEADLINE, PollView, Stack, wait_until};
use pollster_shared::archive::PART_ROWS;
use tokio_postgres::Client;

use super::files::{UNFINISHED, files, names, read, verified};
use super::polls::{ARCHIVING_TAKES, archived, final_poll, make_due};

/// A connection that holds a lock on the table until it rolls back.
async fn locking(stack: &Stack, table: &str, mode: &str) -> Client {
    let holder = stack.database().connect().await;
    holder.batch_execute(&format!("BEGIN; LOCK TABLE {table} IN {mode} MODE")).await.unwrap();
    holder
}

/// Waits until another session waits for a lock on the table.
async fn somebody_waits_for(database: &Client, table: &str) {
    let waits = "SELECT count(*) FROM pg_locks l JOIN pg_class c ON c.oid = l.relation WHERE relname = $1 AND NOT granted";
    wait_until(&format!("somebody waits for {table}"), DEADLINE, async || {
        (database.query_one(waits, &[&table]).await.unwrap().get::<_, i64>(0) > 0).then_some(())
    })
    .await;
}

/// How many parts of the poll are noted as written.
async fn parts(stack: &Stack, poll: &PollView) -> i64 {
    let parts = "SELECT count(*) FROM archive_parts JOIN polls ON id = poll WHERE poll_id = $1";
    stack.database().connect().await.query_one(parts, &[&poll.poll_id]).await.unwrap().get(0)
}

#[tokio::test]
async fn a_worker_killed_between_parts_is_followed_by_one_that_goes_on_there() {
    const ROWS: i64 = PART_ROWS as i64 + 150_000;
    let stack = Stack::start().await;
    let poll = final_poll(&stack, ROWS).await;
    make_due(&stack, &poll).await;
    wait_until("the first part is written", ARCHIVING_TAKES, async || {
        (parts(&stack, &poll).await == 1).then_some(())
    })
    .await;
    stack.background().kill().await;
    let first = files(&stack.archive_folder(), &poll)
        .into_iter()
        .find(|file| file.ends_with("responses-00000.parquet"));
    let first = first.unwrap();
    let written = first.metadata().unwrap().modified().unwrap();

    // Its lease ends by itself.
    stack.background().restart().await;
    archived(&stack, &poll).await;
    assert_eq!(first.metadata().unwrap().modified().unwrap(), written, "not written again");
    let objects = ["manifest.json", "responses-00000.parquet", "responses-00001.parquet"];
    let found = names(&stack.archive_folder(), &poll);
    let found: Vec<&String> = found.iter().filter(|name| !name.contains(UNFINISHED)).collect();
    assert_eq!(found, objects);
    assert_eq!(verified(&stack, &poll).await, ROWS as u64);
}

#[tokio::test]
async fn a_worker_killed_at_any_stage_is_followed_by_one_that_completes_it() {
    let stack = Stack::start().await;
    let folder = stack.archive_folder();
    for stage in [&UNFINISHED.to_string(), "responses-00000.parquet", "manifest.json"] {
        let poll = final_poll(&stack, 120_000).await;
        make_due(&stack, &poll).await;
        wait_until(&format!("{stage} is there"), DEADLINE, async || {
            names(&folder, &poll).iter().any(|name| name.contains(stage)).then_some(())
        })
        .await;
        stack.background().kill().await;
        make_due(&stack, &poll).await;
        stack.background().restart().await;
        archived(&stack, &poll).await;
        assert_eq!(verified(&stack, &poll).await, 120_000, "killed once {stage} was there");
    }
}

#[tokio::test]
async fn a_worker_that_took_over_leaves_what_was_recorded_meanwhile_as_it_is() {
    // Nobody else reads counts or waits for locks.
    let stack = Stack::builder().background_args(&["run", "--only", "archive"]).start().await;
    stack.aggregator(0).kill().await;
    let (poll, next) = (final_poll(&stack, 50).await, final_poll(&stack, 50).await);
    let database = stack.database().connect().await;
    // One has written all and is about to record it; another, to whom the poll seemed due, is about to read the counts.
    let recording = locking(&stack, "archives", "SHARE").await;
    let mut archiving = stack.spawn(&["archive", "--poll", &poll.slug]);
    somebody_waits_for(&database, "archives").await;
    let counting = locking(&stack, "choice_tallies", "ACCESS EXCLUSIVE").await;
    make_due(&stack, &poll).await;
    somebody_waits_for(&database, "choice_tallies").await;
    recording.batch_execute("ROLLBACK").await.unwrap();
    archiving.wait().await.unwrap();
    counting.batch_execute("ROLLBACK").await.unwrap();

    // It archives one poll after the other: with the next it is through with this one.
    make_due(&stack, &next).await;
    archived(&stack, &next).await;
    assert_eq!(verified(&stack, &poll).await, 50);
}

#[tokio::test]
async fn workers_killed_again_and_again_archive_every_poll_once() {
    const POLLS: i64 = 6;
    let stack = Stack::builder().backgrounds(2).start().await;
    let mut polls = Vec::new();
    for _ in 0..POLLS {
        polls.push(final_poll(&stack, 30_000).await);
    }
    for kill in 0..8 {
        for poll in &polls {
            make_due(&stack, poll).await;
        }
        // Whatever they are at after so long.
        tokio::time::sleep(Duration::from_millis(kill * 90)).await;
        let worker = &stack.backgrounds()[kill as usize % 2];
        worker.kill().await;
        worker.restart().await;
    }
    let database = stack.database().connect().await;
    for poll in &polls {
        make_due(&stack, poll).await;
    }
    for poll in &polls {
        archived(&stack, poll).await;
        assert_eq!(verified(&stack, poll).await, 30_000);
        assert_eq!(read(&stack, poll, &stack.archive_folder()).await.responses.len(), 30_000);
    }
    let recorded: i64 = database.query_one("SELECT count(*) FROM archives", &[]).await.unwrap().get(0);
    assert_eq!(recorded, POLLS);
    wait_until("nothing is left to be done", DEADLINE, async || {
        let left = "SELECT count(*) FROM archivals WHERE due_at <= now() + interval '1 minute'";
        (database.query_one(left, &[]).await.unwrap().get::<_, i64>(0) == 0).then_some(())
    })
    .await;
}
