//! The servers that a gateway asks, each behind its circuit.

use pollster_shared::channels::Publisher;
use pollster_shared::circuit::{Circuit, Watch};
use pollster_shared::config::{DatabaseConfig, RedisConfig, StartError};
use pollster_shared::database::{self, DatabaseError, LagWatch, Pool, Reads, Servers};
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

/// The ways to PostgreSQL.
#[derive(Debug)]
pub(crate) struct Databases {
    pub(crate) primary: Pool,
    pub(crate) reads: Reads,
    pub(crate) lag_watch: Option<LagWatch>,
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
        let min_replicas = config.redis_min_replicas;
        let mut connect = |dependency, (variable, url): (_, &str), min_replicas| {
            self.connection(dependency, url, min_replicas)
                .map_err(|error| StartError::setting(variable, error))
        };
        let streams = connect("redis", config.streams(), min_replicas)?.with_min_replicas(min_replicas);
        let aggregates = connect("redis_aggregates", config.aggregates(), 0)?;
        let channels = Publisher::over(connect("redis_pubsub", config.pubsub(), 0)?);
        Ok(RedisRoles { streams, aggregates, channels })
    }

    /// The pool of the primary, `postgresql`, and where reads go that may be a moment behind: where there is a replica,
    /// `postgresql_replica`, also what watches its lag.
    ///
    /// # Errors
    /// Names the variable whose URL is none.
    pub(crate) fn databases(&mut self, config: &DatabaseConfig) -> Result<Databases, StartError> {
        // What it fails for may hold a password.
        let bad =
            |variable| move |_: DatabaseError| StartError::setting(variable, "is not a connection string");
        let servers =
            Servers::primary(&config.database_url, config.database_pooling).map_err(bad("DATABASE_URL"))?;
        let primary = self.pool("postgresql", servers, config.database_pool_size);
        let Some(url) = &config.database_replica_url else {
            return Ok(Databases { reads: Reads::from_primary(primary.clone()), primary, lag_watch: None });
        };
        let servers = Servers::replica(url, config.database_pooling).map_err(bad("DATABASE_REPLICA_URL"))?;
        let replica = self.pool("postgresql_replica", servers, config.database_pool_size);
        let (reads, watch) = Reads::from_replica(primary.clone(), replica, config.database_replica_max_lag);
        Ok(Databases { primary, reads, lag_watch: Some(watch) })
    }

    /// What asks the servers whose connections were made.
    pub(crate) fn into_watches(self) -> Watches {
        self.watches
    }

    fn connection(
        &mut self,
        dependency: &'static str,
        url: &str,
        min_replicas: u32,
    ) -> RedisResult<Connection> {
        let known = self.by_url.iter().find(|(known, _)| known == url).map(|(_, circuit)| circuit.clone());
        let circuit = match known {
            Some(circuit) => circuit,
            None => {
                let gauge = self.metrics.circuit_open(dependency);
                let circuit =
                    self.watches.add(Circuit::new(dependency, gauge, redis::probe(url, min_replicas)?));
                self.by_url.push((url.to_owned(), circuit.clone()));
                circuit
            }
        };
        redis::guarded(url, circuit)
    }

    fn pool(&mut self, dependency: &'static str, servers: Servers, size: u32) -> Pool {
        let gauge = self.metrics.circuit_open(dependency);
        let probe = database::probe(servers.clone());
        let circuit = self.watches.add(Circuit::new(dependency, gauge, probe));
        database::guarded_pool(servers, size, circuit)
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
