//! What refers to pods by their labels finds some, of the right kind.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::*;

#[test]
fn a_workload_selects_its_own_pods_alone() {
    for variant in variants() {
        for workload in variant.workloads().filter(|workload| workload["kind"] != "Job") {
            let selected: Vec<_> = variant.selected(&workload["spec"]["selector"]).map(name).collect();
            assert_eq!(selected, [name(workload)], "{}", variant.name());
            let spread = list(&pod(workload)["spec"]["topologySpreadConstraints"]).iter();
            for selector in spread.map(|constraint| &constraint["labelSelector"]) {
                assert_eq!(selector, &workload["spec"]["selector"], "{}", name(workload));
            }
        }
    }
}

#[test]
fn services_and_monitors_and_policies_find_pods() {
    for variant in variants() {
        let of_service = |service: &Value| json!({ "matchLabels": service["spec"]["selector"] });
        let of_policy = |policy: &Value| policy["spec"]["podSelector"].clone();
        let of_monitor = |monitor: &Value| monitor["spec"]["selector"].clone();
        let selectors = variant.of_kind("Service").map(of_service);
        let selectors = selectors.chain(variant.of_kind("NetworkPolicy").map(of_policy));
        for selector in selectors.chain(variant.of_kind("PodMonitor").map(of_monitor)) {
            assert!(variant.selected(&selector).next().is_some(), "{} {selector}", variant.name());
        }
    }
}

/// Which of these objects there is for each deployment.
fn by_deployment<'a>(
    variant: &'a Variant,
    objects: impl Iterator<Item = &'a Value>,
    of: impl Fn(&'a Value) -> BTreeSet<&'a str>,
) -> BTreeMap<&'a str, usize> {
    let mut found: BTreeMap<_, _> =
        variant.of_kind("Deployment").map(|deployment| (name(deployment), 0)).collect();
    for name in objects.flat_map(of) {
        *found.get_mut(name).unwrap_or_else(|| panic!("{}: no {name}", variant.name())) += 1;
    }
    found
}

#[test]
fn each_deployment_gives_way_a_pod_at_a_time() {
    for variant in variants() {
        let of = |budget: &'_ Value| -> BTreeSet<&str> {
            assert_eq!(budget["spec"]["maxUnavailable"], 1);
            let labels = &budget["spec"]["selector"]["matchLabels"];
            let deployments = variant.of_kind("Deployment");
            let selected = deployments.filter(|it| &it["spec"]["selector"]["matchLabels"] == labels);
            selected.map(name).collect()
        };
        let budgets = by_deployment(variant, variant.of_kind("PodDisruptionBudget"), of);
        assert!(budgets.values().all(|number| *number == 1), "{}: {budgets:?}", variant.name());
    }
}

fn scaled(autoscaler: &Value) -> BTreeSet<&str> {
    assert_eq!(autoscaler["spec"]["scaleTargetRef"]["kind"], "Deployment");
    [text(&autoscaler["spec"]["scaleTargetRef"]["name"])].into()
}

#[test]
fn an_autoscaler_alone_says_how_many_there_are() {
    for variant in variants() {
        let autoscalers = ["HorizontalPodAutoscaler", "ScaledObject"];
        let autoscalers = autoscalers.into_iter().flat_map(|kind| variant.of_kind(kind));
        for (deployment, number) in by_deployment(variant, autoscalers, scaled) {
            let mut deployments = variant.of_kind("Deployment");
            let replicas = &deployments.find(|it| name(it) == deployment).unwrap()["spec"]["replicas"];
            assert!(number <= 1, "{} {deployment}", variant.name());
            assert!(
                number == 0 || replicas.is_null(),
                "{} {deployment}: apply would reset it",
                variant.name()
            );
            if variant.folder == PRODUCTION {
                let several = number == 1 || replicas.as_u64() >= Some(2);
                assert!(several, "{} {deployment}: one that goes leaves none", variant.name());
            }
        }
    }
}

#[test]
fn gateways_of_both_kinds_serve_all_together() {
    for variant in variants() {
        let gateways = variant.programs().map(container).filter(|container| container["name"] == "gateway");
        let mut served = BTreeSet::new();
        for container in gateways {
            let roles = list(&container["env"]).iter().find(|variable| variable["name"] == "SERVE");
            served.extend(roles.map_or("api,ws", |roles| text(&roles["value"])).split(','));
        }
        assert_eq!(served, ["api", "ws"].into(), "{}", variant.name());
    }
}
