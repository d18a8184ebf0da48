//! Who is where in the stack's network, for those who look there.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use super::compose::Compose;
use super::dockerfile::stages;
use super::variants;
use crate::yaml::{repository, yaml};

/// Whether an address is in a network such as `10.0.0.0/24`.
fn is_in(address: &str, network: &str) -> bool {
    let (first, length) = network.split_once('/').unwrap();
    let shift = 32 - length.parse::<u32>().unwrap();
    let [address, first] = [address, first].map(|text| text.parse::<Ipv4Addr>().unwrap().to_bits());
    address >> shift == first >> shift
}

#[test]
fn addresses_are_in_the_network_once_each_and_out_of_what_it_gives_out() {
    for compose in variants() {
        let (subnet, given_out) =
            (compose.network()["subnet"].as_str(), compose.network()["ip_range"].as_str());
        let mut taken = BTreeSet::new();
        for address in compose.services().values().filter_map(|service| service.address()) {
            assert!(is_in(address, subnet.unwrap()), "{address}");
            assert!(!is_in(address, given_out.unwrap()), "{address}");
            assert!(taken.insert(address), "{address} is of two services");
        }
    }
}

#[test]
fn gateways_believe_nginx_and_nobody_else() {
    for compose in variants() {
        let nginx = compose.service("nginx").address().unwrap();
        for program in compose.programs().into_iter().filter(|program| program.target() == Some("gateway")) {
            assert_eq!(program.given()["TRUSTED_PROXIES"], nginx, "{}", program.name);
        }
    }
}

/// A file of nginx without comments.
fn nginx(file: &str) -> String {
    let text = std::fs::read_to_string(repository().join("docker/nginx").join(file)).unwrap();
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(|line| format!("{line}\n")).collect()
}

#[test]
fn nginx_finds_the_gateways_with_the_settings_that_operators_get() {
    let Some(compose) = Compose::read("docker/compose.yml") else { return };
    let stage = &stages()["gateway"];
    let port = stage.environment()["LISTEN"].rsplit(':').next().unwrap();
    let groups = [("127.0.0.1:8080", "gateway-1"), ("127.0.0.1:8081", "gateway-2")].iter().fold(
        nginx("gateways.conf"),
        |groups, (example, gateway)| {
            let address = compose.service(gateway).address().unwrap();
            groups.replace(example, &format!("{address}:{port}"))
        },
    );
    assert_eq!(nginx("compose.conf"), groups);
}

#[test]
fn prometheus_finds_every_program_where_it_listens() {
    let Some(prometheus) = yaml("docker/prometheus/prometheus.yml") else { return };
    let stages = stages();
    for compose in variants() {
        let mut found = BTreeSet::new();
        for job in prometheus["scrape_configs"].as_array().unwrap() {
            for look_up in job["dns_sd_configs"].as_array().into_iter().flatten() {
                let name = look_up["names"][0].as_str().unwrap().trim_end_matches('.');
                for program in compose.programs().into_iter().filter(|program| program.target() == Some(name))
                {
                    let aliases = super::compose::strings(&program.said["networks"]["default"]["aliases"]);
                    if program.name == name || aliases.contains(&name) {
                        let admin = stages[name].environment()["ADMIN_LISTEN"];
                        assert_eq!(format!("0.0.0.0:{}", look_up["port"]), admin, "{name}");
                        found.insert(program.name);
                    }
                }
            }
        }
        let running = compose.programs().into_iter().map(|program| program.name);
        let tasks = compose.tasks();
        assert_eq!(found, running.filter(|name| !tasks.contains(name)).collect());
    }
}

#[test]
fn grafana_finds_its_dashboards_and_prometheus() {
    let Some(providers) = yaml("docker/grafana/provisioning/dashboards/pollster.yml") else { return };
    let sources = yaml("docker/grafana/provisioning/datasources/prometheus.yml").unwrap();
    for compose in variants() {
        let mounts = compose.service("grafana").mounts();
        let path = providers["providers"][0]["options"]["path"].as_str().unwrap();
        assert!(mounts.contains(&("./grafana/dashboards", path)), "{path}: {mounts:?}");
        assert!(mounts.contains(&("./grafana/provisioning", "/etc/grafana/provisioning")), "{mounts:?}");
        assert!(compose.services().contains_key("prometheus"));
        assert_eq!(sources["datasources"][0]["url"], "http://prometheus:9090");
    }
}

#[test]
fn nothing_is_reached_from_other_machines_unless_docker_env_says_so() {
    for compose in variants() {
        for service in compose.services().values() {
            for port in service.words("ports") {
                let port = super::compose::interpolated(port);
                assert!(port.starts_with("127.0.0.1:"), "{}: {port}", service.name);
            }
        }
    }
}
