//! The images and docker/compose.yml with its variant of a Redis Cluster. There may be no Docker where this runs, so what
//! it would do with these files is not seen; what they say is held against the programs and the repository.

mod addresses;
mod cluster;
mod compose;
mod dockerfile;
mod images;
mod services;
mod settings;

use compose::Compose;

/// The stack by itself, and with a Redis Cluster; none, and that said, where they can't be read.
fn variants() -> Vec<Compose> {
    let Some(plain) = Compose::read("docker/compose.yml") else { return Vec::new() };
    let cluster = Compose::read("docker/compose.cluster.yml").unwrap();
    vec![plain.clone(), plain.with(&cluster)]
}
