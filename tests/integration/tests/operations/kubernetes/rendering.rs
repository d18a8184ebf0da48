//! What the files make is what Kubernetes takes, and what Kustomize makes of them.

use std::collections::BTreeSet;
use std::process::Command;

use pollster_stack::skipped;
use serde_json::Value;

use super::*;

/// The oldest Kubernetes that has all that is used, and the newest that the schemas are known of.
const VERSIONS: [&str; 2] = ["1.30", "1.37"];
/// What other projects add to Kubernetes, with what we say of it: there are no schemas of it here.
const ADDED: [(&str, &[&str]); 3] = [
    (
        "keda.sh/v1alpha1 ScaledObject",
        &["advanced", "maxReplicaCount", "minReplicaCount", "pollingInterval", "scaleTargetRef", "triggers"],
    ),
    ("keda.sh/v1alpha1 TriggerAuthentication", &["secretTargetRef"]),
    ("monitoring.coreos.com/v1 PodMonitor", &["podMetricsEndpoints", "selector"]),
];

#[test]
fn all_objects_are_what_kubernetes_takes() {
    let validating = VERSIONS.map(|version| format!("--validate={version}"));
    let validating = validating.each_ref().map(String::as_str);
    for (folder, components) in VARIANTS {
        let Some(said) = rendered(&validating, folder, components) else {
            return skipped(MISSING);
        };
        assert_eq!(said["errors"], serde_json::json!([]), "{folder} {components:?}");
        let is_added = |kind: &Value| ADDED.iter().any(|(added, _)| kind == added);
        assert!(list(&said["unknown"]).iter().all(is_added), "{folder}: {}", said["unknown"]);
    }
}

#[test]
fn what_has_no_schema_says_only_what_is_known() {
    for object in variants().iter().flat_map(|variant| &variant.objects) {
        let kind = format!("{} {}", text(&object["apiVersion"]), text(&object["kind"]));
        if let Some((_, known)) = ADDED.iter().find(|(added, _)| *added == kind) {
            let said = object["spec"].as_object().unwrap();
            assert!(said.keys().all(|field| known.contains(&field.as_str())), "{kind}: {said:?}");
        }
    }
}

#[test]
fn each_component_is_in_a_variant() {
    let of_production = std::fs::read_to_string(folder(PRODUCTION).join("kustomization.yaml")).unwrap();
    let is_used = |component: &String| {
        let line = format!("\n  - ../../components/{component}\n");
        of_production.contains(&line) || VARIANTS.iter().any(|(_, used)| used.contains(&component.as_str()))
    };
    let unused: BTreeSet<_> = components().into_iter().filter(|component| !is_used(component)).collect();
    assert_eq!(unused, BTreeSet::new());
}

/// Whether `kubectl` is there with a Kustomize that knows components.
fn has_kustomize() -> bool {
    let output = Command::new("kubectl").args(["version", "--client", "--output=json"]).output();
    let said = output.ok().and_then(|output| serde_json::from_slice::<Value>(&output.stdout).ok());
    said.is_some_and(|said| {
        said["kustomizeVersion"].as_str().is_some_and(|version| version.starts_with("v5"))
    })
}

#[test]
fn kustomize_makes_the_same_of_the_files() {
    if !has_kustomize() {
        return skipped("there is no kubectl with Kustomize 5");
    }
    for variant in variants() {
        let theirs = rendered(&["--kustomize"], variant.folder, variant.components).unwrap();
        assert_eq!(theirs, Value::from(variant.objects.clone()), "{}", variant.name());
    }
}

#[test]
fn overlays_make_all_in_our_namespace() {
    for variant in variants().iter().filter(|variant| variant.folder != "base") {
        for object in variant.objects.iter().filter(|object| object["kind"] != "Namespace") {
            assert_eq!(object["metadata"]["namespace"], "pollster", "{} {}", variant.name(), name(object));
        }
    }
}
