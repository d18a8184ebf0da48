//! What the programs measure: all that an operator is promised, and nothing that says who voted.

use std::collections::BTreeSet;

use pollster_integration::{DEADLINE, Service, Stack, Viewer, lunch, token, wait_until};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

/// What every program measures: a name without the prefix, and its type.
const PROCESS: &[(&str, &str)] = &[
    ("process_cpu_seconds", "counter"),
    ("process_resident_memory_bytes", "gauge"),
    ("process_open_fds", "gauge"),
    ("database_pool_connections", "gauge"),
    ("database_pool_idle", "gauge"),
];
const GATEWAY: &[(&str, &str)] = &[
    ("votes", "counter"),
    ("vote_request_seconds", "histogram"),
    ("ws_connections", "gauge"),
    ("ws_frames", "counter"),
    ("ws_skipped", "counter"),
    ("ws_closed", "counter"),
    ("watched_polls", "gauge"),
    ("circuit_open", "gauge"),
    ("http_requests", "counter"),
];
const AGGREGATOR: &[(&str, &str)] = &[
    ("vote_commit_seconds", "histogram"),
    ("vote_visible_seconds", "histogram"),
    ("stream_lag", "gauge"),
    ("stream_pending", "gauge"),
    ("stream_oldest_seconds", "gauge"),
    ("batch_rows", "histogram"),
    ("responses_inserted", "counter"),
    ("responses_duplicate", "counter"),
    ("accepted_then_refused", "counter"),
    ("dead_letters", "counter"),
    ("reclaimed", "counter"),
];
const BACKGROUND: &[(&str, &str)] = &[
    ("reconcile_drift", "counter"),
    ("notifications", "counter"),
    ("archived_polls", "counter"),
    ("dead_letters", "counter"),
    ("dead_letters_waiting", "gauge"),
];

/// The values of labels that are words.
const WORDS: &[(&str, &[&str])] = &[
    (
        "outcome",
        &[
            // Of votes,
            "accepted",
            "replayed",
            "confirmed",
            "already_voted",
            "poll_closed",
            "overloaded",
            "unavailable",
            "internal",
            // of deliveries, and of work.
            "delivered",
            "withdrawn",
            "failed",
            "given_up",
            "done",
            "delayed",
        ],
    ),
    ("scope", &["voter", "voter-5m", "address", "polls", "logins", "account-logins"]),
    ("reason", &["full", "address", "origin", "subscribed", "behind"]),
    ("dependency", &["redis", "postgresql"]),
    ("queue", &["milestone", "notify", "archival"]),
    ("stream", &["votes", "milestone", "notify", "archival"]),
    ("what", &["tallies", "timeline", "redis"]),
    ("kind", &["milestone", "poll_closed", "digest", "nudge"]),
    (
        "schedule",
        &[
            "deadlines",
            "milestones",
            "notify",
            "archival-sweep",
            "removal",
            "digests",
            "nudges",
            "reconcile",
            "partitions",
        ],
    ),
];
/// What is answered without a route of the API's document.
const OTHER_ROUTES: [&str; 5] = ["asset", "page", "unknown", "/livez", "/readyz"];

/// A line of `/metrics` that is a sample: its name, labels and value.
struct Sample<'a> {
    name: &'a str,
    labels: Vec<(&'a str, &'a str)>,
    value: &'a str,
}

fn samples(metrics: &str) -> impl Iterator<Item = Sample<'_>> {
    metrics.lines().filter(|line| !line.starts_with('#')).map(|line| {
        let (series, value) = line.rsplit_once(' ').unwrap();
        let (name, labels) = series.split_once('{').unwrap_or((series, ""));
        let labels = labels.trim_end_matches('}').split("\",").filter(|label| !label.is_empty());
        let labels = labels.map(|label| {
            let (name, value) = label.split_once("=\"").unwrap();
            (name, value.trim_end_matches('"'))
        });
        Sample { name, labels: labels.collect(), value }
    })
}

/// Whether this is one of the values that the label may have, all known beforehand.
fn is_known(label: &str, value: &str, routes: &BTreeSet<String>) -> bool {
    let number = |range: std::ops::Range<u16>| value.parse().is_ok_and(|number| range.contains(&number));
    match label {
        "le" => value == "+Inf" || value.parse::<f64>().is_ok_and(|bound| bound < 10_000.0),
        "shard" => number(0..8),
        "status" => number(100..600),
        "code" => number(1000..5000),
        "route" => routes.contains(value) || OTHER_ROUTES.contains(&value),
        label => WORDS.iter().any(|(name, values)| *name == label && values.contains(&value)),
    }
}

/// The paths of the API's document.
async fn routes(stack: &Stack) -> BTreeSet<String> {
    let document: Value = stack.get("/api/v1/openapi.json").await.json().unwrap();
    document["paths"].as_object().unwrap().keys().cloned().collect()
}

/// A poll's life: made by an account, watched, voted on and again, told of, closed, archived.
async fn live(stack: &Stack) -> Vec<String> {
    let creator = stack.account("ann").await;
    let mut definition = lunch();
    definition["settings"] = json!({"milestones": [1]});
    let poll = stack.create_poll_as(&creator, &definition).await;
    let mut viewer = Viewer::connect(stack.gateway(0).address()).await;
    viewer.subscribe(poll.poll_id, None).await;
    viewer.next("results").await;
    viewer.send(Message::text("x".repeat(100_000))).await;
    viewer.closed().await;
    let voter = token();
    for key in [Some("key"), Some("key"), None] {
        stack.vote(&poll, &voter, key, poll.ballot(0, 0)).await;
    }
    let path = format!("/api/v1/polls/{}/close", poll.poll_id);
    stack.request(hyper::Method::POST, &path, &[creator.header()], "").await;
    stack.final_results(&poll).await;
    for metric in ["pollster_archived_polls_total", "pollster_notifications_total"] {
        let counted = async || (stack.background().metric(metric).await > 0.0).then_some(());
        wait_until(&format!("{metric} counts"), DEADLINE, counted).await;
    }
    vec![voter, poll.poll_id.to_string(), poll.slug.clone(), creator.subject, "127.0.0.1".to_owned()]
}

/// What is said of each metric: help, type and a value.
async fn assert_measures(service: &Service, metrics: &[(&str, &str)]) {
    for (name, kind) in metrics.iter().chain(PROCESS) {
        let name = format!("pollster_{name}");
        let text = wait_until(&format!("{name} is there"), DEADLINE, async || {
            Some(service.metrics().await).filter(|text| text.contains(&format!("# TYPE {name} {kind}\n")))
        })
        .await;
        let help = text.lines().find_map(|line| line.strip_prefix(&format!("# HELP {name} ")));
        assert!(help.is_some_and(|help| help.len() > 5), "{name}: {help:?}");
        let (series, label) = match *kind {
            "counter" => (format!("{name}_total"), None),
            // Without it Prometheus finds no quantile.
            "histogram" => (format!("{name}_bucket"), Some(("le", "+Inf"))),
            _ => (name, None),
        };
        let is_it = |sample: Sample<'_>| {
            sample.name == series && label.is_none_or(|label| sample.labels.contains(&label))
        };
        assert!(samples(&text).any(is_it), "{series} {label:?}:\n{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_program_measures_what_operators_are_promised_and_names_nobody() {
    let stack = Stack::builder().env("ARCHIVE_AFTER", "0s").start().await;
    let secrets = live(&stack).await;
    let routes = routes(&stack).await;
    let programs =
        [(stack.gateway(0), GATEWAY), (stack.aggregator(0), AGGREGATOR), (stack.background(), BACKGROUND)];
    for (service, promised) in programs {
        assert_measures(service, promised).await;
        let metrics = service.metrics().await;
        for sample in samples(&metrics) {
            for (label, value) in &sample.labels {
                assert!(is_known(label, value, &routes), "{}: {label}={value}", sample.name);
            }
        }
        for secret in &secrets {
            assert!(!metrics.contains(secret.as_str()), "{secret}:\n{metrics}");
        }
    }
}

#[tokio::test]
async fn what_alerts_look_at_begins_with_0() {
    let stack = Stack::start().await;
    let (gateway, background) = (stack.gateway(0), stack.background());
    let begun = [
        (gateway, "votes_total", "outcome", &["accepted", "replayed", "confirmed"][..]),
        (gateway, "votes_total", "outcome", &["overloaded", "unavailable", "internal"]),
        (gateway, "connections_refused_total", "reason", &["full", "address", "origin"]),
        (gateway, "circuit_open", "dependency", &["redis", "postgresql"]),
        (background, "reconcile_drift_total", "what", &["tallies", "timeline", "redis"]),
        (background, "dead_letters_total", "queue", &["milestone", "notify", "archival"]),
        (background, "dead_letters_waiting", "stream", &["votes", "milestone", "notify", "archival"]),
        (background, "notifications_total", "outcome", &["delivered", "withdrawn", "failed", "given_up"]),
        (background, "scheduled_runs_total", "outcome", &["failed"]),
    ];
    for (service, name, label, values) in begun {
        for value in values {
            let is_it = |sample: &Sample<'_>| {
                sample.name.strip_prefix("pollster_") == Some(name) && sample.labels.contains(&(label, value))
            };
            let all_0 = async || {
                let metrics = service.metrics().await;
                let mut found = samples(&metrics).filter(is_it).peekable();
                (found.peek().is_some() && found.all(|sample| sample.value == "0")).then_some(())
            };
            wait_until(&format!("{name} of {value} is there, and 0"), DEADLINE, all_0).await;
        }
    }
}
