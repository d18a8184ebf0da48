//! What aggregators and gateways are scaled by is what there is.

use serde_json::Value;

use super::*;

fn triggers(variant: &Variant) -> Vec<&Value> {
    variant.of_kind("ScaledObject").flat_map(|object| list(&object["spec"]["triggers"])).collect()
}

#[test]
fn keda_asks_for_the_stream_of_every_shard() {
    let mut asked = 0;
    for variant in variants() {
        let settings = variant.of_kind("ConfigMap").next().unwrap();
        let shards: u16 = text(&settings["data"]["VOTE_SHARDS"]).parse().unwrap();
        let triggers = triggers(variant);
        let of_redis = triggers.iter().filter(|trigger| text(&trigger["type"]).starts_with("redis-"));
        let streams: Vec<_> = of_redis.map(|trigger| text(&trigger["metadata"]["stream"])).collect();
        if !streams.is_empty() {
            let all: Vec<_> = (0..shards).map(pollster_shared::keys::vote_stream).collect();
            assert_eq!(streams, all, "{}", variant.name());
            asked += 1;
        }
    }
    assert!(asked >= 2 || variants().is_empty(), "of one Redis, and under Sentinels");
}

/// KEDA takes pending entries where there is a group, and nothing but text.
#[test]
fn keda_s_triggers_say_what_it_reads() {
    for trigger in variants().iter().flat_map(triggers) {
        let metadata = trigger["metadata"].as_object().unwrap();
        assert!(metadata.values().all(Value::is_string), "{trigger}");
        let mut fields: Vec<_> = metadata.keys().map(String::as_str).collect();
        fields.sort_unstable();
        let known: &[&str] = match text(&trigger["type"]) {
            "redis-streams" => &["address", "stream", "streamLength"],
            "redis-sentinel-streams" => &["addresses", "sentinelMaster", "stream", "streamLength"],
            "prometheus" => &["ignoreNullValues", "query", "serverAddress", "threshold"],
            other => panic!("{other}"),
        };
        assert_eq!(fields, known, "{trigger}");
    }
    for variant in variants() {
        let authentications: Vec<_> = variant.of_kind("TriggerAuthentication").map(name).collect();
        let references = triggers(variant).into_iter().map(|trigger| &trigger["authenticationRef"]["name"]);
        for reference in references.filter(|reference| !reference.is_null()) {
            assert!(authentications.contains(&text(reference)), "{reference}");
        }
    }
}

/// The alert is at 10,000 entries; another aggregator is wanted before that.
#[test]
fn aggregators_are_added_before_the_lag_is_an_alert() {
    const ALERT: f64 = 10_000.0;
    // What the autoscaler lets pass before it does anything.
    const TOLERANCE: f64 = 1.1;
    let number = |value: &Value| text(value).parse::<f64>().unwrap();
    for variant in variants() {
        for object in variant.of_kind("ScaledObject") {
            let bounds: f64 = list(&object["spec"]["triggers"])
                .iter()
                .map(|trigger| {
                    let metadata = &trigger["metadata"];
                    number(metadata.get("streamLength").unwrap_or(&metadata["threshold"]))
                })
                .sum();
            let least = object["spec"]["minReplicaCount"].as_f64().unwrap();
            assert!(bounds * least * TOLERANCE < ALERT, "{}", variant.name());
        }
        for autoscaler in
            variant.of_kind("HorizontalPodAutoscaler").filter(|it| name(it) == "pollster-aggregator")
        {
            let least = autoscaler["spec"]["minReplicas"].as_f64().unwrap();
            let bound = number(&autoscaler["spec"]["metrics"][0]["external"]["target"]["averageValue"]);
            assert!(bound * least * TOLERANCE < ALERT, "{}", variant.name());
        }
    }
}

#[test]
fn every_metric_of_an_autoscaler_has_a_rule_of_the_adapter() {
    let Some(rules) = documents("prometheus-adapter.yaml") else { return };
    let made = |kind: &str| -> BTreeSet<&str> {
        list(&rules[0][kind]).iter().map(|rule| text(&rule["name"]["as"])).collect()
    };
    let mut asked: [BTreeSet<&str>; 2] = Default::default();
    for autoscaler in variants().iter().flat_map(|variant| variant.of_kind("HorizontalPodAutoscaler")) {
        for metric in list(&autoscaler["spec"]["metrics"]) {
            match text(&metric["type"]) {
                "Pods" => asked[0].insert(text(&metric["pods"]["metric"]["name"])),
                "External" => asked[1].insert(text(&metric["external"]["metric"]["name"])),
                _ => continue,
            };
        }
    }
    if !variants().is_empty() {
        assert_eq!(asked, [made("rules"), made("externalRules")]);
    }
}

/// Every aggregator measures all shards.
#[test]
fn the_lag_that_prometheus_tells_is_summed_over_shards_and_not_over_aggregators() {
    let Some(rules) = documents("prometheus-adapter.yaml") else { return };
    let of_keda = variants().iter().flat_map(triggers).filter(|trigger| trigger["type"] == "prometheus");
    let queries: Vec<_> = of_keda.map(|trigger| text(&trigger["metadata"]["query"])).collect();
    let of_adapter = text(&rules[0]["externalRules"][0]["metricsQuery"]);
    assert!(!queries.is_empty());
    for query in queries.into_iter().chain([of_adapter]) {
        assert!(query.starts_with("sum(max by (shard) (pollster_stream_lag{"), "{query}");
    }
}
