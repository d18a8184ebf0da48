//! The background program: one-off commands, and jobs that run beside the services. Each job is a file;
//! any number of instances may run, since each step of a job happens once whoever does it.

pub mod cli;
mod closing;
pub mod grant_admin;
pub mod migrate;
mod partitions;

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use pollster_shared::admin::{self, CheckReadiness, Readiness};
use pollster_shared::channels::Publisher;
use pollster_shared::config::{StartError, listen};
use pollster_shared::database::{self, DatabaseError, Pool};
use pollster_shared::redis;
use pollster_shared::shutdown::Shutdown;

use cli::Config;

/// Runs all jobs until `shutdown`.
///
/// # Errors
/// Where it can't start as configured.
pub async fn run(config: Box<Config>, shutdown: Shutdown) -> Result<(), StartError> {
    let pool =
        database::pool(&config.service.database.database_url, config.service.database.database_pool_size)
            .map_err(|error| StartError::setting("DATABASE_URL", error))?;
    let connect =
        |(variable, url)| redis::connection(url).map_err(|error| StartError::setting(variable, error));
    let (variable, url) = config.service.redis.pubsub();
    let channels = Publisher::new(url).map_err(|error| StartError::setting(variable, error))?;
    let closing = closing::Job::new(
        pool.clone(),
        connect(config.service.redis.streams())?,
        connect(config.service.redis.aggregates())?,
        channels,
    );
    let listener = listen("ADMIN_LISTEN", config.admin_listen)?;
    let mut registry = pollster_shared::metrics::registry();
    pollster_shared::metrics::register_pool(&mut registry, pool.clone());
    let ready = Arc::new(Ready(pool.clone()));
    let tasks = [
        tokio::spawn(admin::serve(listener, registry, ready, shutdown.clone(), shutdown.clone())),
        tokio::spawn(closing.run(shutdown.clone())),
        tokio::spawn(partitions::run(pool, shutdown)),
    ];
    tracing::info!("background started");
    for task in tasks {
        if let Err(error) = task.await {
            tracing::error!(%error, "a job ended badly");
        }
    }
    Ok(())
}

struct Ready(Pool);

impl CheckReadiness for Ready {
    fn check(&self) -> BoxFuture<'_, Readiness> {
        async {
            match self.0.get().await {
                Ok(_) => Readiness { ready: true, reasons: Vec::new() },
                Err(error) => {
                    Readiness { ready: false, reasons: vec![DatabaseError::from(error).to_string()] }
                }
            }
        }
        .boxed()
    }
}

/// Waits for `duration`, or less if the shutdown comes; whether to go on.
async fn pause(duration: Duration, shutdown: &Shutdown) -> bool {
    tokio::time::timeout(duration, shutdown.cancelled()).await.is_err()
}
