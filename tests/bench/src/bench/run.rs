//! One run: start, measure, report.

use std::io;
use std::time::Duration;

use clap::{Parser, ValueEnum};
use pollster_shared::descriptors::raise_limit;
use pollster_stack::StackError;

use super::fan_out::{self, FanOutError};
use super::recovery::{self, RecoveryError};
use super::report::{Faults, HotPoll, Machine, Raw, Report};
use super::scaling::{self, ScalingError};
use super::servers::{Servers, Workers};
use super::visible::VisibleError;
use super::{archive, direct, hot_poll, logins, raw, telemetry, token, topologies};
use crate::client::ClientError;

/// How long each raw rate is measured.
const RAW_LENGTH: Duration = Duration::from_secs(3);
/// Lets the load generator say where a login comes from.
const BEHIND_A_PROXY: (&str, &str) = ("TRUSTED_PROXIES", "127.0.0.1");

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
    /// How many responses to archive
    #[arg(long, default_value_t = 10_000_000, value_parser = clap::value_parser!(u32).range(1..))]
    pub rows: u32,
    /// How many votes wait when aggregators are started
    #[arg(long, default_value_t = 200_000, value_parser = clap::value_parser!(u32).range(1..))]
    pub backlog: u32,
    /// Measure only these, instead of all
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub only: Vec<Group>,
    /// Print the figures as JSON
    #[arg(long)]
    pub json: bool,
}

/// Measurements that belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Group {
    /// Votes in one hot poll, beside the raw rates of the servers
    Votes,
    /// Votes while invalid logins arrive
    Logins,
    /// Results on their way to viewers
    FanOut,
    /// Recovery after a part died, and votes while Redis is gone
    Faults,
    /// A large poll on its way into the archive
    Archive,
    /// Votes with Redis and PostgreSQL as an installation may have them (only when asked for)
    Topologies,
    /// A backlog drained by one, two and three aggregators (only when asked for)
    Scaling,
    /// What metrics and traces cost (only when asked for)
    Telemetry,
}

impl Arguments {
    fn includes(&self, group: Group) -> bool {
        let is_by_default = !matches!(group, Group::Topologies | Group::Scaling | Group::Telemetry);
        self.only.is_empty() && is_by_default || self.only.contains(&group)
    }
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
    /// The fan-out.
    #[error("measuring the fan-out: {0}")]
    FanOut(#[from] FanOutError),
    /// Recovery.
    #[error("measuring recovery: {0}")]
    Recovery(#[from] RecoveryError),
    /// The archive.
    #[error("the poll could not be archived: {0}")]
    Archive(String),
    /// Scaling out.
    #[error("measuring how aggregators scale: {0}")]
    Scaling(#[from] ScalingError),
    /// Traces.
    #[error("no traces were told of votes that should be traced")]
    NoTraces,
    /// The thread that sends logins panicked.
    #[error("the thread that sends invalid logins failed")]
    Flood,
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
    raise_limit()?;
    eprintln!("Starting Redis and PostgreSQL ...");
    let mut servers = Servers::start()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(measure(arguments, machine, &mut servers))
}

async fn measure(arguments: &Arguments, machine: Machine, servers: &mut Servers) -> Result<Report, Error> {
    let raw = match arguments.includes(Group::Votes) {
        // Before anything else runs.
        true => Some(measure_raw(servers).await?),
        false => None,
    };
    eprintln!("Starting an aggregator and the background workers ...");
    let workers = servers.start_workers()?;
    let mut report = Report::empty(machine);
    if let Some(raw) = raw {
        report.hot_poll = Some(measure_hot_poll(arguments, raw, servers, &workers).await?);
    }
    if arguments.includes(Group::Logins) {
        eprintln!("Starting a gateway behind a proxy ...");
        let gateway = servers.start_gateway(&[BEHIND_A_PROXY])?;
        let connections = usize::from(arguments.connections);
        report.login_floods = logins::measure(connections, servers, &gateway).await?;
    }
    if arguments.includes(Group::FanOut) {
        report.fan_out = Some(fan_out::measure(servers).await?);
    }
    if arguments.includes(Group::Faults) {
        let recoveries = recovery::measure(servers).await?;
        report.faults = Some(Faults { recoveries, direct_votes: direct::measure(arguments, servers).await? });
    }
    if arguments.includes(Group::Archive) {
        report.archive = Some(archive::measure(arguments.rows, servers, &workers).await?);
    }
    if arguments.includes(Group::Topologies) {
        report.topologies = topologies::measure(usize::from(arguments.connections), servers).await?;
    }
    // Nothing else is to run meanwhile.
    drop(workers);
    if arguments.includes(Group::Telemetry) {
        report.telemetry = Some(telemetry::measure(usize::from(arguments.connections), servers).await?);
    }
    if arguments.includes(Group::Scaling) {
        let (votes, connections) = (arguments.backlog, usize::from(arguments.connections));
        report.scaling = Some(scaling::measure(votes, connections, servers).await?);
    }
    Ok(report)
}

async fn measure_hot_poll(
    arguments: &Arguments,
    raw: Raw,
    servers: &Servers,
    workers: &Workers,
) -> Result<HotPoll, Error> {
    eprintln!("Measuring access tokens by themselves ...");
    let token_verification_us = token::verification()?.as_secs_f64() * 1e6;
    eprintln!("Starting a gateway ...");
    let gateway = servers.start_gateway(&[])?;
    let (votes, visible, cpu) = hot_poll::measure(arguments, servers, workers, &gateway).await?;
    Ok(HotPoll { raw, token_verification_us, votes, visible, cpu })
}

async fn measure_raw(servers: &Servers) -> Result<Raw, Error> {
    eprintln!("Measuring PostgreSQL by itself ...");
    let inserts_per_second = raw::inserts(&servers.database_url(), RAW_LENGTH).await?;
    eprintln!("Measuring Redis by itself ...");
    let appends_per_second = raw::appends(&servers.redis.url(), RAW_LENGTH).await?;
    Ok(Raw { inserts_per_second, appends_per_second })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_is_measured_unless_only_some_is_asked_for() {
        let groups = Group::value_variants();
        let includes = |words: &[&str]| {
            let arguments = Arguments::try_parse_from([&["pollster-bench"], words].concat()).unwrap();
            groups.iter().copied().filter(|group| arguments.includes(*group)).collect::<Vec<_>>()
        };
        let by_default = [Group::Votes, Group::Logins, Group::FanOut, Group::Faults, Group::Archive];
        assert_eq!(includes(&[]), by_default, "the others take long");
        assert_eq!(includes(&["--only", "fan-out"]), [Group::FanOut]);
        assert_eq!(includes(&["--only", "votes,logins"]), [Group::Votes, Group::Logins]);
        assert_eq!(includes(&["--only", "topologies,scaling"]), [Group::Topologies, Group::Scaling]);
        assert!(Arguments::try_parse_from(["pollster-bench", "--only", "all"]).is_err());
    }
}
