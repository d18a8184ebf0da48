//! docker/kubernetes: what its overlays and components make, held against the schemas of Kubernetes, the programs, and
//! each other. There is no cluster where this runs, so what one would do with it is not seen.

mod pods;
mod ports;
mod rendering;
mod scaling;
mod selectors;
mod settings;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

use serde_json::Value;

use crate::yaml::{python, repository};

const FOLDER: &str = "docker/kubernetes";
const SCRIPT: &str = "tests/integration/tests/operations/kubernetes/render.py";
/// What is rendered: a folder, and components on top of it.
const VARIANTS: [(&str, &[&str]); 6] = [
    ("overlays/development", &[]),
    ("overlays/production", &[]),
    ("base", &["network-policies", "ingress", "split-live"]),
    ("base", &["hpa-gateway", "hpa-aggregator"]),
    ("base", &["keda-streams"]),
    ("base", &["keda-prometheus"]),
];
const MISSING: &str = "there is no Python environment to read YAML with; docker/install.sh tests makes it";
const PRODUCTION: &str = "overlays/production";

/// A variant and the objects that it makes.
#[derive(Debug)]
struct Variant {
    folder: &'static str,
    components: &'static [&'static str],
    objects: Vec<Value>,
}

/// All of them; none, and that said, where there is nothing to render them.
fn variants() -> &'static [Variant] {
    static RENDERED: OnceLock<Vec<Variant>> = OnceLock::new();
    if python::program("python").is_none() {
        pollster_stack::skipped(MISSING);
    }
    RENDERED.get_or_init(|| {
        let objects = |folder, components| serde_json::from_value(rendered(&[], folder, components)?).ok();
        let variants = VARIANTS.into_iter().filter_map(|(folder, components)| {
            Some(Variant { folder, components, objects: objects(folder, components)? })
        });
        variants.collect()
    })
}

/// What the script prints; `None` where there is no Python environment.
fn rendered(options: &[&str], folder: &str, components: &[&str]) -> Option<Value> {
    let python = python::program("python")?;
    let below = |name: &str| repository().join(FOLDER).join(name);
    let components = components.iter().map(|name| below(&format!("components/{name}")));
    let mut command = Command::new(python);
    command.arg(repository().join(SCRIPT)).args(options).arg(below(folder)).args(components);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{folder}: {}", String::from_utf8_lossy(&output.stderr));
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

impl Variant {
    fn name(&self) -> String {
        format!("{} {:?}", self.folder, self.components)
    }

    /// The objects of a kind.
    fn of_kind<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Value> {
        self.objects.iter().filter(move |object| object["kind"] == kind)
    }

    /// What makes pods.
    fn workloads(&self) -> impl Iterator<Item = &Value> {
        ["Deployment", "StatefulSet", "Job"].into_iter().flat_map(|kind| self.of_kind(kind))
    }

    /// What makes pods of our programs.
    fn programs(&self) -> impl Iterator<Item = &Value> {
        self.workloads().filter(|workload| name(workload).starts_with("pollster-"))
    }

    /// The workloads whose pods a label selector selects.
    fn selected<'a>(&'a self, selector: &'a Value) -> impl Iterator<Item = &'a Value> {
        self.workloads().filter(|workload| selects(selector, &pod(workload)["metadata"]["labels"]))
    }
}

fn name(object: &Value) -> &str {
    text(&object["metadata"]["name"])
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}"))
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn pod(workload: &Value) -> &Value {
    &workload["spec"]["template"]
}

/// The only container of a workload's pods.
fn container(workload: &Value) -> &Value {
    let containers = list(&pod(workload)["spec"]["containers"]);
    assert_eq!(containers.len(), 1, "{}", name(workload));
    &containers[0]
}

/// Whether a selector with `matchLabels` and `matchExpressions` (of `In`), or an empty one, selects these labels.
fn selects(selector: &Value, labels: &Value) -> bool {
    let known =
        selector.as_object().unwrap().keys().all(|key| key == "matchLabels" || key == "matchExpressions");
    assert!(known, "{selector}");
    let has = |(key, value): (&String, &Value)| &labels[key] == value;
    let is_one_of = |expression: &Value| {
        assert_eq!(expression["operator"], "In");
        list(&expression["values"]).contains(&labels[text(&expression["key"])])
    };
    selector["matchLabels"].as_object().is_none_or(|wanted| wanted.iter().all(has))
        && list(&selector["matchExpressions"]).iter().all(is_one_of)
}

/// The YAML documents of a file below the folder; `None`, and that said, where there is nothing to read them.
fn documents(file: &str) -> Option<Vec<Value>> {
    const TO_JSON: &str =
        "import json, sys, yaml; json.dump(list(yaml.safe_load_all(open(sys.argv[1]))), sys.stdout)";
    let Some(python) = python::program("python") else {
        pollster_stack::skipped(MISSING);
        return None;
    };
    let output = Command::new(python).args(["-c", TO_JSON]).arg(folder(file)).output().unwrap();
    assert!(output.status.success(), "{file}: {}", String::from_utf8_lossy(&output.stderr));
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

fn components() -> BTreeSet<String> {
    let folders = std::fs::read_dir(repository().join(FOLDER).join("components")).unwrap();
    folders.map(|folder| folder.unwrap().file_name().into_string().unwrap()).collect()
}

fn folder(name: &str) -> PathBuf {
    repository().join(FOLDER).join(name)
}
