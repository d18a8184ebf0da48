//! The main measurement: votes in one hot poll, single votes in idle polls beside it, the CPU time of all.

use std::io;
use std::time::{Duration, Instant};

use super::report::{CpuShare, Latency, Votes};
use super::run::{Arguments, Error};
use super::servers::{Gateway, Servers, Workers};
use super::visible::{Probes, Sighting};
use super::votes::{Load, Window};
use super::wait::sleep;
use super::{cpu, polls};
use crate::client::{Client, Server};

/// Polls that are idle but for the votes whose visible lag is measured.
const IDLE_POLLS: usize = 4;

/// Names and ids of what takes part.
type Processes = [(&'static str, u32); 5];

/// What is noted at both ends of the measured time.
struct Mark {
    at: Instant,
    cpu: Vec<(&'static str, Duration)>,
}

/// Measures votes, their visible lag and what they cost.
pub(super) async fn measure(
    arguments: &Arguments,
    servers: &Servers,
    workers: &Workers,
    gateway: &Gateway,
) -> Result<(Votes, Latency, Vec<CpuShare>), Error> {
    let processes = [
        ("gateway", gateway.program.pid()),
        ("aggregator", workers.aggregator.pid()),
        ("background", workers.background.pid()),
        ("Redis", servers.redis.pid()),
        ("PostgreSQL", servers.postgres.pid()),
    ];
    let server = Server::from(gateway.address);
    let mut client = Client::connect(&server).await?;
    let hot = polls::create(&mut client).await?;
    let mut idle = Vec::new();
    for _ in 0..IDLE_POLLS {
        idle.push(polls::create(&mut client).await?);
    }
    let probes = Probes::start(server.clone(), idle)?;
    let load = Load::new(server, &hot);
    let connections = usize::from(arguments.connections);
    let start = Instant::now();
    let watch = async {
        let measured = measure_window(arguments, processes, &load).await;
        load.stop();
        measured
    };
    let ((), measured) = tokio::join!(load.drive(connections), watch);
    let (window, from, to) = measured?;
    let (counted_at, drained) = polls::wait_for_counts(&mut client, &hot, &load).await?;
    let sightings = probes.finish().await?;

    let accepted = window.latencies.len();
    let seconds = (to.at - from.at).as_secs_f64();
    let votes = Votes {
        connections,
        seconds,
        accepted_per_second: accepted as f64 / seconds,
        failed: window.failed,
        last_failure: load.last_failure(),
        counted: load.accepted(),
        counted_per_second: load.accepted() as f64 / (counted_at - start).as_secs_f64(),
        drained_after_ms: drained.as_secs_f64() * 1000.0,
        latency: Latency::of(window.latencies),
    };
    let visible = Latency::of(within(&sightings, &from, &to));
    Ok((votes, visible, cpu_shares(&from, &to, accepted)))
}

async fn measure_window(
    arguments: &Arguments,
    processes: Processes,
    load: &Load,
) -> Result<(Window, Mark, Mark), Error> {
    eprintln!("Voting: {} s to warm up, then {} s measured ...", arguments.warmup, arguments.seconds);
    sleep(Duration::from_secs(arguments.warmup)).await?;
    let from = mark(processes)?;
    load.start_measuring();
    sleep(Duration::from_secs(arguments.seconds)).await?;
    let window = load.stop_measuring();
    Ok((window, from, mark(processes)?))
}

fn mark(processes: Processes) -> io::Result<Mark> {
    let at = Instant::now();
    let of_process = |(name, pid)| Ok((name, cpu::of_tree(pid)?));
    let mut cpu = processes.into_iter().map(of_process).collect::<io::Result<Vec<_>>>()?;
    cpu.push(("load generator", cpu::of_ourselves()?));
    Ok(Mark { at, cpu })
}

fn cpu_shares(from: &Mark, to: &Mark, votes: usize) -> Vec<CpuShare> {
    let share = |(before, after): (&(&'static str, Duration), &(&str, Duration))| CpuShare {
        process: before.0,
        microseconds_a_vote: after.1.saturating_sub(before.1).as_secs_f64() * 1e6 / votes.max(1) as f64,
    };
    from.cpu.iter().zip(&to.cpu).map(share).collect()
}

fn within(sightings: &[Sighting], from: &Mark, to: &Mark) -> Vec<Duration> {
    let inside = sightings.iter().filter(|sighting| (from.at..to.at).contains(&sighting.sent));
    inside.map(|sighting| sighting.lag).collect()
}
