//! Votes with Redis and PostgreSQL as an installation may have them, beside the same with one of each: by turns, for
//! the machine is never twice the same.

mod setup;
mod site;

use std::time::Duration;

use super::polls;
use super::report::{Phase, TopologyRates};
use super::run::Error;
use super::servers::Servers;
use super::votes::{Load, vote_for};
use crate::client::{Client, Server};
use setup::Setup;
use site::Site;

/// How often both are measured.
const ROUNDS: usize = 3;
const WARM_UP: Duration = Duration::from_secs(1);
const MEASURED: Duration = Duration::from_secs(4);

/// Measures each that this machine has the programs for.
pub(super) async fn measure(connections: usize, servers: &Servers) -> Result<Vec<TopologyRates>, Error> {
    eprintln!("Starting a gateway on one Redis and one PostgreSQL ...");
    let single = servers.start_gateway(&[])?;
    let single = Server::from(single.address);
    let mut all = Vec::new();
    for setup in Setup::ALL {
        if setup.is_missing() {
            continue;
        }
        eprintln!("Starting {setup} ...");
        let site = Site::start(servers, setup)?;
        all.push(compare(connections, setup, &single, &Server::from(site.gateway.address)).await?);
    }
    Ok(all)
}

async fn compare(
    connections: usize,
    setup: Setup,
    single: &Server,
    other: &Server,
) -> Result<TopologyRates, Error> {
    let mut rounds = Vec::new();
    for round in 1..=ROUNDS {
        eprintln!("Voting, {round} of {ROUNDS} ...");
        rounds.push([vote(connections, single).await?, vote(connections, other).await?]);
    }
    Ok(TopologyRates::of(setup.to_string(), rounds))
}

/// Votes in a poll of its own until its counts are right.
async fn vote(connections: usize, server: &Server) -> Result<Phase, Error> {
    let mut client = Client::connect(server).await?;
    let poll = polls::create(&mut client).await?;
    let load = Load::new(server.clone(), &poll);
    let phase = vote_for(&load, connections, WARM_UP, MEASURED).await?;
    polls::wait_for_counts(&mut client, &poll, &load).await?;
    Ok(phase)
}
