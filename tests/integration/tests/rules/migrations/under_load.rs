//! Migrations run while votes go on.

use std::time::Duration;

use pollster_background::commands::migrate::{MigrateError, Patience};
use pollster_integration::{DEADLINE, Database, Scratch, wait_until};
use tokio_postgres::Client;

use super::folder::{self, add, apply, first};
use super::votes::{Votes, tables};

/// Short, so that a test that has to see it pass does not take long.
const LOCK_TIMEOUT: Duration = Duration::from_millis(500);
/// No statement of a vote may wait for longer: the lock timeout, and what a busy machine adds.
const VOTE_LOCK_TIMEOUT: &str = "3s";
const PATIENCE: Patience =
    Patience { lock_timeout: LOCK_TIMEOUT, attempts: 30, pause: Duration::from_millis(50) };

/// A transaction that has read and written all tables, and does not end. What alters one of them has to wait.
async fn hold_all_tables(client: &Client) {
    client.batch_execute("BEGIN").await.unwrap();
    for table in tables(client).await {
        client.batch_execute(&format!("LOCK TABLE {table} IN ROW EXCLUSIVE MODE")).await.unwrap();
    }
}

/// The sessions, but for one's own, that wait for a table's lock which lets others wait behind it.
async fn waiting(client: &Client) -> Vec<i32> {
    let waiting = "SELECT DISTINCT pid FROM pg_locks WHERE NOT granted AND locktype = 'relation' \
        AND mode IN ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock') \
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    client.query(waiting, &[]).await.unwrap().iter().map(|row| row.get(0)).collect()
}

/// Waits until a migration waits for a lock, and then has given it up.
async fn gave_way(client: &Client) {
    let blocked = async || (!waiting(client).await.is_empty()).then_some(());
    wait_until("the migration waits", DEADLINE, blocked).await;
    let gave_way = async || waiting(client).await.is_empty().then_some(());
    wait_until("the migration gives way", DEADLINE, gave_way).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_migration_lets_a_vote_fail_or_wait_for_long() {
    for count in 2..=folder::names().len() {
        let scratch = Scratch::new("migrations").unwrap();
        let (before, after) = (scratch.path().join("before"), scratch.path().join("after"));
        first(&before, count - 1);
        first(&after, count);
        let database = Database::empty().await;
        apply(&before, database.url(), PATIENCE).await.unwrap();
        let votes = Votes::start(&database, VOTE_LOCK_TIMEOUT).await;
        votes.go_on().await;
        let (holder, watcher) = (database.connect().await, database.connect().await);
        hold_all_tables(&holder).await;

        let url = database.url().to_owned();
        let migration = tokio::spawn(async move { apply(&after, &url, PATIENCE).await });
        gave_way(&watcher).await;
        votes.go_on().await;
        assert!(!migration.is_finished(), "migration {count} did not need what was held");
        holder.batch_execute("COMMIT").await.unwrap();
        let applied = migration.await.unwrap();
        assert_eq!(applied.unwrap(), 1, "migration {count}");
        votes.go_on().await;
        votes.end().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_migration_that_never_gets_its_lock_is_given_up_and_names_itself() {
    let scratch = Scratch::new("blocked").unwrap();
    let database = Database::migrated().await;
    first(scratch.path(), folder::names().len());
    add(scratch.path(), "blocked", "ALTER TABLE polls ADD COLUMN never text", true);
    let holder = database.connect().await;
    hold_all_tables(&holder).await;
    let votes = Votes::start(&database, VOTE_LOCK_TIMEOUT).await;
    let patience = Patience { attempts: 2, ..PATIENCE };
    let error = apply(scratch.path(), database.url(), patience).await.unwrap_err();
    let MigrateError::Blocked { migration, attempts } = &error else { panic!("{error}") };
    assert_eq!((migration.as_str(), *attempts), ("2999-01-01-000001_blocked", 2));
    votes.go_on().await;
    votes.end().await;
    holder.batch_execute("COMMIT").await.unwrap();
    assert_eq!(apply(scratch.path(), database.url(), patience).await.unwrap(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_migration_that_fails_by_its_own_fault_is_not_tried_again() {
    let scratch = Scratch::new("wrong").unwrap();
    let database = Database::migrated().await;
    first(scratch.path(), folder::names().len());
    add(scratch.path(), "wrong", "ALTER TABLE no_table ADD COLUMN never text", true);
    let patience = Patience { pause: Duration::from_secs(3600), ..PATIENCE };
    let error = apply(scratch.path(), database.url(), patience).await.unwrap_err();
    assert!(matches!(&error, MigrateError::Migration(why) if why.contains("no_table")), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_index_is_built_while_votes_go_on_and_anew_where_it_was_left_unfinished() {
    let scratch = Scratch::new("concurrently").unwrap();
    let database = Database::migrated().await;
    first(scratch.path(), folder::names().len());
    let index = "CREATE INDEX CONCURRENTLY IF NOT EXISTS polls_title_idx ON polls (title)";
    add(scratch.path(), "index", index, false);
    let votes = Votes::start(&database, VOTE_LOCK_TIMEOUT).await;
    let (holder, watcher) = (database.connect().await, database.connect().await);
    // As a build leaves it that was killed.
    holder.batch_execute("SET lock_timeout = '200ms'").await.unwrap();
    watcher.batch_execute("BEGIN; LOCK TABLE polls IN ROW EXCLUSIVE MODE").await.unwrap();
    assert!(holder.batch_execute(index).await.is_err());
    assert_eq!(is_valid(&holder).await, Some(false));

    let (folder, url) = (scratch.path().to_owned(), database.url().to_owned());
    let migration = tokio::spawn(async move { apply(&folder, &url, PATIENCE).await });
    // It waits for the transaction, for longer than a lock timeout, and the votes don't wait for it.
    let begun = "SELECT 1 FROM pg_stat_activity WHERE query LIKE '%INDEX CONCURRENTLY%' AND wait_event_type = 'Lock' \
        AND datname = current_database() AND clock_timestamp() - query_start > interval '1 second'";
    wait_until("the build waits", DEADLINE, async || holder.query_opt(begun, &[]).await.unwrap().map(drop))
        .await;
    votes.go_on().await;
    watcher.batch_execute("COMMIT").await.unwrap();
    assert_eq!(migration.await.unwrap().unwrap(), 1);
    assert_eq!(is_valid(&holder).await, Some(true));
    votes.end().await;
}

async fn is_valid(client: &Client) -> Option<bool> {
    let state = "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass('polls_title_idx')";
    client.query_opt(state, &[]).await.unwrap().map(|row| row.get(0))
}
