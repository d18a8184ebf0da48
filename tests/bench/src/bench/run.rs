//! One run: start, measure, report.

use std::io;
use std::time::{Duration, Instant};

use clap::Parser;
use indicatif::ProgressBar;
use pollster_stack::{StackError, interrupted};
use serde_json::json;

use super::report::{CpuShare, Latency, Machine, Raw, Report, Votes};
use super::servers::{Programs, Servers};
use super::visible::{Probes, Sighting, VisibleError};
use super::votes::{Load, Window};
use super::{cpu, raw};
use crate::client::{Client, ClientError, PollView, Server};
use crate::replay::{Counted, wait_until_counted};

/// How long each raw rate is measured.
const RAW_LENGTH: Duration = Duration::from_secs(3);
/// Polls that are idle but for the votes whose visible lag is measured.
const IDLE_POLLS: usize = 4;
/// How often a wait looks for Ctrl-C.
const STEP: Duration = Duration::from_millis(50);

/// Measures the whole system on servers of its own, beside the raw rates of PostgreSQL and Redis.
#[derive(Debug, Parser)]
#[command(name = "pollster-bench", version)]
pub struct Arguments {
    /// How many votes are under way at a time
    #[arg(long, default_value_t = 128, value_parser = clap::value_parser!(u16).range(1..))]
    pub connections: u16,
    /// How long to measure, in seconds
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=600))]
    pub seconds: u64,
    /// How long to vote before that, in seconds
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u64).range(..=600))]
    pub warmup: u64,
    /// Print the figures as JSON
    #[arg(long)]
    pub json: bool,
}

/// Why there are no figures.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Servers or programs.
    #[error(transparent)]
    Stack(#[from] StackError),
    /// Requests.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// PostgreSQL by itself.
    #[error("measuring PostgreSQL: {0}")]
    Postgres(#[from] tokio_postgres::Error),
    /// Redis by itself.
    #[error("measuring Redis: {0}")]
    Redis(#[from] redis::RedisError),
    /// The visible lag.
    #[error(transparent)]
    Visible(#[from] VisibleError),
    /// The system's.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// No vote at all.
    #[error("no vote was accepted; the last answer: {0}")]
    NoneAccepted(String),
    /// The one thing that must not happen.
    #[error("{accepted} votes were accepted, but {counted} are counted")]
    Miscounted {
        /// Votes answered 202.
        accepted: u64,
        /// Votes that the results show.
        counted: u64,
    },
}

/// Runs it; progress goes to the error output.
///
/// # Errors
/// [`Error`].
pub fn run(arguments: &Arguments) -> Result<Report, Error> {
    let machine = Machine::now();
    pollster_stack::stop_on_signals()?;
    eprintln!("Starting Redis and PostgreSQL ...");
    let servers = Servers::start()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let raw = runtime.block_on(measure_raw(&servers))?;
    eprintln!("Starting the gateway, an aggregator and the background workers ...");
    let programs = servers.start_programs()?;
    let measured = runtime.block_on(measure_votes(arguments, &servers, &programs))?;
    let (votes, visible, cpu) = measured;
    Ok(Report { machine, raw, votes, visible, cpu })
}

async fn measure_raw(servers: &Servers) -> Result<Raw, Error> {
    eprintln!("Measuring PostgreSQL by itself ...");
    let inserts_per_second = raw::inserts(&servers.database_url(), RAW_LENGTH).await?;
    eprintln!("Measuring Redis by itself ...");
    let appends_per_second = raw::appends(&servers.redis.url(), RAW_LENGTH).await?;
    Ok(Raw { inserts_per_second, appends_per_second })
}

/// What is noted at both ends of the measured time.
struct Mark {
    at: Instant,
    cpu: Vec<(&'static str, Duration)>,
}

async fn measure_votes(
    arguments: &Arguments,
    servers: &Servers,
    programs: &Programs,
) -> Result<(Votes, Latency, Vec<CpuShare>), Error> {
    let server = Server::from(programs.address);
    let mut client = Client::connect(&server).await?;
    let hot = create_poll(&mut client).await?;
    let mut idle = Vec::new();
    for _ in 0..IDLE_POLLS {
        idle.push(create_poll(&mut client).await?);
    }
    let probes = Probes::start(server.clone(), idle)?;
    let load = Load::new(server, &hot);
    let connections = usize::from(arguments.connections);
    let start = Instant::now();
    let watch = async {
        let measured = measure_window(arguments, servers, programs, &load).await;
        load.stop();
        measured
    };
    let ((), measured) = tokio::join!(load.drive(connections), watch);
    let (window, from, to) = measured?;
    let (counted_at, drained) = wait_for_counts(&mut client, &hot, &load).await?;
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

async fn create_poll(client: &mut Client) -> Result<PollView, ClientError> {
    let question =
        json!({"text": "Which?", "choices": ["A", "B", "C", "D"], "min_choices": 1, "max_choices": 1});
    client.create_poll(&json!({"title": "Benchmark", "questions": [question]})).await
}

async fn measure_window(
    arguments: &Arguments,
    servers: &Servers,
    programs: &Programs,
    load: &Load,
) -> Result<(Window, Mark, Mark), Error> {
    eprintln!("Voting: {} s to warm up, then {} s measured ...", arguments.warmup, arguments.seconds);
    sleep(Duration::from_secs(arguments.warmup)).await?;
    let from = mark(servers, programs)?;
    load.start_measuring();
    sleep(Duration::from_secs(arguments.seconds)).await?;
    let window = load.stop_measuring();
    Ok((window, from, mark(servers, programs)?))
}

/// Sleeps, unless Ctrl-C is pressed.
async fn sleep(length: Duration) -> Result<(), StackError> {
    let end = Instant::now() + length;
    loop {
        let left = end.saturating_duration_since(Instant::now());
        if interrupted() {
            return Err(StackError::Interrupted);
        }
        if left.is_zero() {
            return Ok(());
        }
        tokio::time::sleep(left.min(STEP)).await;
    }
}

fn mark(servers: &Servers, programs: &Programs) -> io::Result<Mark> {
    let at = Instant::now();
    let processes = [
        ("gateway", programs.gateway.pid()),
        ("aggregator", programs.aggregator.pid()),
        ("background", programs.background.pid()),
        ("Redis", servers.redis.pid()),
        ("PostgreSQL", servers.postgres.pid()),
    ];
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

/// Waits until the results hold every accepted vote; when that was, and how long it took. More or fewer is
/// an error: a benchmark of wrong counts is worth nothing.
async fn wait_for_counts(
    client: &mut Client,
    poll: &PollView,
    load: &Load,
) -> Result<(Instant, Duration), Error> {
    let accepted = load.accepted();
    if accepted == 0 {
        return Err(Error::NoneAccepted(load.last_failure().unwrap_or_default()));
    }
    eprintln!("Waiting until all {accepted} votes are counted ...");
    let start = Instant::now();
    let poll = poll.poll_id.to_string();
    let counted = wait_until_counted(client, &poll, accepted, &ProgressBar::hidden()).await;
    match counted {
        Some(Counted { results, since }) if results.total_votes == accepted => Ok((since, since - start)),
        other => {
            let counted = other.map_or(0, |other| other.results.total_votes);
            Err(Error::Miscounted { accepted, counted })
        }
    }
}
