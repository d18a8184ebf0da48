//! What jobs work with.

use std::sync::Arc;

use pollster_shared::channels::Publisher;
use pollster_shared::config::{DeliveryConfig, ServiceConfig, StartError};
use pollster_shared::database::{self, Pool};
use pollster_shared::redis::{self, Connection};

use crate::leadership::Leadership;
use crate::metrics::Metrics;

/// What a job works with. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Context {
    /// PostgreSQL's primary.
    pub(crate) pool: Pool,
    /// The Redis of the streams.
    pub(crate) streams: Connection,
    /// The Redis of the counts.
    pub(crate) aggregates: Connection,
    /// What viewers are told through.
    pub(crate) channels: Publisher,
    /// What this instance leads.
    pub(crate) leadership: Leadership,
    /// When entries of a queue are taken over, and when they are given up.
    pub(crate) delivery: DeliveryConfig,
    /// What is counted.
    pub(crate) metrics: Arc<Metrics>,
}

impl Context {
    /// A context whose connections are made when first used.
    ///
    /// # Errors
    /// Names the setting that is bad.
    pub(crate) fn new(service: &ServiceConfig, delivery: DeliveryConfig) -> Result<Self, StartError> {
        let pool = database::pool(&service.database.database_url, service.database.database_pool_size)
            .map_err(|error| StartError::setting("DATABASE_URL", error))?;
        let connect =
            |(variable, url)| redis::connection(url).map_err(|error| StartError::setting(variable, error));
        let (variable, url) = service.redis.pubsub();
        let channels = Publisher::new(url).map_err(|error| StartError::setting(variable, error))?;
        Ok(Self {
            pool,
            streams: connect(service.redis.streams())?.with_min_replicas(service.redis.redis_min_replicas),
            aggregates: connect(service.redis.aggregates())?,
            channels,
            leadership: Leadership::default(),
            delivery,
            metrics: Arc::default(),
        })
    }
}
