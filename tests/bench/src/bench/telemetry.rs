//! What metrics and traces cost: votes while they are read and told, beside votes while nobody asks for any, by turns,
//! for the machine is never twice the same. Each has programs, a Redis and a database of its own.

mod collector;
mod scrape;

use std::time::Duration;

use super::cpu;
use super::polls;
use super::report::{CostOfTelemetry, Phase, TelemetryRound};
use super::run::Error;
use super::servers::{Aggregator, Gateway, Servers};
use super::site::Site;
use super::votes::{Load, vote_for};
use crate::client::{Client, Server};
use collector::Collector;

/// How often all are measured.
const ROUNDS: usize = 7;
const WARM_UP: Duration = Duration::from_secs(1);
const MEASURED: Duration = Duration::from_secs(4);

/// What is measured: what it is called, and the share of votes that is traced. The first is what the others are beside.
const WATCHED: [(&str, Option<&str>); 3] = [
    ("neither", None),
    ("metrics each second, traces of 1 %", Some("0.01")),
    ("metrics each second, traces of all", Some("1")),
];

/// Programs that are watched, or not.
struct Watched<'a> {
    #[allow(dead_code, reason = "its drop ends its Redis")]
    site: Site<'a>,
    gateway: Gateway,
    aggregator: Aggregator,
    is_watched: bool,
}

/// Measures votes over so many connections.
pub(super) async fn measure(connections: usize, servers: &Servers) -> Result<CostOfTelemetry, Error> {
    let collector = Collector::start().await?;
    let mut all = Vec::new();
    for (number, (name, ratio)) in WATCHED.into_iter().enumerate() {
        eprintln!("Starting programs with {name} ...");
        all.push(Watched::start(servers, number, ratio, &collector)?);
    }
    let mut rounds = Vec::new();
    for round in 0..ROUNDS {
        eprintln!("Voting, {} of {ROUNDS} ...", round + 1);
        let mut order: Vec<usize> = (0..all.len()).collect();
        order.rotate_left(round % WATCHED.len());
        let mut measured = Vec::new();
        for number in order {
            measured.push((number, all[number].vote(connections).await?));
        }
        measured.sort_by_key(|(number, _)| *number);
        rounds.push(measured.into_iter().map(|(_, round)| round).collect());
    }
    // The last spans are told when the programs end.
    drop(all);
    if collector.batches() == 0 {
        return Err(Error::NoTraces);
    }
    Ok(CostOfTelemetry::of(WATCHED.map(|(name, _)| name), &rounds))
}

impl<'a> Watched<'a> {
    fn start(
        servers: &'a Servers,
        number: usize,
        ratio: Option<&str>,
        collector: &Collector,
    ) -> Result<Self, Error> {
        let site = Site::start(servers, format!("telemetry_{number}"))?;
        let endpoint = collector.endpoint();
        let traced = ratio.map(|ratio| [("OTLP_ENDPOINT", &*endpoint), ("TRACE_SAMPLE_RATIO", ratio)]);
        let env = traced.as_ref().map_or(&[][..], |env| env);
        let (aggregator, gateway) = (site.start_aggregator(env)?, site.start_gateway(env)?);
        Ok(Self { site, gateway, aggregator, is_watched: ratio.is_some() })
    }

    /// Votes in a poll of its own until its counts are right.
    async fn vote(&self, connections: usize) -> Result<TelemetryRound, Error> {
        let server = Server::from(self.gateway.address);
        let mut client = Client::connect(&server).await?;
        let poll = polls::create(&mut client).await?;
        let load = Load::new(server, &poll);
        let before = self.cpu()?;
        let votes = vote_for(&load, connections, WARM_UP, MEASURED);
        let phase: Phase = match self.is_watched {
            true => scrape::during(&[self.gateway.admin, self.aggregator.admin], votes).await?,
            false => votes.await?,
        };
        polls::wait_for_counts(&mut client, &poll, &load).await?;
        let cpu = (self.cpu()? - before).as_secs_f64() * 1e6 / load.accepted() as f64;
        Ok(TelemetryRound { phase, cpu_us: cpu })
    }

    /// CPU time of both programs so far.
    fn cpu(&self) -> Result<Duration, Error> {
        Ok(cpu::of_tree(self.gateway.program.pid())? + cpu::of_tree(self.aggregator.program.pid())?)
    }
}
