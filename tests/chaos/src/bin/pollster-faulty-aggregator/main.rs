//! `pollster-faulty-aggregator`: an aggregator with a bug that the checker has to find. It is put together from the
//! stages of the real one, which knows nothing of it.

mod increments;
mod source;
mod worker;

use std::process::ExitCode;
use std::sync::Arc;

use clap::{Parser, ValueEnum};
use pollster_aggregator::committer::Committer;
use pollster_aggregator::metrics::Metrics;
use pollster_aggregator::publisher::Publisher;
use pollster_shared::admin::{self, Servers};
use pollster_shared::config::{LogConfig, StartError, listen};
use pollster_shared::program::{self, Settings};
use pollster_shared::shutdown::Shutdown;
use pollster_shared::{channels, database, redis};

use increments::Increments;
use source::Source;
use worker::Worker;

/// Commits accepted votes as pollster-aggregator does, but for a bug
#[derive(Debug, Clone, Parser)]
#[command(name = "pollster-faulty-aggregator")]
struct Arguments {
    #[command(flatten)]
    aggregator: pollster_aggregator::Config,
    /// The bug
    #[arg(long)]
    bug: Bug,
}

/// What is wrong with it.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Bug {
    /// Counts are added up in Redis, a ballot at a time, and not taken from PostgreSQL
    Increments,
    /// Entries are acknowledged and deleted before they are committed
    AcknowledgesFirst,
}

impl Settings for Arguments {
    fn log(&self) -> &LogConfig {
        &self.aggregator.log
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    program::start(run).await
}

async fn run(Arguments { aggregator: config, bug }: Arguments, shutdown: Shutdown) -> Result<(), StartError> {
    let database = &config.service.database;
    let pool = database::pool(&database.database_url, database.database_pool_size)
        .map_err(|error| StartError::setting("DATABASE_URL", error))?;
    let (variable, url) = config.service.redis.streams();
    let redis_error = |error| StartError::setting(variable, error);
    // One Redis in all roles, as the runs have it.
    let connection = redis::connection(url).map_err(redis_error)?;
    let channels = channels::Publisher::over(connection.clone());
    let admin = listen("ADMIN_LISTEN", config.admin_listen)?;

    let metrics = Arc::new(Metrics::default());
    let mut registry = pollster_shared::metrics::registry();
    metrics.register(&mut registry);
    let readiness = Arc::new(Servers { pool: pool.clone(), streams: connection.clone() });
    tokio::spawn(admin::serve(admin, registry, readiness, shutdown.clone(), shutdown.clone()));

    let committer = Committer::new(
        pool.clone(),
        connection.clone(),
        config.delivery.max_deliveries,
        config.milestones.milestones,
        metrics.clone(),
    );
    let publisher = Publisher::new(pool.clone(), connection.clone(), channels.clone(), metrics);
    let increments = Increments::new(pool.clone(), connection.clone(), channels);
    let shards = (0..config.vote_shards).collect();
    let source = Source::new(connection.clone(), pool, shards, config.delivery.claim_idle());
    Worker { bug, source, committer, publisher, increments, streams: connection }.run(&shutdown).await;
    Ok(())
}
