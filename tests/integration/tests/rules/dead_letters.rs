//! Dead letters are looked at, replayed and discarded by command.

mod jobs;
mod votes;

use pollster_integration::{Ran, Stack};
use serde_json::Value;

/// All dead letters, as the command shows them.
async fn listed(stack: &Stack) -> Vec<Value> {
    let ran = stack.run(&["dead-letters", "list", "--json"]).await.succeeded();
    ran.json()["dead_letters"].as_array().unwrap().clone()
}

/// The only one there is.
async fn only_one(stack: &Stack) -> Value {
    let [letter] = listed(stack).await.try_into().expect("one dead letter");
    letter
}

/// The name of a letter.
fn id(letter: &Value) -> &str {
    letter["id"].as_str().unwrap()
}

async fn replay_all(stack: &Stack) -> Ran {
    stack.run(&["dead-letters", "replay", "--all", "--json"]).await
}

#[tokio::test]
async fn where_there_are_none_nothing_is_done() {
    let stack = Stack::builder().gateways(0).aggregators(0).without_background().start().await;
    assert_eq!(listed(&stack).await, [] as [Value; 0]);
    let people = stack.run(&["dead-letters", "list"]).await.succeeded();
    assert_eq!(people.stdout, "0 dead letters\n");
    assert_eq!(replay_all(&stack).await.succeeded().json()["replayed"], serde_json::json!([]));
}

#[tokio::test]
async fn what_is_not_there_or_not_an_id_is_an_error_that_says_so() {
    let stack = Stack::builder().gateways(0).aggregators(0).without_background().start().await;
    for action in ["replay", "discard"] {
        let missing = stack.run(&["dead-letters", action, "--id", "votes/0/5-1", "--json"]).await;
        assert_eq!(missing.code, 1, "{missing:?}");
        assert_eq!(missing.json()["failed"][0]["reason"], "there is no such dead letter");
        let bad = stack.run(&["dead-letters", action, "--id", "5-1"]).await;
        assert_eq!(bad.code, 2, "{bad:?}");
        assert!(bad.stderr.contains("votes/3/1700000000000-0"), "{bad:?}");
        let neither = stack.run(&["dead-letters", action]).await;
        assert_eq!(neither.code, 2, "{neither:?}");
        assert!(neither.stderr.contains("--all") && neither.stderr.contains("--id"), "{neither:?}");
        let unknown = stack.run(&["dead-letters", action, "--all", "--stream", "letters"]).await;
        assert_eq!(unknown.code, 2, "{unknown:?}");
        assert!(unknown.stderr.contains("archival"), "{unknown:?}");
    }
}
