//! One digest a period, whoever records it.

use pollster_integration::{DEADLINE, wait_until};

use super::*;

/// An account with a poll of some days ago, which wants its digest.
async fn with_poll(stack: &Stack, name: &str, period: &str) -> TestAccount {
    let account = stack.account(name).await;
    choose(stack, &account, json!({"digest": period})).await;
    let poll = stack.create_poll_as(&account, &of_accounts()).await;
    made_days_ago(stack, &poll, 20).await;
    account
}

#[tokio::test]
async fn whoever_records_digests_again_or_at_the_same_time_records_none_twice() {
    let stack = Stack::builder().without_background().start().await;
    let mut accounts = Vec::new();
    // More than are looked at together.
    for number in 0..120 {
        accounts.push(with_poll(&stack, &format!("account-{number}"), "daily").await);
    }
    let (first, second, third) =
        tokio::join!(record(&stack, "daily"), record(&stack, "daily"), record(&stack, "daily"));
    let recorded: i64 = [first, second, third].iter().map(|said| said["recorded"].as_i64().unwrap()).sum();
    assert_eq!(recorded, 120);
    assert_eq!(record(&stack, "daily").await["recorded"], 0);
    for account in &accounts {
        assert_eq!(told(&stack, account, "digest").await.len(), 1);
    }
    // Each is to be delivered.
    let database = stack.database().connect().await;
    let deliveries = "SELECT count(*) FROM deliveries d JOIN notifications n ON n.id = d.notification \
                      WHERE d.channel = 'in_app' AND n.type = 'digest'";
    assert_eq!(database.query_one(deliveries, &[]).await.unwrap().get::<_, i64>(0), 120);
}

#[tokio::test]
async fn digests_come_by_themselves() {
    let stack = Stack::start().await;
    let (daily, weekly) = (with_poll(&stack, "ann", "daily").await, with_poll(&stack, "bob", "weekly").await);
    // It is done when the program starts, and every hour.
    stack.background().restart().await;
    for account in [&daily, &weekly] {
        wait_until("a digest", DEADLINE, async || {
            (!told(&stack, account, "digest").await.is_empty()).then_some(())
        })
        .await;
    }
    assert_eq!(record(&stack, "daily").await["recorded"], 0);
    assert_eq!(record(&stack, "weekly").await["recorded"], 0);
}

#[tokio::test]
async fn the_command_says_what_it_did_and_why_it_could_not() {
    let stack = Stack::builder().without_background().start().await;
    with_poll(&stack, "ann", "daily").await;
    let said = stack.run(&["digest", "--period", "daily"]).await.succeeded();
    assert!(
        said.stdout.starts_with("daily digests from 20") && said.stdout.ends_with(": 1 recorded\n"),
        "{said:?}"
    );
    assert_eq!(stack.run(&["digest", "--period", "hourly"]).await.code, 2);
    assert_eq!(stack.run(&["digest"]).await.code, 2);
    let nowhere = [("DATABASE_URL", "postgres://nobody:hunter2@127.0.0.1:1/none")];
    let failed = stack.run_with(&["digest", "--period", "daily"], &nowhere).await;
    assert_eq!(failed.code, 1, "{failed:?}");
    assert!(failed.stderr.contains("PostgreSQL") && !failed.stderr.contains("hunter2"), "{failed:?}");
}

#[tokio::test]
async fn digests_are_recorded_while_redis_is_away() {
    let stack = Stack::builder().without_background().start().await;
    let ann = with_poll(&stack, "ann", "daily").await;
    stack.redis().kill().await;
    assert_eq!(record(&stack, "daily").await["recorded"], 1);
    assert_eq!(told(&stack, &ann, "digest").await.len(), 1);
}
