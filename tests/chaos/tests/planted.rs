//! The checker finds the bugs that it is there for, and where there is none, none.

use std::time::Duration;

use pollster_chaos::planted::Planted;
use pollster_chaos::settings::Settings;
use pollster_chaos::topology::Topology;
use pollster_chaos::verdict::Verdict;
use pollster_integration::Scratch;

const LENGTH: Duration = Duration::from_secs(16);

/// A seed, and the faults that are chosen from.
type Plan = (u64, &'static [&'static str]);

/// Entries are delivered again: a stopped aggregator loses what it has to the other one, and goes on with it later.
const DELIVERED_AGAIN: Plan = (1, &["kill-aggregator", "pause-aggregator"]);
/// Aggregators die with what waits for PostgreSQL.
const KILLED_WHILE_WAITING: Plan = (3, &["kill-aggregator", "postgres-freeze"]);
/// Redis dies with what waits for PostgreSQL. The third fault makes it not the first, before anything waits.
const REDIS_KILLED_WHILE_HOLDING: Plan = (434, &["redis-kill", "postgres-freeze", "pause-background"]);
const ALL_OF_THESE: Plan = (1, &["kill-aggregator", "pause-aggregator", "redis-kill", "postgres-freeze"]);

async fn verdict((seed, only): Plan, planted: Option<Planted>) -> Verdict {
    let logs = Scratch::new("planted").expect("a folder for logs");
    let only = only.iter().map(ToString::to_string).collect();
    let settings = Settings {
        seed,
        topology: Topology::Single,
        min_replicas: 0,
        length: LENGTH,
        only,
        planted,
        logs: logs.path().to_owned(),
    };
    let verdict = pollster_chaos::run(&settings).await;
    println!("{verdict}");
    verdict
}

async fn assert_found(rule: &str, plan: Plan, planted: Planted) {
    let verdict = verdict(plan, Some(planted)).await;
    assert!(verdict.violations.iter().any(|violation| violation.rule == rule), "{planted:?} was not found");
}

#[tokio::test(flavor = "multi_thread")]
async fn counts_that_are_added_up_are_found() {
    assert_found("counts disagree", DELIVERED_AGAIN, Planted::Increments).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn acknowledging_before_the_commit_is_found() {
    assert_found("lost", KILLED_WHILE_WAITING, Planted::AcknowledgesFirst).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_without_its_unique_keys_is_found() {
    assert_found("counted twice", DELIVERED_AGAIN, Planted::NoUniqueKey).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_before_votes_are_on_disk_are_found() {
    assert_found("lost", REDIS_KILLED_WHILE_HOLDING, Planted::NothingOnDisk).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_no_bug_is_planted_none_is_found() {
    assert!(verdict(ALL_OF_THESE, None).await.passed());
}
