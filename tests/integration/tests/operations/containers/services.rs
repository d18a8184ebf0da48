//! Every service is kept within bounds, waits for what it needs, and finds its files.

use std::time::Duration;

use pollster_shared::config::parse_duration;

use super::variants;
use crate::yaml::repository;

#[test]
fn no_service_has_rights_that_it_does_not_need() {
    for compose in variants() {
        for service in compose.services().values() {
            let (name, said) = (service.name, service.said);
            for given in ["privileged", "cap_add", "devices", "network_mode", "pid", "ipc", "userns_mode"] {
                assert!(said[given].is_null(), "{name} has {given}");
            }
            assert_eq!(said["read_only"], true, "{name} writes its image");
            assert_eq!(service.words("cap_drop"), ["ALL"], "{name}");
            assert_eq!(service.words("security_opt"), ["no-new-privileges:true"], "{name}");
            let mounts = service.mounts();
            assert!(
                !mounts.iter().any(|(source, _)| source.starts_with('/')),
                "{name} sees the machine's files"
            );
        }
    }
}

#[test]
fn every_service_is_limited() {
    for compose in variants() {
        for service in compose.services().values() {
            for limit in ["cpus", "mem_limit", "pids_limit"] {
                assert!(!service.said[limit].is_null(), "{} has no {limit}", service.name);
            }
        }
    }
}

#[test]
fn what_runs_is_started_again_and_checked_and_what_ends_is_neither() {
    for compose in variants() {
        let tasks = compose.tasks();
        for service in compose.services().values() {
            let ends = tasks.contains(service.name);
            let restart = if ends { "on-failure" } else { "unless-stopped" };
            assert_eq!(service.said["restart"], restart, "{}", service.name);
            assert_eq!(service.said["healthcheck"].is_null(), ends, "{}", service.name);
        }
    }
}

#[test]
fn health_checks_take_no_shell() {
    for compose in variants() {
        for service in compose.services().values() {
            let check = super::compose::strings(&service.said["healthcheck"]["test"]);
            assert!(check.is_empty() || check[0] == "CMD", "{}: {check:?}", service.name);
        }
    }
}

#[test]
fn what_is_waited_for_is_there_and_can_be_waited_for() {
    for compose in variants() {
        let services = compose.services();
        for service in services.values() {
            for (on, condition) in service.depends_on() {
                let on = services.get(on).unwrap_or_else(|| panic!("{} waits for {on}", service.name));
                let checked = !on.said["healthcheck"].is_null();
                assert_eq!(condition == "service_healthy", checked, "{} waits for {}", service.name, on.name);
            }
        }
    }
}

#[test]
fn what_is_mounted_is_there() {
    for compose in variants() {
        for service in compose.services().values() {
            for (source, target) in service.mounts() {
                let is_there = match source.strip_prefix("./") {
                    Some(path) => repository().join("docker").join(path).exists(),
                    None => compose.volumes().contains(source),
                };
                assert!(is_there, "{} mounts {source} at {target}", service.name);
            }
        }
    }
}

#[test]
fn a_gateway_has_the_time_to_drain() {
    for compose in variants() {
        for program in compose.programs().into_iter().filter(|program| program.target() == Some("gateway")) {
            let given = program.given();
            let drain = ["DRAIN_DELAY", "DRAIN_TIMEOUT"].map(|name| parse_duration(&given[name]).unwrap());
            let drain: Duration = drain.into_iter().sum();
            assert!(program.duration("stop_grace_period") > drain, "{}", program.name);
        }
    }
}

#[test]
fn gateways_and_nginx_have_a_descriptor_for_every_viewer() {
    let nginx = std::fs::read_to_string(repository().join("docker/nginx.conf")).unwrap();
    let (_, rest) = nginx.split_once("worker_rlimit_nofile ").unwrap();
    let wanted: u64 = rest.split(';').next().unwrap().parse().unwrap();
    for compose in variants() {
        for name in ["nginx", "gateway-1", "gateway-2"] {
            let limit = compose.service(name).said["ulimits"]["nofile"].as_u64();
            assert!(limit >= Some(wanted), "{name}: {limit:?}");
        }
    }
}
