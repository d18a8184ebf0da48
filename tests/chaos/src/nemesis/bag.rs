//! Which faults there are where.

use std::time::Duration;

use super::fault::HOUR;
use super::{Blow, Fault, Line, Program, Server};
use crate::links::Mode;
use crate::random::Random;
use crate::topology::Topology;

/// What happens to the servers of a topology.
type Blows = &'static [(Server, &'static [Blow])];

const SINGLE: Blows = &[
    (Server::Redis, &[Blow::Kill, Blow::Freeze, Blow::Flush, Blow::Wipe, Blow::FullDisk]),
    (Server::Postgres, &[Blow::Kill, Blow::Freeze, Blow::Restart, Blow::Failover, Blow::FullDisk]),
];
const SENTINEL: Blows = &[
    (
        Server::Redis,
        &[Blow::PrimaryKill, Blow::PrimaryFreeze, Blow::PrimaryLost, Blow::ReplicaKill, Blow::ReplicaCut],
    ),
    (Server::Sentinel, &[Blow::Kill]),
    (Server::Postgres, &[Blow::Kill, Blow::Freeze]),
];
const CLUSTER: Blows = &[
    (
        Server::Cluster,
        &[
            Blow::PrimaryKill,
            Blow::PrimaryFreeze,
            Blow::ReplicaKill,
            Blow::Handover,
            Blow::MoveSlots,
            Blow::MoveSlots,
        ],
    ),
    (Server::Postgres, &[Blow::Kill, Blow::Freeze]),
];
const SPLIT: Blows = &[
    (Server::Streams, &[Blow::Kill, Blow::Freeze, Blow::Flush]),
    (Server::Aggregates, &[Blow::Kill, Blow::Freeze, Blow::Flush]),
    (Server::PubSub, &[Blow::Kill, Blow::Freeze, Blow::Flush]),
    (Server::Postgres, &[Blow::Kill, Blow::Freeze]),
];
const PGBOUNCER: Blows = &[
    (Server::PgBouncer, &[Blow::Kill, Blow::Freeze, Blow::Restart]),
    (Server::Redis, &[Blow::Kill, Blow::Freeze]),
    (Server::Postgres, &[Blow::Kill, Blow::Freeze, Blow::Restart, Blow::Failover]),
];
const STANDBY: Blows = &[
    (Server::Postgres, &[Blow::PrimaryKill, Blow::PrimaryKill, Blow::ReplicaKill]),
    (Server::ReadReplica, &[Blow::Kill, Blow::ReplicaPause]),
    (Server::Redis, &[Blow::Kill, Blow::Freeze]),
];

impl Fault {
    /// One of each kind that there is with one Redis and one PostgreSQL, at targets by chance.
    fn on_single_servers(random: &mut Random) -> Vec<Self> {
        let mut faults = of_programs(random);
        faults.extend(strikes(SINGLE));
        for server in [Server::Redis, Server::Postgres] {
            faults.extend(of_lines(random, server));
        }
        faults.extend(of_clients(random));
        for jump in [HOUR, 5] {
            faults.push(Self::ClockJump(if random.percent(50) { jump } else { -jump }));
        }
        faults
    }

    /// One of each kind, at targets by chance; what matters most comes twice.
    pub fn of_each_kind(topology: Topology, random: &mut Random) -> Vec<Self> {
        let (blows, proxied): (_, &[Server]) = match topology {
            Topology::Single => return Self::on_single_servers(random),
            // Their servers tell clients where they are: a proxy would not be used.
            Topology::Sentinel => (SENTINEL, &[Server::Postgres]),
            Topology::Cluster => (CLUSTER, &[Server::Postgres]),
            Topology::Split => (SPLIT, &[Server::Streams, Server::Aggregates, Server::PubSub]),
            Topology::Pgbouncer => (PGBOUNCER, &[Server::Postgres]),
            Topology::Standby => (STANDBY, &[Server::Postgres]),
        };
        let mut faults = of_programs(random);
        faults.extend(strikes(blows));
        let one_of_the_proxied = *random.pick(proxied);
        faults.extend(of_lines(random, one_of_the_proxied));
        faults.extend(of_clients(random));
        faults
    }
}

fn of_programs(random: &mut Random) -> Vec<Fault> {
    let mut faults = Vec::new();
    for program in Program::one_of_each(random) {
        faults.push(Fault::Kill(program));
    }
    for program in Program::one_of_each(random) {
        faults.push(Fault::Pause(program));
    }
    faults
}

fn strikes(blows: Blows) -> impl Iterator<Item = Fault> {
    blows.iter().flat_map(|(server, blows)| blows.iter().map(|blow| Fault::Strike(*server, *blow)))
}

fn of_lines(random: &mut Random, server: Server) -> Vec<Fault> {
    let mut faults = Vec::new();
    for mode in modes(random) {
        let programs = Program::one_of_each(random);
        faults.push(Fault::Hurt(Line::Between(*random.pick(&programs), server), mode));
    }
    faults
}

fn of_clients(random: &mut Random) -> Vec<Fault> {
    let modes = modes(random);
    modes.map(|mode| Fault::Hurt(Line::Clients(random.below(2) as usize), mode)).into()
}

impl Program {
    fn one_of_each(random: &mut Random) -> [Self; 3] {
        let mut number = || random.below(2) as usize;
        [Self::Gateway(number()), Self::Aggregator(number()), Self::Background(number())]
    }
}

fn modes(random: &mut Random) -> [Mode; 3] {
    [Mode::Cut, Mode::Blackhole, Mode::Delay(Duration::from_millis(random.between(50, 800)))]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wherever_a_server_is_hurt_the_programs_are_killed_too() {
        for topology in Topology::ALL {
            let faults = Fault::of_each_kind(topology, &mut Random::new(0));
            let names: Vec<&str> = faults.into_iter().map(Fault::name).collect();
            for name in ["kill-gateway", "kill-aggregator", "kill-background"] {
                assert!(names.contains(&name), "{topology:?}: {names:?}");
            }
        }
    }

    #[test]
    fn only_a_stream_server_that_stands_alone_is_emptied() {
        for topology in [Topology::Sentinel, Topology::Cluster, Topology::Pgbouncer, Topology::Standby] {
            let faults = Fault::of_each_kind(topology, &mut Random::new(0));
            assert!(!faults.into_iter().any(Fault::empties_redis), "{topology:?}");
        }
        let split = Fault::of_each_kind(Topology::Split, &mut Random::new(0));
        let emptying: Vec<&str> =
            split.into_iter().filter(|fault| fault.empties_redis()).map(Fault::name).collect();
        assert_eq!(emptying, ["streams-flush"]);
    }
}
