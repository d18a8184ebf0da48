//! Settings and secrets: what pods are given is what the programs take and need.

use std::collections::{BTreeMap, BTreeSet};

use pollster_shared::config::parse_duration;
use pollster_stack::{Scratch, free_port};
use serde_json::Value;

use super::*;
use crate::settings::{Environment, SECRET, known, starts};

/// The program of a container, and its arguments.
fn program(container: &Value) -> (String, Vec<&str>) {
    let image = text(&container["image"]).rsplit('/').next().unwrap().split(':').next().unwrap();
    let name = image.strip_prefix("pollster-").unwrap_or(image);
    (format!("pollster-{name}"), list(&container["args"]).iter().map(text).collect())
}

/// What a workload's container is given by name and value: in ConfigMaps, and by itself.
fn given(variant: &Variant, container: &Value) -> (Environment, Environment) {
    let mut shared = Environment::new();
    for source in list(&container["envFrom"]) {
        let named = &source["configMapRef"]["name"];
        let map =
            variant.of_kind("ConfigMap").find(|map| name(map) == named).expect("a ConfigMap of that name");
        shared.extend(
            map["data"].as_object().unwrap().iter().map(|(key, value)| (key.clone(), text(value).to_owned())),
        );
    }
    let own = list(&container["env"]).iter().filter(|variable| variable["value"].is_string());
    let own = own.map(|variable| (text(&variable["name"]).to_owned(), text(&variable["value"]).to_owned()));
    (shared, own.collect())
}

/// The keys of the Secrets that a container is given, and whether it can do without; each becomes a variable of its name.
pub(super) fn of_secrets(container: &Value) -> Vec<(&str, bool)> {
    list(&container["env"]).iter().filter_map(of_secret).collect()
}

fn of_secret(variable: &Value) -> Option<(&str, bool)> {
    let reference = variable["valueFrom"].get("secretKeyRef")?;
    assert_eq!(reference["name"], "pollster-secrets");
    assert_eq!(reference["key"], variable["name"]);
    Some((text(&reference["key"]), reference["optional"] == true))
}

/// The values in secrets.example.yaml, of both Secrets, with what is left to fill in filled in.
pub(super) fn example_secrets() -> Option<BTreeMap<String, String>> {
    let secrets = documents("secrets.example.yaml")?;
    let values = secrets.iter().flat_map(|secret| secret["stringData"].as_object().unwrap());
    let filled = |value: &str| if value.is_empty() { SECRET.to_owned() } else { value.to_owned() };
    Some(values.map(|(key, value)| (key.clone(), filled(text(value)))).collect())
}

#[test]
fn programs_know_every_variable_that_they_are_given() {
    for variant in variants() {
        let mut known_to_some = BTreeSet::new();
        for workload in variant.programs() {
            let container = container(workload);
            let (program, args) = program(container);
            let known = known(&program, &args);
            let (_, own) = given(variant, container);
            for variable in
                own.keys().map(String::as_str).chain(of_secrets(container).into_iter().map(|(key, _)| key))
            {
                assert!(known.contains(variable), "{} {variable}", name(workload));
            }
            if container["envFrom"].is_array() {
                known_to_some.extend(known);
            }
        }
        for variable in variant.of_kind("ConfigMap").flat_map(|map| map["data"].as_object().unwrap().keys()) {
            assert!(known_to_some.contains(variable), "{} {variable}", variant.name());
        }
    }
}

#[test]
fn programs_start_with_what_they_are_given() {
    let Some(secrets) = example_secrets() else { return };
    let files = Scratch::new("kubernetes").unwrap();
    for variant in variants().iter().filter(|variant| variant.folder != "base") {
        for deployment in variant.of_kind("Deployment") {
            let container = container(deployment);
            let (mut environment, own) = given(variant, container);
            environment.extend(own);
            for is_all_there in [true, false] {
                let there =
                    of_secrets(container).into_iter().filter(|(_, optional)| is_all_there || !optional);
                let mut environment = environment.clone();
                environment.extend(there.map(|(key, _)| (key.to_owned(), secrets[key].clone())));
                environment.insert("ARCHIVE_URL".to_owned(), format!("file://{}", files.path().display()));
                environment.insert("DRAIN_DELAY".to_owned(), "0s".to_owned());
                environment.insert("LISTEN".to_owned(), "127.0.0.1:0".to_owned());
                let admin = free_port().unwrap();
                environment.insert("ADMIN_LISTEN".to_owned(), format!("127.0.0.1:{admin}"));
                let (program, args) = program(container);
                starts(&program, &args, &environment, admin);
            }
        }
    }
}

#[test]
fn the_example_has_the_secrets_that_are_asked_for_and_no_setting() {
    let Some(mut example) = documents("secrets.example.yaml") else { return };
    let keys = |secret: &Value| -> BTreeSet<String> {
        secret["stringData"].as_object().unwrap().keys().cloned().collect()
    };
    let (of_keda, ours) = (keys(&example.pop().unwrap()), keys(&example.pop().unwrap()));
    let asked =
        variants().iter().flat_map(Variant::programs).flat_map(|workload| of_secrets(container(workload)));
    assert_eq!(asked.map(|(key, _)| key.to_owned()).collect::<BTreeSet<_>>(), ours);
    let asked = variants().iter().flat_map(|variant| variant.of_kind("TriggerAuthentication"));
    let asked = asked.flat_map(|authentication| list(&authentication["spec"]["secretTargetRef"]));
    let asked = asked.inspect(|reference| assert_eq!(reference["name"], "pollster-keda"));
    assert_eq!(asked.map(|reference| text(&reference["key"]).to_owned()).collect::<BTreeSet<_>>(), of_keda);

    for variant in variants() {
        assert_eq!(variant.of_kind("Secret").count(), 0, "{}: secrets are made by hand", variant.name());
        for map in variant.of_kind("ConfigMap") {
            let mut names = map["data"].as_object().unwrap().keys();
            assert!(names.all(|name| !ours.contains(name)), "{}: a secret in plain sight", variant.name());
        }
    }
}

#[test]
fn gateways_have_the_time_to_drain() {
    for variant in variants() {
        for workload in variant.programs().filter(|workload| container(workload)["name"] == "gateway") {
            let (settings, _) = given(variant, container(workload));
            let drain =
                ["DRAIN_DELAY", "DRAIN_TIMEOUT"].map(|setting| parse_duration(&settings[setting]).unwrap());
            let grace = pod(workload)["spec"]["terminationGracePeriodSeconds"].as_u64().unwrap();
            assert!(grace > (drain[0] + drain[1]).as_secs(), "{}: {grace} s", name(workload));
        }
    }
}
