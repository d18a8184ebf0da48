//! What every request may need.

use pollster_shared::config::StartError;
use pollster_shared::database::{self, Pool};
use pollster_shared::redis::{self, Connection};
use pollster_shared::shutdown::Shutdown;
use pollster_shared::vote::HashSecret;

use crate::config::Config;
use crate::definitions::Definitions;
use crate::metrics::Metrics;
use crate::ws::{Feed, Hub};

/// The gateway's connections, caches and settings.
#[derive(Debug)]
pub(crate) struct App {
    pub(crate) config: Config,
    pub(crate) secret: HashSecret,
    pub(crate) pool: Pool,
    /// All votes share this one connection, which pipelines them.
    pub(crate) streams: Connection,
    pub(crate) aggregates: Connection,
    pub(crate) pubsub: Connection,
    pub(crate) definitions: Definitions,
    pub(crate) hub: Hub,
    pub(crate) metrics: Metrics,
    pub(crate) shutdown: Shutdown,
}

impl App {
    /// The app, and the task that feeds its hub. Connections are made when first needed.
    pub(crate) fn new(config: Config, shutdown: Shutdown) -> Result<(Self, Feed), StartError> {
        let connect =
            |(variable, url)| redis::connection(url).map_err(|error| StartError::setting(variable, error));
        let pool =
            database::pool(&config.service.database.database_url, config.service.database.database_pool_size)
                .map_err(|error| StartError::setting("DATABASE_URL", error))?;
        let aggregates = connect(config.service.redis.aggregates())?;
        let (hub, feed) = Hub::new(config.service.redis.pubsub().1)?;
        let app = Self {
            secret: config.hashing.secret()?,
            streams: connect(config.service.redis.streams())?,
            pubsub: connect(config.service.redis.pubsub())?,
            definitions: Definitions::new(pool.clone(), aggregates.clone()),
            metrics: Metrics::default(),
            aggregates,
            pool,
            hub,
            config,
            shutdown,
        };
        Ok((app, feed))
    }
}
