//! Scheduled work is done by one instance at a time, and by another once that is gone.

use futures_util::future::join_all;
use pollster_integration::{DEADLINE, Service, Stack, lunch, wait_until};
use serde_json::{Value, json};

use crate::configuration::{run, said, with};
use crate::queues::Queue;

const BACKGROUND: (&str, &[&str]) = ("pollster-background", &["run"]);

/// Whether this instance says that it leads the schedule.
async fn leads(service: &Service, schedule: &str) -> bool {
    let line = format!(r#"pollster_leading{{schedule="{schedule}"}} 1"#);
    service.metrics().await.lines().any(|other| other == line)
}

/// Waits until one of these leads the deadlines, and returns it; two at no time.
async fn leader<'a>(among: &[&'a Service]) -> &'a Service {
    wait_until("one instance leads", DEADLINE, async || {
        let leading = join_all(among.iter().map(|service| leads(service, "deadlines"))).await;
        assert!(leading.iter().filter(|leads| **leads).count() <= 1, "{leading:?}");
        leading.iter().position(|leads| *leads).map(|index| among[index])
    })
    .await
}

async fn closes_a_due_poll(stack: &Stack) {
    let mut definition = lunch();
    let ends_at = chrono::Utc::now() + chrono::TimeDelta::milliseconds(500);
    definition["ends_at"] = json!(ends_at.to_rfc3339());
    let poll = stack.create_poll(&definition).await;
    stack.final_results(&poll).await;
}

#[tokio::test]
async fn one_instance_leads_and_another_takes_over_when_it_is_killed() {
    let stack = Stack::builder().backgrounds(3).start().await;
    let mut alive: Vec<&Service> = stack.backgrounds().iter().collect();
    for _ in 0..2 {
        let leader = leader(&alive).await;
        leader.kill().await;
        alive.retain(|service| !std::ptr::eq(*service, leader));
        closes_a_due_poll(&stack).await;
    }
    assert!(leads(leader(&alive).await, "archival-sweep").await);
}

#[tokio::test]
async fn an_instance_that_is_asked_to_end_hands_its_work_over() {
    let stack = Stack::builder().backgrounds(2).start().await;
    let all: Vec<&Service> = stack.backgrounds().iter().collect();
    let first = leader(&all).await;
    assert!(first.terminate().await.success());
    let rest: Vec<&Service> = all.into_iter().filter(|service| !std::ptr::eq(*service, first)).collect();
    leader(&rest).await;
    closes_a_due_poll(&stack).await;
}

#[tokio::test]
async fn who_loses_the_session_with_its_lock_does_not_lead_any_more() {
    let stack = Stack::start().await;
    leader(&[stack.background()]).await;
    let database = stack.database().connect().await;
    let end = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' \
               AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    database.execute(end, &[]).await.unwrap();
    wait_until("it notices", DEADLINE, async || {
        stack.background().log().contains("not leading any more").then_some(())
    })
    .await;
    leader(&[stack.background()]).await;
    closes_a_due_poll(&stack).await;
}

#[tokio::test]
async fn a_leader_that_stands_still_is_replaced() {
    let stack = Stack::builder().backgrounds(2).start().await;
    let all: Vec<&Service> = stack.backgrounds().iter().collect();
    let hangs = leader(&all).await;
    hangs.stop().await;
    let rest: Vec<&Service> = all.into_iter().filter(|service| !std::ptr::eq(*service, hangs)).collect();
    leader(&rest).await;
    closes_a_due_poll(&stack).await;
    hangs.cont().await;
    wait_until("it notices", DEADLINE, async || (!leads(hangs, "deadlines").await).then_some(())).await;
}

#[tokio::test]
async fn only_the_jobs_that_are_named_run() {
    let stack = Stack::builder().background_args(&["run", "--only", "archival"]).start().await;
    let queue = Queue::of(stack).await;
    let polls = queue.final_polls(2).await;
    queue.enqueue(&polls[0]).await;
    queue.recorded_once(&polls).await;
    let metrics = queue.stack.background().metrics().await;
    assert!(metrics.contains(r#"pollster_leading{schedule="archival-sweep"} 1"#), "{metrics}");
    assert!(!metrics.contains(r#"schedule="deadlines""#), "{metrics}");
}

#[test]
fn an_unknown_job_ends_the_program_with_the_names_that_there_are() {
    let output = run(BACKGROUND, &["--only", "deadlines,nonsense"], &with("LISTEN", "127.0.0.1:0"));
    let said = said(&output);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(
        ["nonsense", "deadlines", "archival", "partitions"].iter().all(|name| said.contains(name)),
        "{said}"
    );
}

#[tokio::test]
async fn a_bad_archive_after_ends_the_program() {
    let output = run(BACKGROUND, &[], &with("ARCHIVE_AFTER", "soon"));
    assert_eq!(output.status.code(), Some(64));
    assert!(said(&output).contains("ARCHIVE_AFTER"), "{}", Value::from(said(&output)));
}
