//! The alerts: Prometheus takes them, each fires when it should and not before, and what they look at is there.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use pollster_integration::{DEADLINE, Database, PrometheusServer, Stack, wait_until};
use pollster_stack::{Prometheus, find_promtool};

/// A status is there with the first answer that has it.
const COMES_LATER: &str = "pollster_http_requests_total{status=~\"5..\"}";
/// The replica of the stack below is no replica: how far it is behind is not known.
const EXPECTED: [&str; 1] = ["PollsterReplicaLag"];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docker/prometheus")
}

fn read(file: &str) -> String {
    std::fs::read_to_string(folder().join(file)).unwrap()
}

/// Runs `promtool`, which must succeed.
fn promtool(args: &[&str]) {
    let output =
        Command::new(find_promtool().unwrap()).args(args).current_dir(folder()).output().expect("it starts");
    let said = [output.stdout, output.stderr].map(|said| String::from_utf8_lossy(&said).into_owned());
    assert!(output.status.success(), "promtool {args:?}:\n{}", said.concat());
}

/// The names of all alerts.
fn alerts() -> BTreeSet<String> {
    read("alerts.yml")
        .lines()
        .filter_map(|line| line.trim().strip_prefix("- alert: ").map(str::to_owned))
        .collect()
}

/// Whether the test file has a case in which an alert fires, and one in which it is silent, by the alert's name.
fn tested() -> BTreeMap<String, (bool, bool)> {
    let text = read("alerts_test.yml");
    let mut tested = BTreeMap::<String, (bool, bool)>::new();
    // One each time that an alert is looked at.
    for looked in text.split("eval_time: ").skip(1) {
        let (_, named) = looked.split_once("expr: 'ALERTS{alertname=\"").expect("it looks at an alert");
        let name = named.split('"').next().expect("a name").to_owned();
        let fires = looked.contains("exp_samples: [{ labels: 'ALERTS{");
        let (beyond, within) = tested.entry(name).or_default();
        *(if fires { beyond } else { within }) = true;
    }
    tested
}

#[test]
fn prometheus_takes_the_configuration_and_the_alerts() {
    if Prometheus::is_missing() {
        return;
    }
    promtool(&["check", "config", "prometheus.yml"]);
    promtool(&["check", "rules", "alerts.yml"]);
}

#[test]
fn each_alert_fires_beyond_its_bound_and_is_silent_within() {
    let tested = tested();
    for alert in &alerts() {
        assert_eq!(tested.get(alert), Some(&(true, true)), "{alert}: (fires, silent) in alerts_test.yml");
    }
    assert_eq!(tested.len(), alerts().len(), "alerts_test.yml looks at alerts that there are");
    if !Prometheus::is_missing() {
        promtool(&["test", "rules", "alerts_test.yml"]);
    }
}

/// The selectors of series in an expression.
fn selectors(expression: &str) -> Vec<String> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let begins = expression.match_indices("pollster_").chain(expression.match_indices("up{"));
    let selector = |(at, _): (usize, &str)| {
        let rest = &expression[at..];
        let name = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
        let labels =
            rest[name..].strip_prefix('{').and_then(|labels| labels.find('}')).map_or(0, |end| end + 2);
        rest[..name + labels].to_owned()
    };
    begins.filter(|(at, _)| !expression[..*at].ends_with(is_part)).map(selector).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_alerts_look_at_is_there_from_the_start_and_healthy_programs_alert_nobody() {
    if Prometheus::is_missing() {
        return;
    }
    let database = Database::migrated().await;
    let replica = database.url().to_owned();
    let stack = Stack::builder().database(database).env("DATABASE_REPLICA_URL", replica).start().await;
    let prometheus = PrometheusServer::of(&stack).await;
    let alerts = prometheus.alerts().await;
    let expressions: Vec<&str> = alerts.iter().filter_map(|alert| alert["query"].as_str()).collect();
    let looked_at: BTreeSet<String> = expressions.iter().flat_map(|query| selectors(query)).collect();
    assert!(looked_at.len() > alerts.len(), "{looked_at:?}");
    for selector in looked_at.iter().filter(|selector| *selector != COMES_LATER) {
        for series in each(selector) {
            let there = async || (!prometheus.query(&series).await.is_empty()).then_some(());
            wait_until(&format!("{series} is there"), DEADLINE, there).await;
        }
    }
    wait_until("nothing but the replica is alerted of", DEADLINE, async || {
        let told = prometheus.query("count by (alertname) (ALERTS)").await;
        let names = told.iter().filter_map(|alert| alert.labels["alertname"].as_str());
        names.eq(EXPECTED).then_some(())
    })
    .await;
}

/// A selector of one series for each that the given one chooses by its name: `a{b=~"c|d"}` for `c` and for `d`.
fn each(selector: &str) -> Vec<String> {
    let Some((before, values)) = selector.split_once("=~\"").filter(|(_, rest)| rest.contains('|')) else {
        return vec![selector.to_owned()];
    };
    let values = values.trim_end_matches("\"}");
    values.split('|').map(|value| format!("{before}=\"{value}\"}}")).collect()
}
