//! One run: start, measure, report.

use std::io;
use std::time::Duration;

use clap::Parser;
use pollster_stack::StackError;

use super::report::{Machine, Raw, Report};
use super::servers::Servers;
use super::visible::VisibleError;
use super::{hot_poll, logins, raw, token};
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
    eprintln!("Measuring access tokens by themselves ...");
    let token_verification_us = token::verification()?.as_secs_f64() * 1e6;
    eprintln!("Starting Redis and PostgreSQL ...");
    let servers = Servers::start()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let raw = runtime.block_on(measure_raw(&servers))?;
    eprintln!("Starting the gateway, an aggregator and the background workers ...");
    let mut programs = servers.start_programs()?;
    let (votes, visible, cpu) = runtime.block_on(hot_poll::measure(arguments, &servers, &programs))?;
    eprintln!("Starting another gateway, behind a proxy ...");
    programs.gateway = servers.start_gateway(&[BEHIND_A_PROXY])?;
    let connections = usize::from(arguments.connections);
    let login_floods = runtime.block_on(logins::measure(connections, &servers, &programs.gateway))?;
    Ok(Report { machine, raw, token_verification_us, votes, visible, cpu, login_floods })
}

async fn measure_raw(servers: &Servers) -> Result<Raw, Error> {
    eprintln!("Measuring PostgreSQL by itself ...");
    let inserts_per_second = raw::inserts(&servers.database_url(), RAW_LENGTH).await?;
    eprintln!("Measuring Redis by itself ...");
    let appends_per_second = raw::appends(&servers.redis.url(), RAW_LENGTH).await?;
    Ok(Raw { inserts_per_second, appends_per_second })
}
