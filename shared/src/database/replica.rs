//! Reads that may be a moment behind: from the replica while it keeps up with the primary, else from the primary.
//!
//! Every second the primary is asked how far it has written, and the replica how far it has replayed. The replica is
//! behind by no more than the age of the newest of the primary's positions that it has replayed. Reads go to the primary
//! while that is more than a bound, while the replica does not answer, and once it follows nobody any more. While the
//! primary is away they go to the replica, however far behind it may be: what was is better than nothing.

mod lag;
mod position;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use tokio::time::sleep;

use super::Pool;
use crate::shutdown::Shutdown;
use lag::Lag;
use position::{REPLAYED, WRITTEN, position};

/// How often it is looked how far both are.
const LOOK_EVERY: Duration = Duration::from_secs(1);

type Seconds = Gauge<f64, AtomicU64>;

/// Where reads go that may be a moment behind. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Reads {
    primary: Pool,
    replica: Option<Replica>,
}

#[derive(Debug, Clone)]
struct Replica {
    pool: Pool,
    /// Whether it answers, and is not too far behind.
    keeps_up: Arc<AtomicBool>,
    answers: Arc<AtomicBool>,
    lag_seconds: Seconds,
}

/// Looks how far behind the replica is.
#[derive(Debug)]
pub struct LagWatch {
    primary: Pool,
    replica: Replica,
    max_lag: Duration,
    lag: Lag,
}

impl Reads {
    /// All from the primary.
    pub fn from_primary(primary: Pool) -> Self {
        Self { primary, replica: None }
    }

    /// From `replica` while it is no more than `max_lag` behind, as the watch finds out: until it has, from the primary.
    pub fn from_replica(primary: Pool, replica: Pool, max_lag: Duration) -> (Self, LagWatch) {
        let replica = Replica {
            pool: replica,
            keeps_up: Arc::default(),
            answers: Arc::default(),
            lag_seconds: Seconds::default(),
        };
        replica.lag_seconds.set(f64::INFINITY);
        let reads = Self { primary: primary.clone(), replica: Some(replica.clone()) };
        (reads, LagWatch { primary, replica, max_lag, lag: Lag::default() })
    }

    /// Reads from the right server; from the primary once more where the replica fails.
    ///
    /// # Errors
    /// Those of `read`.
    pub async fn read<T, E, F>(&self, read: impl Fn(Pool) -> F) -> Result<T, E>
    where
        F: Future<Output = Result<T, E>>,
    {
        match self.replica.as_ref().filter(|replica| replica.serves(&self.primary)) {
            Some(replica) => match read(replica.pool.clone()).await {
                Err(_) if !self.primary.is_away() => read(self.primary.clone()).await,
                answer => answer,
            },
            None => read(self.primary.clone()).await,
        }
    }

    /// Shows how far behind the replica is, where there is one.
    pub fn register(&self, registry: &mut Registry) {
        if let Some(replica) = &self.replica {
            registry.register(
                "replica_lag_seconds",
                "How far the replica is behind the primary at most; grows while that is not known",
                replica.lag_seconds.clone(),
            );
        }
    }
}

impl Replica {
    fn serves(&self, primary: &Pool) -> bool {
        self.keeps_up.load(Ordering::Relaxed) || self.answers.load(Ordering::Relaxed) && primary.is_away()
    }
}

impl LagWatch {
    /// Looks, until `end`.
    pub async fn run(mut self, end: Shutdown) {
        let looking = async {
            loop {
                self.look().await;
                sleep(LOOK_EVERY).await;
            }
        };
        let _: Option<()> = end.run_until_cancelled(looking).await;
    }

    async fn look(&mut self) {
        // In this order: what the primary has written by now, the replica may have replayed by then.
        let at = Instant::now();
        if let Some(written) = position(&self.primary, WRITTEN).await.ok().flatten() {
            self.lag.written(at, written);
        }
        let replayed = position(&self.replica.pool, REPLAYED).await;
        if let Ok(Some(replayed)) = replayed {
            self.lag.replayed(replayed);
        }
        let lag = self.lag.at(Instant::now());
        let keeps_up = matches!(replayed, Ok(Some(_))) && lag.is_some_and(|lag| lag <= self.max_lag);
        self.replica.lag_seconds.set(lag.map_or(f64::INFINITY, |lag| lag.as_secs_f64()));
        self.replica.answers.store(replayed.is_ok(), Ordering::Relaxed);
        if self.replica.keeps_up.swap(keeps_up, Ordering::Relaxed) != keeps_up {
            tracing::info!(
                keeps_up,
                ?lag,
                "lists, statistics and exports change over between replica and primary"
            );
        }
    }
}
