//! The variant with a Redis Cluster.

use std::collections::BTreeSet;

use super::compose::Compose;

#[test]
fn it_adds_nodes_and_changes_only_services_that_there_are() {
    let Some(plain) = Compose::read("docker/compose.yml") else { return };
    let cluster = Compose::read("docker/compose.cluster.yml").unwrap();
    let own = plain.services();
    for service in cluster.services().values() {
        let is_new = service.said["image"].is_string();
        assert_ne!(is_new, own.contains_key(service.name), "{}", service.name);
        if is_new {
            assert_eq!(service.said["image"], own["redis"].said["image"], "{}", service.name);
        }
    }
}

#[test]
fn all_programs_go_to_the_cluster_once_it_works() {
    let Some(plain) = Compose::read("docker/compose.yml") else { return };
    let both = plain.with(&Compose::read("docker/compose.cluster.yml").unwrap());
    let services = both.services();
    for program in both.programs().into_iter().filter(|program| program.given().contains_key("REDIS_URL")) {
        let given = program.given();
        let nodes = given["REDIS_URL"].strip_prefix("redis+cluster://").unwrap();
        assert!(
            nodes.split(',').all(|node| services.contains_key(node.trim_end_matches(":6379"))),
            "{nodes}"
        );
        assert_eq!(given["REDIS_MIN_REPLICAS"], "1", "{}", program.name);
        assert!(program.depends_on().any(|(on, _)| on == "redis-cluster"), "{}", program.name);
    }
}

#[test]
fn its_nodes_are_alike_have_data_of_their_own_and_are_all_made_one_cluster() {
    let Some(plain) = Compose::read("docker/compose.yml") else { return };
    let both = plain.with(&Compose::read("docker/compose.cluster.yml").unwrap());
    let nodes: Vec<_> = both
        .services()
        .into_values()
        .filter(|service| service.words("command").contains(&"redis-server"))
        .collect();
    assert_eq!(nodes.len(), 6);
    let command = nodes[0].words("command");
    assert!(command.windows(2).any(|words| words == ["--cluster-enabled", "yes"]), "{command:?}");
    assert!(command.windows(2).any(|words| words == ["--appendfsync", "always"]), "{command:?}");
    assert!(nodes.iter().all(|node| node.words("command") == command));
    let data: BTreeSet<_> = nodes.iter().flat_map(|node| node.mounts()).collect();
    assert_eq!(data.len(), nodes.len(), "{data:?}");
    let addresses: Vec<_> = nodes.iter().map(|node| node.address().unwrap()).collect();
    let script = both.service("redis-cluster").words("command")[2];
    assert!(script.contains(&format!("nodes=\"{}\"", addresses.join(" "))), "{addresses:?}: {script}");
    let waits = both.service("redis-cluster").depends_on().map(|(on, _)| on).collect::<BTreeSet<_>>();
    assert_eq!(waits, nodes.iter().map(|node| node.name).collect());
}
