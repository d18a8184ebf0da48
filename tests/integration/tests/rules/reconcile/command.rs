//! What the command says, and when it does nothing.

use pollster_integration::{Stack, lunch};
use serde_json::json;
use uuid::Uuid;

use super::{found, plant, voted};

#[tokio::test]
async fn an_unknown_poll_is_named_and_nothing_is_done() {
    let stack = Stack::start().await;
    for unknown in [Uuid::now_v7().to_string(), "no-such-poll".to_owned()] {
        let ran = stack.run(&["reconcile", "--poll", &unknown, "--fix", "--json"]).await;
        assert_eq!((ran.code, ran.stdout.as_str()), (1, ""));
        assert!(ran.stderr.contains(&unknown) && ran.stderr.contains("id or slug"), "{ran:?}");
    }
}

#[tokio::test]
async fn without_polls_and_without_votes_there_is_nothing_to_find() {
    let stack = Stack::start().await;
    let ran = stack.run(&["reconcile", "--json"]).await.succeeded();
    assert_eq!(
        ran.json(),
        json!({"polls": 0, "responses": 0, "differences": [], "rebuilt": [], "failed": []})
    );
    stack.create_poll(&lunch()).await;
    let ran = stack.run(&["reconcile", "--fix", "--json"]).await.succeeded();
    assert_eq!(
        ran.json(),
        json!({"polls": 1, "responses": 0, "differences": [], "rebuilt": [], "failed": []})
    );
    let ran = stack.run(&["reconcile"]).await.succeeded();
    assert_eq!(ran.stdout, "1 polls checked, 0 responses counted, 0 differences\n");
}

#[tokio::test]
async fn of_two_that_fix_at_once_the_second_is_told_to_wait() {
    let stack = Stack::start().await;
    let poll = voted(&stack).await;
    plant(&stack, &poll, super::tallies::CHOICE).await;
    let planted = stack.counts(&poll).await;
    let first = stack.database().connect().await;
    let lock = "SELECT pg_advisory_lock(hashtextextended('reconcile --fix', 0))";
    first.execute(lock, &[]).await.unwrap();
    let second = stack.run(&["reconcile", "--fix", "--json"]).await;
    assert_eq!((second.code, second.stdout.as_str()), (1, ""));
    assert!(second.stderr.contains("another reconcile --fix is running"), "{second:?}");
    assert_eq!(stack.counts(&poll).await, planted);
    // To look is free.
    assert_eq!(stack.run(&["reconcile", "--json"]).await.code, 1);
    drop(first);
    pollster_integration::wait_until(
        "the first one's end is seen",
        pollster_integration::DEADLINE,
        async || (stack.run(&["reconcile", "--fix"]).await.code == 0).then_some(()),
    )
    .await;
    assert_eq!(stack.assert_exact(&poll).await.total, 3);
}

#[tokio::test]
async fn servers_that_are_away_end_the_command_with_a_message() {
    let stack = Stack::start().await;
    voted(&stack).await;
    let nowhere = [("DATABASE_URL", "postgres://pollster:k1tt3n@127.0.0.1:1/pollster")];
    let ran = stack.run_with(&["reconcile"], &nowhere).await;
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.stderr.contains("PostgreSQL") && !ran.stderr.contains("k1tt3n"), "{ran:?}");
    let nowhere = [("REDIS_AGGREGATES_URL", "redis://127.0.0.1:1")];
    let ran = stack.run_with(&["reconcile"], &nowhere).await;
    assert_eq!((ran.code, ran.stderr.contains("Redis")), (1, true), "{ran:?}");
    assert_eq!(found(&stack.run(&["reconcile", "--json"]).await.succeeded()), []);
}
