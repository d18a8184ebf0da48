//! The README's steps after PostgreSQL was lost and an older backup of it restored.

use std::process::Command;

use pollster_integration::{DEADLINE, PollView, Stack, lunch, token, wait_until};

/// Runs one of PostgreSQL's own programs on the stack's database.
fn postgres(program: &str, args: &[&str], stack: &Stack) {
    let mut command = Command::new(program);
    command.args(args).arg(format!("--dbname={}", stack.database().url()));
    let output = command.output().unwrap_or_else(|error| panic!("{program}: {error}"));
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
}

/// Votes of this many new voters, who are returned.
async fn votes(stack: &Stack, poll: &PollView, number: usize) -> Vec<String> {
    let mut voters = Vec::new();
    for vote in 0..number {
        let voter = token();
        stack.accepted(poll, &voter, None, poll.ballot(0, vote % 2)).await;
        voters.push(voter);
    }
    voters
}

#[tokio::test]
async fn what_redis_still_has_is_counted_and_what_was_lost_may_be_voted_again() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&lunch()).await;
    let kept = votes(&stack, &poll, 20).await;
    stack.assert_exact(&poll).await;
    let folder = pollster_integration::Scratch::new("backup").unwrap();
    let backup = folder.path().join("backup.dump").display().to_string();
    postgres("pg_dump", &["--format=custom", &format!("--file={backup}")], &stack);
    let lost = votes(&stack, &poll, 10).await;
    stack.assert_exact(&poll).await;
    // On their way when PostgreSQL was lost.
    assert!(stack.aggregator(0).terminate().await.success());
    let waiting = votes(&stack, &poll, 5).await;

    for service in [stack.gateway(0), stack.background()] {
        assert!(service.terminate().await.success());
    }
    let emptied = "DROP SCHEMA public CASCADE; CREATE SCHEMA public";
    stack.database().connect().await.batch_execute(emptied).await.unwrap();
    postgres("pg_restore", &["--exit-on-error", &backup], &stack);
    stack.run(&["migrate"]).await.succeeded();
    stack.aggregator(0).restart().await;
    wait_until("nothing waits in Redis", DEADLINE, async || {
        let metrics = stack.aggregator(0).metrics().await;
        // Measured, and nothing there.
        let measured = metrics.contains("pollster_stream_lag{");
        let left = stack.aggregator(0).metric("pollster_stream_lag").await
            + stack.aggregator(0).metric("pollster_stream_pending").await;
        (measured && left == 0.0).then_some(())
    })
    .await;
    assert!(stack.aggregator(0).terminate().await.success());
    let _: () = redis::cmd("FLUSHALL").query_async(&mut stack.redis().connect().await).await.unwrap();
    for service in [stack.aggregator(0), stack.gateway(0), stack.background()] {
        service.restart().await;
    }

    assert_eq!(stack.assert_exact(&poll).await.total, 25, "those of the backup, and those on their way");
    let again = async |voter: &str| {
        let vote = stack.vote(&poll, voter, None, poll.ballot(0, 0)).await;
        let receipt: serde_json::Value = vote.json().unwrap();
        (vote.status, receipt["vote_id"].as_str().unwrap_or_default().to_owned())
    };
    for voter in &lost {
        assert_eq!(again(voter).await.0, 202, "a voter whose vote is lost");
    }
    assert_eq!(stack.assert_exact(&poll).await.total, 35);
    // Redis can't know these any more, and PostgreSQL has the last word.
    for voter in [&kept[1], &waiting[1]] {
        let (status, vote_id) = again(voter).await;
        assert_eq!(status, 202);
        wait_until("the second vote is rejected", DEADLINE, async || {
            let status = stack.vote_status(&poll, voter, &vote_id).await;
            status.text().contains("\"rejected\"").then_some(())
        })
        .await;
    }
    assert_eq!(stack.assert_exact(&poll).await.total, 35);
    stack.run(&["reconcile", "--json"]).await.succeeded();
}
