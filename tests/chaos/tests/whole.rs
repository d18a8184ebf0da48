//! A short run of the whole, with a fault of each group.

use std::time::Duration;

use pollster_chaos::settings::Settings;
use pollster_chaos::topology::Topology;
use pollster_integration::Scratch;

const FAULTS: [&str; 9] = [
    "kill-gateway",
    "pause-aggregator",
    "kill-background",
    "redis-kill",
    "redis-wipe",
    "postgres-failover",
    "blackhole-redis",
    "cut-postgres",
    "clock-hour",
];

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_and_nothing_counts_twice_whatever_dies() {
    let logs = Scratch::new("whole").expect("a folder for logs");
    let settings = Settings {
        // Redis loses its data while nothing else is away, or much would be excused.
        seed: 44,
        topology: Topology::Single,
        min_replicas: 0,
        length: Duration::from_secs(30),
        only: FAULTS.map(str::to_owned).into(),
        planted: None,
        logs: logs.path().to_owned(),
    };
    let verdict = pollster_chaos::run(&settings).await;
    println!("{verdict}");
    assert!(verdict.passed());
    assert!(verdict.numbers.faults >= FAULTS.len() as u64, "too short for one of each");
    assert!(verdict.numbers.accepted > 100, "too few votes to tell");
}
