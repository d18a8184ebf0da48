//! The background program: one-off commands, and jobs that run beside the services. Each job is a file;
//! any number of instances may run, since each step of a job happens once whoever does it.

mod backlog;
pub mod cli;
pub mod commands;
mod jobs;
mod leadership;
mod metrics;
mod output;
mod partial_file;
mod schedule;
mod worker;

use std::sync::Arc;
use std::time::Duration;

use clap::ValueEnum;
use pollster_shared::admin::{self, Servers};
use pollster_shared::archive::Store;
use pollster_shared::config::{StartError, listen};
use pollster_shared::shutdown::Shutdown;
use tokio::task::JoinSet;

use cli::Config;
use jobs::notify::Deliverer;
use jobs::{Context, JobName, Tasks};

/// Runs the jobs until `shutdown`, then finishes what is in hand.
///
/// # Errors
/// Where it can't start as configured.
pub async fn run(config: Box<Config>, shutdown: Shutdown) -> Result<(), StartError> {
    let context = Context::new(&config.service, config.delivery)?;
    let archive = Store::new(&config.archive)?;
    let secret = config.hashing.secret()?;
    let deliverer = Arc::new(Deliverer::new(&config, &secret)?);
    let listener = listen("ADMIN_LISTEN", config.admin_listen)?;
    let mut registry = pollster_shared::metrics::registry();
    context.metrics.register(&mut registry);
    deliverer.register(&mut registry);
    pollster_shared::metrics::register_pool(&mut registry, context.pool.clone());
    let servers = Arc::new(Servers { pool: context.pool.clone(), streams: context.streams.clone() });
    // The admin listener answers, and locks are held, until the drain is over.
    let drained = Shutdown::new();
    let _ended = drained.clone().drop_guard();
    let admin = tokio::spawn(admin::serve(listener, registry, servers, shutdown.clone(), drained.clone()));

    let mut tasks = Tasks {
        context: &context,
        archive: &archive,
        secret: &secret,
        deliverer: &deliverer,
        shutdown: &shutdown,
        started: JoinSet::new(),
    };
    let chosen = |name: &&JobName| config.only.is_empty() || config.only.contains(name);
    let names: Vec<JobName> = JobName::value_variants().iter().filter(chosen).copied().collect();
    names.iter().for_each(|name| name.start(&mut tasks, &config));
    tasks.started.spawn(backlog::run(context.clone(), shutdown.clone()));
    let database_url = config.service.database.database_url.clone();
    let leadership = tokio::spawn(context.leadership.clone().run(database_url, drained.clone()));
    tracing::info!(jobs = ?names, "background started");
    while let Some(ended) = tasks.started.join_next().await {
        if let Err(error) = ended {
            tracing::error!(%error, "a job ended badly");
        }
    }
    deliverer.drain().await;
    drained.cancel();
    let _ = tokio::join!(leadership, admin);
    tracing::info!("background drained");
    Ok(())
}

/// Waits for `duration`, or less if the shutdown comes; whether to go on.
async fn pause(duration: Duration, shutdown: &Shutdown) -> bool {
    tokio::time::timeout(duration, shutdown.cancelled()).await.is_err()
}
