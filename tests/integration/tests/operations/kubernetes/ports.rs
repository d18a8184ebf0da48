//! Ports: a program listens where its container, services, probes, policies and monitors say.

use std::collections::BTreeSet;

use serde_json::Value;

use super::*;

type Ports = BTreeSet<u64>;

/// The port of the address in a container's own variable.
fn listens(container: &Value, variable: &str) -> Option<u64> {
    let variable = list(&container["env"]).iter().find(|given| given["name"] == variable)?;
    let address: std::net::SocketAddr = text(&variable["value"]).parse().unwrap();
    assert!(address.ip().is_unspecified(), "{address} can't be reached from other pods");
    Some(address.port().into())
}

fn port(container: &Value, name: &str) -> Option<u64> {
    list(&container["ports"]).iter().find(|port| port["name"] == name)?["containerPort"].as_u64()
}

fn all_ports(container: &Value) -> Ports {
    list(&container["ports"]).iter().filter_map(|port| port["containerPort"].as_u64()).collect()
}

#[test]
fn programs_listen_on_the_ports_of_their_containers() {
    for variant in variants() {
        for deployment in variant.of_kind("Deployment") {
            let container = container(deployment);
            let admin = listens(container, "ADMIN_LISTEN");
            assert!(admin.is_some() && admin == port(container, "admin"), "{}", name(deployment));
            assert_eq!(listens(container, "LISTEN"), port(container, "http"), "{}", name(deployment));
            let scraped = &pod(deployment)["metadata"]["annotations"]["prometheus.io/port"];
            assert_eq!(text(scraped).parse().ok(), admin, "{}", name(deployment));
            for probe in ["startupProbe", "livenessProbe", "readinessProbe"] {
                assert_eq!(container[probe]["httpGet"]["port"], "admin", "{} {probe}", name(deployment));
            }
        }
    }
}

#[test]
fn services_lead_to_ports_that_their_pods_have() {
    for variant in variants() {
        for service in variant.of_kind("Service") {
            let selector = serde_json::json!({ "matchLabels": service["spec"]["selector"] });
            for workload in variant.selected(&selector) {
                for port_of_service in list(&service["spec"]["ports"]) {
                    let target = port(container(workload), text(&port_of_service["targetPort"]));
                    assert!(target.is_some(), "{} of {}", name(service), name(workload));
                    // DNS tells addresses alone where there is no address of the service's own.
                    let is_headless = service["spec"]["clusterIP"] == "None";
                    assert!(!is_headless || target == port_of_service["port"].as_u64(), "{}", name(service));
                }
            }
        }
    }
}

#[test]
fn an_ingress_leads_to_services() {
    let mut backends = 0;
    for variant in variants() {
        for rule in variant.of_kind("Ingress").flat_map(|ingress| list(&ingress["spec"]["rules"])) {
            for path in list(&rule["http"]["paths"]) {
                let backend = &path["backend"]["service"];
                let service =
                    variant.of_kind("Service").find(|service| name(service) == backend["name"]).unwrap();
                let mut ports = list(&service["spec"]["ports"]).iter();
                assert!(ports.any(|port| port["name"] == backend["port"]["name"]), "{backend}");
                backends += 1;
            }
        }
    }
    assert!(backends > 0 || variants().is_empty());
}

fn with_policies() -> impl Iterator<Item = &'static Variant> {
    variants().iter().filter(|variant| variant.of_kind("NetworkPolicy").next().is_some())
}

/// The numbers of the ports that policies open to or from a workload's pods.
fn opened(variant: &Variant, workload: &Value, direction: &str) -> Ports {
    let labels = &pod(workload)["metadata"]["labels"];
    let policies = variant.of_kind("NetworkPolicy");
    let policies = policies.filter(|policy| selects(&policy["spec"]["podSelector"], labels));
    let rules = policies.flat_map(|policy| list(&policy["spec"][direction]));
    rules.flat_map(|rule| list(&rule["ports"])).filter_map(|port| port["port"].as_u64()).collect()
}

#[test]
fn network_policies_open_the_ports_that_pods_have_and_no_others() {
    for variant in with_policies() {
        let denies = |policy: &&Value| policy["spec"]["podSelector"] == serde_json::json!({});
        let deny = variant.of_kind("NetworkPolicy").find(denies).expect("all is denied first");
        assert_eq!(deny["spec"]["policyTypes"], serde_json::json!(["Ingress", "Egress"]));
        for workload in variant.programs() {
            let ports = all_ports(container(workload));
            assert_eq!(opened(variant, workload, "ingress"), ports, "{}", name(workload));
        }
    }
}

#[test]
fn network_policies_let_programs_ask_the_servers_that_they_are_told_of() {
    let Some(secrets) = settings::example_secrets() else { return };
    for variant in with_policies() {
        for workload in variant.programs() {
            let open = opened(variant, workload, "egress");
            assert!(open.contains(&53), "{} looks up names", name(workload));
            for (key, _) in settings::of_secrets(container(workload)) {
                let address = secrets[key].split(['?', '/']).find_map(|part| part.rsplit_once('@'));
                if let Some((_, address)) = address {
                    let port = address.rsplit_once(':').unwrap().1.parse().unwrap();
                    assert!(open.contains(&port), "{} asks {key}", name(workload));
                }
            }
        }
    }
}
