//! The schema goes up, down and up again, while votes go on.

mod folder;
mod lint;
mod under_load;
mod votes;

use chrono::{Datelike, Months, Utc};
use pollster_background::commands::migrate;
use pollster_integration::{Database, Stack, lunch, token};

/// Everything of ours in the database: relations, functions, types. What remembers the migrations is diesel's.
async fn objects(database: &Database) -> Vec<String> {
    let statement = "SELECT relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
        WHERE n.nspname = 'public' AND relname NOT LIKE '\\_\\_diesel%' \
        UNION ALL SELECT proname::text || '()' FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace \
        WHERE n.nspname = 'public' AND proname NOT LIKE 'diesel%' \
        UNION ALL SELECT typname::text || ' type' FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace \
        WHERE n.nspname = 'public' AND typname !~ '^_*diesel' ORDER BY 1";
    let rows = database.connect().await.query(statement, &[]).await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

#[tokio::test]
async fn migrations_go_up_down_and_up_again() {
    let database = Database::empty().await;
    assert!(objects(&database).await.is_empty());
    let applied = migrate::up(database.url()).await.unwrap();
    assert!(applied > 0);
    let made = objects(&database).await;
    assert!(made.contains(&"responses".to_owned()) && made.contains(&"vote_audit_log".to_owned()));
    assert_eq!(migrate::up(database.url()).await.unwrap(), 0);
    assert_eq!(objects(&database).await, made);

    assert_eq!(migrate::down(database.url()).await.unwrap(), applied);
    assert_eq!(objects(&database).await, [""; 0]);
    assert_eq!(migrate::up(database.url()).await.unwrap(), applied);
    assert_eq!(objects(&database).await, made);

    let stack = Stack::builder().database(database).start().await;
    let poll = stack.create_poll(&lunch()).await;
    stack.accepted(&poll, &token(), None, poll.ballot(0, 0)).await;
    assert_eq!(stack.assert_exact(&poll).await.total, 1);
}

#[tokio::test]
async fn migrations_come_down_over_data() {
    let database = Database::migrated().await;
    let url = database.url().to_owned();
    let stack = Stack::builder().database(database).start().await;
    let poll = stack.create_poll(&lunch()).await;
    stack.accepted(&poll, &token(), None, poll.ballot(0, 0)).await;
    stack.assert_exact(&poll).await;
    for service in [stack.gateway(0), stack.aggregator(0), stack.background()] {
        assert!(service.terminate().await.success());
    }
    migrate::down(&url).await.unwrap();
    assert_eq!(objects(stack.database()).await, [""; 0]);
}

#[tokio::test]
async fn the_partitions_of_the_months_ahead_are_there() {
    let database = Database::migrated().await;
    let objects = objects(&database).await;
    for ahead in 0..=3 {
        let month = Utc::now().date_naive() + Months::new(ahead);
        let partition = format!("responses_{}_{:02}", month.year(), month.month());
        assert!(objects.contains(&partition), "{partition}");
    }
}
