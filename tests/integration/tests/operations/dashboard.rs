//! The dashboard: it says what it shows, and each of its queries has an answer from programs that run.

use std::collections::BTreeSet;

use pollster_integration::{DEADLINE, PrometheusServer, Sample, Stack, Viewer, lunch, token};
use pollster_stack::Prometheus;
use serde_json::Value;
use tokio::time::timeout;

const DASHBOARD: &str = include_str!("../../../../docker/grafana/dashboards/pollster.json");
const ALERTS: &str = include_str!("../../../../docker/prometheus/alerts.yml");
const COLUMNS: u64 = 24;
/// Four times what lies between two scrapes, a second here.
const RATE_INTERVAL: &str = "4s";

fn dashboard() -> Value {
    serde_json::from_str(DASHBOARD).unwrap()
}

/// All panels but the headings.
fn panels() -> Vec<Value> {
    let mut dashboard = dashboard();
    let panels = dashboard["panels"].take();
    let Value::Array(panels) = panels else { panic!("panels") };
    panels.into_iter().filter(|panel| panel["type"] != "row").collect()
}

fn text<'a>(panel: &'a Value, field: &str) -> &'a str {
    panel[field].as_str().unwrap_or_default()
}

/// The queries of a panel, with the variables replaced as Grafana does.
fn queries(panel: &Value) -> Vec<String> {
    let targets = panel["targets"].as_array().unwrap();
    targets.iter().map(|target| text(target, "expr").replace("$__rate_interval", RATE_INTERVAL)).collect()
}

#[test]
fn each_panel_says_what_it_shows_and_in_which_unit() {
    let dashboard = dashboard();
    assert_eq!(dashboard["templating"]["list"][0]["name"], "datasource");
    let mut ids = BTreeSet::new();
    for panel in dashboard["panels"].as_array().unwrap() {
        assert!(ids.insert(panel["id"].as_u64().unwrap()), "{}", panel["id"]);
    }
    for panel in panels() {
        let title = text(&panel, "title");
        assert!(!title.is_empty() && text(&panel, "description").ends_with(['.', ')']), "{title}: {panel}");
        assert_eq!(panel["datasource"]["uid"], "${datasource}", "{title}");
        assert!(!text(&panel["fieldConfig"]["defaults"], "unit").is_empty(), "{title}");
        for target in panel["targets"].as_array().unwrap() {
            assert!(!text(target, "legendFormat").is_empty(), "{title}: {target}");
        }
        assert!(queries(&panel).iter().all(|query| !query.contains('$')), "{title}");
    }
}

#[test]
fn panels_lie_side_by_side() {
    let mut taken = BTreeSet::new();
    for panel in dashboard()["panels"].as_array().unwrap() {
        let [x, y, w, h] = ["x", "y", "w", "h"].map(|field| panel["gridPos"][field].as_u64().unwrap());
        assert!(w > 0 && h > 0 && x + w <= COLUMNS, "{}", panel["title"]);
        for (column, line) in (x..x + w).flat_map(|column| (y..y + h).map(move |line| (column, line))) {
            assert!(taken.insert((column, line)), "{} lies on another", panel["title"]);
        }
    }
}

/// The numbers that an alert's expression compares with.
fn bounds(alert: &str) -> Vec<f64> {
    let (_, rule) = ALERTS.split_once(&format!("- alert: {alert}\n")).unwrap_or_else(|| panic!("{alert}"));
    let expression = rule.split("labels:").next().unwrap();
    let after = expression.split("> ").chain(expression.split("== ")).skip(1);
    after.filter_map(|rest| rest.split([' ', '\n']).next()?.parse().ok()).collect()
}

#[test]
fn dashed_lines_are_the_bounds_of_the_alerts_that_panels_name() {
    let mut lines = 0;
    for panel in panels() {
        let Some(line) = panel["fieldConfig"]["defaults"]["thresholds"]["steps"][1]["value"].as_f64() else {
            continue;
        };
        lines += 1;
        let (_, alert) = text(&panel, "description").split_once("Pollster").expect("it names its alert");
        let alert = format!("Pollster{}", alert.split([')', ',']).next().unwrap());
        // A share is told of by what is missing, and of what there is or isn't 1 is drawn.
        let same = |bound: f64| bound == line || (1.0 - bound - line).abs() < 1e-9;
        assert!(bounds(&alert).into_iter().any(same), "{}: {line}, {:?}", panel["title"], bounds(&alert));
    }
    assert!(lines > 8, "{lines}");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_query_has_an_answer_while_votes_come() {
    if Prometheus::is_missing() {
        return;
    }
    let stack = Stack::start().await;
    let prometheus = PrometheusServer::of(&stack).await;
    let poll = stack.create_poll(&lunch()).await;
    let mut viewer = Viewer::connect(stack.gateway(0).address()).await;
    viewer.subscribe(poll.poll_id, None).await;

    let mut unanswered: Vec<String> = panels().iter().flat_map(queries).collect();
    let asking = async {
        while let Some(query) = unanswered.first().cloned() {
            stack.accepted(&poll, &token(), None, poll.ballot(0, 0)).await;
            let is_number = |sample: &Sample| !sample.value.is_nan();
            if prometheus.query(&query).await.iter().any(is_number) {
                unanswered.remove(0);
            } else {
                unanswered.rotate_left(1);
            }
        }
    };
    // What is left over says more than that it took too long.
    let _ = timeout(2 * DEADLINE, asking).await;
    assert!(unanswered.is_empty(), "without an answer: {unanswered:#?}");
}
