//! The servers that a gateway asks, each behind its circuit.

use pollster_shared::channels::{Publisher, is_cluster};
use pollster_shared::circuit::{Circuit, Watch};
use pollster_shared::config::{DatabaseConfig, RedisConfig, StartError};
use pollster_shared::database::{self, DatabaseError, Pool};
use pollster_shared::redis::{self, Connection, RedisResult};
use pollster_shared::shutdown::Shutdown;
use tokio::task::JoinHandle;

use crate::metrics::Metrics;

/// What makes the guarded connections of a gateway. Roles on one server share its circuit, which bears the name of the
/// first of them.
#[derive(Debug)]
pub(crate) struct Circuits<'a> {
    metrics: &'a Metrics,
    by_url: Vec<(String, Circuit)>,
    watches: Watches,
}

/// The tasks that ask the servers whose circuits are open.
#[derive(Debug, Default)]
pub(crate) struct Watches(Vec<Watch>);

/// The connections to Redis.
#[derive(Debug)]
pub(crate) struct RedisRoles {
    pub(crate) streams: Connection,
    pub(crate) aggregates: Connection,
    pub(crate) channels: Publisher,
}

impl<'a> Circuits<'a> {
    /// No circuit yet; each is shown in `metrics`.
    pub(crate) fn new(metrics: &'a Metrics) -> Self {
        Self { metrics, by_url: Vec::new(), watches: Watches::default() }
    }

    /// The connections to Redis, of `redis` and where they are on other servers `redis_aggregates` and `redis_pubsub`.
    ///
    /// # Errors
    /// Names the variable whose URL is none.
    pub(crate) fn redis(&mut self, config: &RedisConfig) -> Result<RedisRoles, StartError> {
        let mut connect = |dependency, (variable, url): (_, &str)| {
            self.connection(dependency, url).map_err(|error| StartError::setting(variable, error))
        };
        let streams = connect("redis", config.streams())?;
        let aggregates = connect("redis_aggregates", config.aggregates())?;
        let (variable, url) = config.pubsub();
        let channels = if is_cluster(url) {
            // Its client finds another way round a node that is away, so that no one circuit is its state.
            Publisher::new(url).map_err(|error| StartError::setting(variable, error))?
        } else {
            Publisher::over(connect("redis_pubsub", (variable, url))?)
        };
        Ok(RedisRoles { streams, aggregates, channels })
    }

    /// The pool of the primary, `postgresql`, and the one of the replica, `postgresql_replica`: the same one where there
    /// is none.
    ///
    /// # Errors
    /// Names the variable whose URL is none.
    pub(crate) fn databases(&mut self, config: &DatabaseConfig) -> Result<(Pool, Pool), StartError> {
        let mut pool = |dependency, variable, url: &str| {
            // What it fails for may hold a password.
            let bad = |_: DatabaseError| StartError::setting(variable, "is not a connection string");
            self.pool(dependency, url, config.database_pool_size).map_err(bad)
        };
        let primary = pool("postgresql", "DATABASE_URL", &config.database_url)?;
        let replica = match &config.database_replica_url {
            Some(url) => pool("postgresql_replica", "DATABASE_REPLICA_URL", url)?,
            None => primary.clone(),
        };
        Ok((primary, replica))
    }

    /// What asks the servers whose connections were made.
    pub(crate) fn into_watches(self) -> Watches {
        self.watches
    }

    fn connection(&mut self, dependency: &'static str, url: &str) -> RedisResult<Connection> {
        let known = self.by_url.iter().find(|(known, _)| known == url).map(|(_, circuit)| circuit.clone());
        let circuit = match known {
            Some(circuit) => circuit,
            None => {
                let gauge = self.metrics.circuit_open(dependency);
                let circuit = self.watches.add(Circuit::new(dependency, gauge, redis::probe(url)?));
                self.by_url.push((url.to_owned(), circuit.clone()));
                circuit
            }
        };
        redis::guarded(url, circuit)
    }

    fn pool(&mut self, dependency: &'static str, url: &str, size: u32) -> Result<Pool, DatabaseError> {
        let gauge = self.metrics.circuit_open(dependency);
        let circuit = self.watches.add(Circuit::new(dependency, gauge, database::probe(url)?));
        database::guarded_pool(url, size, circuit)
    }
}

impl Watches {
    fn add(&mut self, (circuit, watch): (Circuit, Watch)) -> Circuit {
        self.0.push(watch);
        circuit
    }

    /// Starts them, until `end`.
    pub(crate) fn start(self, end: &Shutdown) -> impl Iterator<Item = JoinHandle<()>> {
        self.0.into_iter().map(|watch| tokio::spawn(watch.run(end.clone())))
    }
}
