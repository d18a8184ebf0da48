//! What holds of every pod: it is bounded, confined, watched, and given the time to end.

use serde_json::{Value, json};

use super::*;

fn containers(variant: &Variant) -> impl Iterator<Item = (&Value, &Value)> {
    variant.workloads().map(|workload| (workload, container(workload)))
}

#[test]
fn every_container_asks_for_what_it_needs_and_is_bounded() {
    for variant in variants() {
        for (workload, container) in containers(variant) {
            for resource in ["cpu", "memory"] {
                for bound in ["requests", "limits"] {
                    let is_said = container["resources"][bound][resource].is_string();
                    assert!(is_said, "{} {} {bound} {resource}", variant.name(), name(workload));
                }
            }
        }
    }
}

/// As the namespace's "restricted" standard has it, and with a file system that nobody writes to.
#[test]
fn every_container_is_confined() {
    let confined = json!({
        "allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true, "capabilities": {"drop": ["ALL"]}
    });
    for variant in variants() {
        for (workload, container) in containers(variant) {
            let (pod, name) = (&pod(workload)["spec"], name(workload));
            assert_eq!(container["securityContext"], confined, "{name}");
            assert_eq!(pod["securityContext"]["runAsNonRoot"], true, "{name}");
            assert_eq!(pod["securityContext"]["seccompProfile"]["type"], "RuntimeDefault", "{name}");
            assert_eq!(pod["automountServiceAccountToken"], false, "{name}");
            // Variables of services are no settings of ours.
            assert_eq!(pod["enableServiceLinks"], false, "{name}");
        }
    }
    for namespace in variants().iter().flat_map(|variant| variant.of_kind("Namespace")) {
        assert_eq!(namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"], "restricted");
    }
}

#[test]
fn what_runs_for_long_is_watched() {
    for variant in variants() {
        for (workload, container) in containers(variant).filter(|(workload, _)| workload["kind"] != "Job") {
            for probe in ["startupProbe", "livenessProbe", "readinessProbe"] {
                assert!(container[probe].is_object(), "{} {probe}", name(workload));
            }
        }
        for (workload, container) in
            containers(variant).filter(|(workload, _)| workload["kind"] == "Deployment")
        {
            let path = |probe: &str| text(&container[probe]["httpGet"]["path"]).to_owned();
            let paths = ["startupProbe", "livenessProbe", "readinessProbe"].map(path);
            assert_eq!(paths, ["/livez", "/livez", "/readyz"], "{}", name(workload));
            // As long as a program takes to find out at most.
            assert!(container["readinessProbe"]["timeoutSeconds"].as_u64() > Some(2), "{}", name(workload));
        }
    }
}

#[test]
fn a_pod_that_goes_never_goes_before_one_that_comes() {
    for deployment in variants().iter().flat_map(|variant| variant.of_kind("Deployment")) {
        let update = &deployment["spec"]["strategy"]["rollingUpdate"];
        assert_eq!(
            (&update["maxUnavailable"], &update["maxSurge"]),
            (&json!(0), &json!(1)),
            "{}",
            name(deployment)
        );
    }
}

#[test]
fn images_of_overlays_have_tags() {
    for variant in variants().iter().filter(|variant| variant.folder != "base") {
        for (workload, container) in containers(variant) {
            let tag = text(&container["image"]).rsplit_once(':').map(|(_, tag)| tag);
            assert!(
                tag.is_some_and(|tag| !tag.is_empty() && tag != "latest"),
                "{}: {}",
                name(workload),
                container["image"]
            );
        }
    }
}
