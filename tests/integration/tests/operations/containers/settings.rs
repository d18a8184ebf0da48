//! The programs are given what they take, and start with it; docker/.env.example says what that takes.

use std::collections::BTreeSet;
use std::process::Command;

use pollster_stack::{find_program, free_port};

use super::compose::{Compose, Service, strings, variables};
use super::dockerfile::stages;
use super::variants;
use crate::settings::{known, starts};
use crate::yaml::repository;

/// A service's program, and its command.
fn command(service: Service<'_>) -> (String, Vec<String>) {
    let stage = &stages()[service.target().unwrap()];
    let own: Vec<String> = service.words("command").into_iter().map(str::to_owned).collect();
    (stage.program(), if own.is_empty() { stage.exec("CMD") } else { own })
}

fn borrowed(words: &[String]) -> Vec<&str> {
    words.iter().map(String::as_str).collect()
}

#[test]
fn programs_are_given_only_what_they_take() {
    let stages = stages();
    for compose in variants() {
        for service in compose.programs() {
            let (program, args) = command(service);
            let known = known(&program, &borrowed(&args));
            for name in service.environment().keys() {
                assert!(known.contains(*name), "{}: {program} {args:?} takes no {name}", service.name);
            }
            // Those of an image go to all of its commands.
            for name in stages[service.target().unwrap()].environment().keys() {
                assert!(known.contains(*name) || args == ["migrate"], "{}: {name}", service.name);
            }
        }
    }
}

#[test]
fn programs_start_with_what_they_are_given() {
    for compose in variants() {
        for service in compose.programs() {
            let (program, args) = command(service);
            let mut environment = service.given();
            if args == ["migrate"] {
                assert!(environment.contains_key("DATABASE_URL"));
                continue;
            }
            let admin = free_port().unwrap();
            environment.insert("LISTEN".to_owned(), "127.0.0.1:0".to_owned());
            environment.insert("ADMIN_LISTEN".to_owned(), format!("127.0.0.1:{admin}"));
            starts(&program, &borrowed(&args), &environment, admin);
        }
    }
}

/// One that is wrongly put would end with 2, one without its settings with 64.
#[test]
fn health_checks_ask_the_program_itself() {
    for compose in variants() {
        for service in compose.programs() {
            let check = strings(&service.said["healthcheck"]["test"]);
            let (program, args) = command(service);
            if args == ["migrate"] {
                continue;
            }
            assert_eq!(
                check[1],
                stages()[service.target().unwrap()].exec("ENTRYPOINT")[0],
                "{}",
                service.name
            );
            let mut ask = Command::new(find_program(&program).unwrap());
            ask.args(&check[2..]).env_clear().envs(service.given());
            // Nobody is there to be asked.
            let output =
                ask.env("ADMIN_LISTEN", format!("127.0.0.1:{}", free_port().unwrap())).output().unwrap();
            assert_eq!(
                output.status.code(),
                Some(1),
                "{check:?}: {}",
                String::from_utf8_lossy(&output.stderr)
            );
        }
    }
}

#[test]
fn the_example_has_every_variable_and_no_other_and_makes_every_secret() {
    let example = std::fs::read_to_string(repository().join("docker/.env.example")).unwrap();
    let text = std::fs::read_to_string(repository().join("docker/compose.yml")).unwrap();
    let Some(compose) = Compose::read("docker/compose.yml") else { return };
    let lines = example.lines().map(|line| line.strip_prefix('#').unwrap_or(line));
    let named = lines.filter_map(|line| line.split_once('=').map(|(name, _)| name));
    let named: BTreeSet<&str> = named.filter(|name| is_name(name)).collect();
    let services = compose.services();
    let passed_on = services.values().flat_map(|service| service.environment());
    let passed_on = passed_on.filter_map(|(name, value)| value.is_none().then_some(name));
    let taken: BTreeSet<&str> = variables(&text).map(|(name, _)| name).chain(passed_on).collect();
    assert_eq!(named, taken);

    let required = variables(&text).filter(|(_, after)| after.starts_with(":?"));
    let required: BTreeSet<&str> = required.map(|(name, _)| name).collect();
    let without_value = example.lines().filter_map(|line| line.strip_suffix('='));
    assert_eq!(without_value.collect::<BTreeSet<_>>(), required);
    let (_, made) = example.split_once("for name in ").unwrap();
    assert_eq!(made.split(';').next().unwrap().split(' ').collect::<BTreeSet<_>>(), required);
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_uppercase() || c == '_')
}
