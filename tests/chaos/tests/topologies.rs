//! A short run of each topology, with the faults that it is there for.

use std::time::Duration;

use pollster_chaos::settings::Settings;
use pollster_chaos::topology::Topology;
use pollster_chaos::verdict::Verdict;
use pollster_integration::Scratch;

const LENGTH: Duration = Duration::from_secs(18);

/// Runs it with faults that the seed has all struck in time; `None` where what it needs is missing, which is said.
async fn verdict(topology: Topology, min_replicas: u32, seed: u64, faults: &[&str]) -> Option<Verdict> {
    if topology.is_missing() {
        return None;
    }
    let logs = Scratch::new("topology").expect("a folder for logs");
    let settings = Settings {
        seed,
        topology,
        min_replicas,
        length: LENGTH,
        only: faults.iter().map(ToString::to_string).collect(),
        planted: None,
        logs: logs.path().to_owned(),
    };
    let verdict = pollster_chaos::run(&settings).await;
    println!("{verdict}");
    assert!(verdict.passed());
    assert!(verdict.numbers.accepted > 100, "too few votes to tell");
    let struck = |fault: &&&str| verdict.recoveries.iter().any(|recovery| recovery.fault == **fault);
    let missed = faults.iter().filter(|fault| !fault.starts_with("kill-")).find(|fault| !struck(fault));
    assert_eq!(missed, None, "too short for one of each");
    Some(verdict)
}

fn takeovers(verdict: &Verdict) -> usize {
    verdict.recoveries.iter().filter(|recovery| recovery.took_over).count()
}

/// A primary takes votes that its replica does not get and PostgreSQL not yet, and dies with them.
const PRIMARY_DIES_WITH_VOTES: (u64, &[&str]) =
    (27, &["redis-primary-lost", "postgres-freeze", "sentinel-kill"]);

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_with_a_primary_where_a_replica_must_hold_it() {
    let (seed, faults) = PRIMARY_DIES_WITH_VOTES;
    let verdict = verdict(Topology::Sentinel, 1, seed, faults).await;
    assert!(verdict.is_none_or(|verdict| takeovers(&verdict) > 0 && verdict.numbers.lost_at_takeovers == 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_lost_with_a_primary_where_no_replica_must_hold_it_is_told() {
    let (seed, faults) = PRIMARY_DIES_WITH_VOTES;
    let verdict = verdict(Topology::Sentinel, 0, seed, faults).await;
    assert!(verdict.is_none_or(|verdict| takeovers(&verdict) > 0 && verdict.numbers.lost_at_takeovers > 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_when_a_primary_of_a_cluster_is_replaced_and_slots_move() {
    let faults = ["cluster-primary-kill", "cluster-move-slots", "kill-aggregator"];
    let verdict = verdict(Topology::Cluster, 1, 1, &faults).await;
    assert!(verdict.is_none_or(|verdict| takeovers(&verdict) > 0 && verdict.numbers.lost_at_takeovers == 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_when_one_of_three_servers_of_redis_is_away() {
    let faults = ["streams-kill", "aggregates-kill", "aggregates-flush", "pubsub-kill"];
    let verdict = verdict(Topology::Split, 0, 1, &faults).await;
    assert!(verdict.is_none_or(|verdict| verdict.numbers.lost_with_emptied_redis == 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_behind_a_pgbouncer_that_is_killed() {
    let faults = ["pgbouncer-kill", "pgbouncer-freeze", "postgres-restart", "kill-aggregator"];
    verdict(Topology::Pgbouncer, 0, 1, &faults).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_when_a_synchronous_standby_takes_over() {
    let faults = ["postgres-primary-kill", "read-replica-kill", "kill-aggregator"];
    let verdict = verdict(Topology::Standby, 0, 6, &faults).await;
    assert!(verdict.is_none_or(|verdict| takeovers(&verdict) > 0));
}
