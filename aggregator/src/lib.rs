//! The aggregator: takes accepted votes off the streams and makes them count.
//!
//! Stages, each a file, joined by bounded channels so that they work side by side:
//!
//! ```text
//! reader  ─┐
//!          ├─> committer ──> publisher ──> acknowledger
//! reclaim ─┘   one transaction
//! ```
//!
//! A crash at any point only repeats work that changes nothing: entries stay in their stream until they
//! are committed and published. Any number of aggregators may run.

mod acknowledger;
pub mod committer;
mod config;
mod lag;
pub mod metrics;
pub mod publisher;
mod reader;
mod reclaim;
mod shards;
mod sweep;
mod traced;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use pollster_shared::admin::{self, Servers};
use pollster_shared::config::{StartError, listen};
use pollster_shared::database;
use pollster_shared::redis::Connection;
use pollster_shared::shutdown::Shutdown;
use pollster_shared::stream::{Streams, group};
use pollster_shared::{channels, redis, traces};
use tokio::sync::mpsc;
use tokio::time::timeout;

pub use config::Config;

use committer::Committer;
use metrics::Metrics;
use publisher::Publisher;
use shards::Finder;

/// Batches that wait between two stages: enough to keep the next one busy, few enough to bound memory.
const STAGE_CAPACITY: usize = 2;
/// Batches that wait to be acknowledged together, which must not hold up what comes before.
const ACKNOWLEDGE_CAPACITY: usize = 64;

/// Runs an aggregator until `shutdown`, then finishes what is in hand.
///
/// # Errors
/// Where it can't start as configured.
pub async fn run(config: Config, shutdown: Shutdown) -> Result<(), StartError> {
    let database = config.service.database.clone();
    database::checked(&database, aggregate(config, shutdown)).await
}

async fn aggregate(config: Config, shutdown: Shutdown) -> Result<(), StartError> {
    let pool = database::primary_pool(&config.service.database)?;
    let connect =
        |(variable, url)| redis::connection(url).map_err(|error| StartError::setting(variable, error));
    let streams = connect(config.service.redis.streams())?;
    let aggregates = connect(config.service.redis.aggregates())?;
    let (variable, url) = config.service.redis.pubsub();
    let channels = channels::Publisher::new(url).map_err(|error| StartError::setting(variable, error))?;
    let admin = listen("ADMIN_LISTEN", config.admin_listen)?;

    let (traces, trace_exporter) = traces::start(&config.traces, "pollster-aggregator")?;
    let metrics = Arc::new(Metrics::default());
    let mut registry = pollster_shared::metrics::registry();
    metrics.register(&mut registry);
    pollster_shared::metrics::register_pool(&mut registry, pool.clone());
    let readiness = Arc::new(Servers { pool: pool.clone(), streams: streams.clone() });
    // The admin listener answers before there is work and until the drain is over, so that both can be watched.
    let drained = Shutdown::new();
    let _ended = drained.clone().drop_guard();
    let admin = tokio::spawn(admin::serve(admin, registry, readiness, shutdown.clone(), drained.clone()));
    let mut finder = Finder::new(&config, pool.clone());
    let Some(found) = finder.first(&shutdown).await else { return Ok(()) };
    let shards = found.subscribe();

    let (entries, to_commit) = mpsc::channel(STAGE_CAPACITY);
    let (committed, to_publish) = mpsc::channel(STAGE_CAPACITY);
    let (published, to_acknowledge) = mpsc::channel(ACKNOWLEDGE_CAPACITY);
    let consumer = uuid::Uuid::now_v7().simple().to_string();
    tracing::info!(shards = shards.borrow().served.len(), consumer, "aggregator started");

    let committer = Committer::new(
        pool.clone(),
        streams.clone(),
        config.delivery.max_deliveries,
        config.milestones.milestones.clone(),
        metrics.clone(),
    );
    let publisher = Publisher::new(pool.clone(), aggregates, channels, metrics.clone());
    let reader = reader::Reader {
        streams: streams.clone(),
        pool: pool.clone(),
        shards: shards.clone(),
        consumer: consumer.clone(),
        batch_size: config.batch_size,
        linger: config.batch_linger(),
    };
    let reclaim = reclaim::Reclaim {
        streams: streams.clone(),
        shards: shards.clone(),
        consumer: consumer.clone(),
        idle: config.delivery.claim_idle(),
        batch_size: config.batch_size,
        metrics: metrics.clone(),
        too_new: HashMap::new(),
    };
    let lag =
        lag::Lag { streams: streams.clone(), shards: shards.clone(), metrics, unserved: BTreeSet::new() };

    let background = [
        tokio::spawn(finder.run(found, shutdown.clone())),
        tokio::spawn(sweep::run(publisher.clone(), shutdown.clone())),
        tokio::spawn(lag.run(shutdown.clone())),
    ];
    let stages = [
        tokio::spawn(reader.run(entries.clone(), shutdown.clone())),
        tokio::spawn(reclaim.run(entries, shutdown.clone())),
        tokio::spawn(committer.run(
            config.batch_size,
            to_commit,
            committed,
            shutdown.clone(),
            traces.clone(),
        )),
        tokio::spawn(publisher.run(to_publish, published, traces)),
        tokio::spawn(acknowledger::run(streams.clone(), to_acknowledge)),
    ];
    // Each stage ends when the one before it has; the first end at the shutdown.
    for stage in stages.into_iter().chain(background) {
        if let Err(error) = stage.await {
            tracing::error!(%error, "a stage ended badly");
        }
    }
    let served = shards.borrow().served.clone();
    leave(streams, &served, &consumer).await;
    trace_exporter.end().await;
    drained.cancel();
    let _ = admin.await;
    tracing::info!("aggregator drained");
    Ok(())
}

/// Leaves the group, where nothing is pending: what is will be claimed by others under our name.
async fn leave(mut streams: Connection, shards: &[u16], consumer: &str) {
    for &shard in shards {
        if let Err(error) = group::leave(&mut streams, Streams::Votes, shard, consumer).await {
            tracing::warn!(shard, %error, "could not leave the group");
            return;
        }
    }
}

/// Waits for `duration`, or less if the shutdown comes; whether to go on.
async fn pause(duration: Duration, shutdown: &Shutdown) -> bool {
    timeout(duration, shutdown.cancelled()).await.is_err()
}
