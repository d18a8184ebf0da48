//! Counts in Redis that are not those of the tallies.

use pollster_integration::{DEADLINE, PollView, Stack, token, wait_until};
use redis::AsyncCommands;
use serde_json::json;

use super::{choice, found, is_shown_above, one, question, voted, watching};

fn key(poll: &PollView) -> String {
    format!("poll:{{{}}}:counts", poll.poll_id)
}

async fn set(stack: &Stack, poll: &PollView, fields: &[(String, i64)]) {
    let _: () = stack.redis().connect().await.hset_multiple(key(poll), fields).await.unwrap();
}

/// Makes the hash say that the second choice has 9 votes, at its version.
async fn set_wrong(stack: &Stack, poll: &PollView) {
    set(stack, poll, &[(choice(poll, 1), 9), ("total".to_owned(), 11)]).await;
}

/// Kills the aggregator: it would mend by itself what is behind.
async fn alone(stack: &Stack) {
    stack.aggregator(0).kill().await;
}

#[tokio::test]
async fn wrong_counts_at_the_right_version_are_found_and_replaced_under_a_newer_one() {
    let stack = Stack::start().await;
    let poll = voted(&stack).await;
    let mut viewer = watching(&stack, &poll).await;
    set_wrong(&stack, &poll).await;
    let version = stack.version(&poll).await;
    let both = |fixed| [one("redis", "total", 3, 11, fixed), one("redis", &choice(&poll, 1), 1, 9, fixed)];

    let told = stack.run(&["reconcile", "--json"]).await;
    assert_eq!((told.code, found(&told)), (1, both(false).to_vec()));
    assert_eq!(stack.version(&poll).await, version);
    assert_eq!(stack.hash_counts(&poll).await.unwrap().1.total, 11);

    let fixed = stack.run(&["reconcile", "--fix", "--json"]).await.succeeded();
    assert_eq!(found(&fixed), both(true));
    is_shown_above(&mut viewer, &poll, version).await;
    assert_eq!(stack.assert_exact(&poll).await.total, 3);
    assert!(stack.version(&poll).await > version);
}

#[tokio::test]
async fn counts_that_are_behind_are_published() {
    let stack = Stack::start().await;
    let poll = voted(&stack).await;
    let version = stack.version(&poll).await;
    alone(&stack).await;
    set(&stack, &poll, &[("version".to_owned(), 1), ("total".to_owned(), 1), (question(&poll), 1)]).await;
    let told = stack.run(&["reconcile", "--json"]).await;
    assert_eq!((told.code, found(&told)), (1, vec![one("redis", "version", version, 1, false)]));
    assert_eq!(stack.run(&["reconcile", "--fix"]).await.code, 0);
    assert_eq!(stack.assert_exact(&poll).await.total, 3);
}

#[tokio::test]
async fn after_a_loss_of_postgresql_s_last_versions_viewers_are_told_under_one_above_all_that_they_saw() {
    let stack = Stack::start().await;
    let poll = voted(&stack).await;
    let mut viewer = watching(&stack, &poll).await;
    // What a database had committed that is an older one now.
    let lost = json!({"poll_id": poll.poll_id, "version": 1000, "total_votes": 5, "closed": false, "final": false,
                      "results": {question(&poll): 5, choice(&poll, 0): 2, choice(&poll, 1): 3}});
    set(&stack, &poll, &[("version".to_owned(), 1000), ("total".to_owned(), 5), (choice(&poll, 1), 3)]).await;
    let channel = format!("poll:{{{}}}:updates", poll.poll_id);
    let _: () = stack.redis().connect().await.publish(channel, lost.to_string()).await.unwrap();
    viewer.next_where("the version that was lost", |frame| frame["version"] == 1000).await;

    let version = stack.version(&poll).await;
    let fixed = stack.run(&["reconcile", "--fix", "--json"]).await.succeeded();
    assert_eq!(found(&fixed), [one("redis", "version", version, 1000, true)]);
    is_shown_above(&mut viewer, &poll, 1000).await;
    assert!(stack.version(&poll).await > 1000);
    // Votes are counted and shown as ever.
    stack.accepted(&poll, &token(), None, poll.ballot(0, 1)).await;
    viewer.next_where("the next vote", |frame| frame["total_votes"] == 4).await;
    assert_eq!(stack.assert_exact(&poll).await.total, 4);
}

#[tokio::test]
async fn counts_that_redis_lost_are_put_there_again_and_are_no_difference() {
    let stack = Stack::start().await;
    let poll = voted(&stack).await;
    alone(&stack).await;
    let _: () = stack.redis().connect().await.del(key(&poll)).await.unwrap();
    let told = stack.run(&["reconcile", "--json"]).await.succeeded();
    assert_eq!((found(&told), &told.json()["rebuilt"]), (vec![], &json!([])));
    assert_eq!(stack.hash_counts(&poll).await, None);
    let fixed = stack.run(&["reconcile", "--fix", "--json"]).await.succeeded();
    assert_eq!((found(&fixed), &fixed.json()["rebuilt"]), (vec![], &json!([poll.poll_id])));
    let (version, counts) = stack.hash_counts(&poll).await.unwrap();
    assert_eq!((version, counts), (stack.version(&poll).await, stack.counts(&poll).await));
}

#[tokio::test]
async fn counts_that_nobody_can_read_are_replaced() {
    let stack = Stack::start().await;
    let poll = voted(&stack).await;
    alone(&stack).await;
    let mut redis = stack.redis().connect().await;
    let _: () = redis.hset(key(&poll), "total", "many").await.unwrap();
    let fixed = stack.run(&["reconcile", "--fix", "--json"]).await.succeeded();
    assert_eq!((found(&fixed), &fixed.json()["rebuilt"]), (vec![], &json!([poll.poll_id])));
    assert_eq!(stack.assert_exact(&poll).await.total, 3);
}

#[tokio::test]
async fn the_schedule_puts_redis_right_and_leaves_tallies_to_an_operator() {
    let stack = Stack::start().await;
    let (poll, other) = (voted(&stack).await, voted(&stack).await);
    stack.close(&poll).await;
    stack.final_results(&poll).await;
    set_wrong(&stack, &poll).await;
    let wrong_tally = "UPDATE question_tallies t SET responses = 8 FROM questions q JOIN polls p ON p.id = q.poll \
                       WHERE q.id = t.question AND p.poll_id = $1";
    super::plant(&stack, &other, wrong_tally).await;
    // It reconciles as soon as it leads.
    stack.background().restart().await;
    wait_until("Redis is right", DEADLINE, async || {
        let (_, counts) = stack.hash_counts(&poll).await?;
        (counts.total == 3).then_some(())
    })
    .await;
    wait_until("the other poll's tally is told of", DEADLINE, async || {
        let metrics = stack.background().metrics().await;
        metrics.contains(r#"pollster_reconcile_drift_total{what="tallies"} 1"#).then_some(())
    })
    .await;
    let metrics = stack.background().metrics().await;
    assert!(metrics.contains(r#"pollster_reconcile_drift_total{what="redis"} 2"#), "{metrics}");
    assert_eq!(stack.assert_exact(&poll).await.total, 3);
    assert_eq!(stack.counts(&other).await.results[&question(&other)], 8);
    let log = stack.background().log();
    let told =
        log.lines().filter(|line| line.contains("\"ERROR\"") && line.contains("not what it should be"));
    let of = |poll: &PollView| poll.poll_id.to_string();
    let told: Vec<bool> = told.map(|line| line.contains(&of(&poll)) || line.contains(&of(&other))).collect();
    assert_eq!(told, [true; 3], "{log}");
}

#[tokio::test]
async fn the_schedule_counts_a_final_poll_again_only_once_its_version_has_moved_or_a_day_has_passed() {
    let stack = Stack::start().await;
    let poll = voted(&stack).await;
    stack.close(&poll).await;
    stack.final_results(&poll).await;
    let checked = "SELECT r.version, r.checked_at::text FROM reconciliations r JOIN polls p ON p.id = r.poll \
                   WHERE p.poll_id = $1";
    let checked = async || {
        let row = stack.database().connect().await.query_opt(checked, &[&poll.poll_id]).await.unwrap()?;
        Some((row.get::<_, i64>(0), row.get::<_, String>(1)))
    };
    let open = voted(&stack).await;
    let open_checked = "SELECT 1 FROM reconciliations r JOIN polls p ON p.id = r.poll WHERE p.poll_id = $1";
    let pass = async || {
        stack
            .database()
            .connect()
            .await
            .execute(
                "DELETE FROM reconciliations r USING polls p \
            WHERE p.id = r.poll AND p.poll_id = $1",
                &[&open.poll_id],
            )
            .await
            .unwrap();
        stack.background().restart().await;
        wait_until("all are checked", DEADLINE, async || {
            let database = stack.database().connect().await;
            database.query_opt(open_checked, &[&open.poll_id]).await.unwrap().map(|_| ())
        })
        .await;
    };
    pass().await;
    let first = checked().await.expect("a poll that was never checked is");
    assert_eq!(first.0, stack.version(&poll).await);
    pass().await;
    assert_eq!(checked().await.as_ref(), Some(&first));
    let yesterday = "UPDATE reconciliations r SET checked_at = now() - interval '25 hours' FROM polls p \
                     WHERE p.id = r.poll AND p.poll_id = $1";
    super::plant(&stack, &poll, yesterday).await;
    pass().await;
    let second = checked().await.unwrap();
    assert!(second.1 > first.1, "{second:?}");
    super::plant(
        &stack,
        &poll,
        "UPDATE poll_tallies t SET version = version + 1 FROM polls p \
                                 WHERE p.id = t.poll AND p.poll_id = $1",
    )
    .await;
    pass().await;
    assert_eq!(checked().await.unwrap().0, second.0 + 1);
}
