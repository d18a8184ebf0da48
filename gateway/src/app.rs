//! What every request may need.

use std::sync::Arc;

use pollster_shared::archive::Store;
use pollster_shared::channels::{Publisher, Subscriber};
use pollster_shared::config::StartError;
use pollster_shared::database::{self, Pool};
use pollster_shared::redis::{self, Connection};
use pollster_shared::shutdown::Shutdown;
use pollster_shared::vote::HashSecret;

use crate::accounts::{Hasher, Mailing};
use crate::config::Config;
use crate::definitions::Definitions;
use crate::edge::Edge;
use crate::limits::Limits;
use crate::live::{self, Feed, Hub, Inboxes, Pulse};
use crate::metrics::Metrics;
use crate::polls::export::Exports;
use crate::tokens::Tokens;
use crate::votes::captcha::Captcha;
use crate::votes::device::Devices;

/// The gateway's connections, caches and settings.
#[derive(Debug)]
pub(crate) struct App {
    pub(crate) config: Config,
    pub(crate) secret: HashSecret,
    pub(crate) pool: Pool,
    /// For lists, statistics and exports, which may be a moment behind.
    pub(crate) replica: Pool,
    pub(crate) exports: Exports,
    /// All votes share this one connection, which pipelines them.
    pub(crate) streams: Connection,
    pub(crate) aggregates: Connection,
    pub(crate) channels: Publisher,
    pub(crate) definitions: Definitions,
    pub(crate) hub: Arc<Hub>,
    pub(crate) inboxes: Arc<Inboxes>,
    pub(crate) pulse: Arc<Pulse>,
    pub(crate) tokens: Tokens,
    pub(crate) edge: Edge,
    pub(crate) captcha: Captcha,
    pub(crate) devices: Devices,
    pub(crate) limits: Limits,
    pub(crate) hasher: Hasher,
    pub(crate) mailing: Mailing,
    pub(crate) metrics: Metrics,
    pub(crate) shutdown: Shutdown,
}

impl App {
    /// The app, and the task that feeds its viewers. Connections are made when first needed.
    pub(crate) fn new(config: Config, shutdown: Shutdown) -> Result<(Self, Feed), StartError> {
        let connect =
            |(variable, url)| redis::connection(url).map_err(|error| StartError::setting(variable, error));
        let pool =
            database::pool(&config.service.database.database_url, config.service.database.database_pool_size)
                .map_err(|error| StartError::setting("DATABASE_URL", error))?;
        let replica = database::replica(&config.service.database, &pool)?;
        let aggregates = connect(config.service.redis.aggregates())?;
        let (variable, url) = config.service.redis.pubsub();
        let bad = |error| StartError::setting(variable, error);
        let channels = Publisher::new(url).map_err(bad)?;
        let subscriber = Subscriber::new(url).map_err(bad)?;
        let (hub, inboxes, feed) = live::open(subscriber, config.results_interval());
        let secret = config.hashing.secret()?;
        let metrics = Metrics::default();
        let hasher = Hasher::start(metrics.password_hashes.clone());
        let app = Self {
            limits: Limits::new(&config.limits, secret.clone(), &metrics),
            secret,
            streams: connect(config.service.redis.streams())?,
            channels,
            definitions: Definitions::new(pool.clone(), aggregates.clone()),
            tokens: Tokens::new(&config.tokens)?,
            edge: Edge::new(&config),
            captcha: Captcha::new(&config.captcha)?,
            devices: Devices::default(),
            hasher,
            mailing: Mailing::new(&config.mail)?,
            metrics,
            exports: Exports::new(replica.clone(), Store::new(&config.archive)?),
            aggregates,
            pool,
            replica,
            hub,
            inboxes,
            pulse: Arc::default(),
            config,
            shutdown,
        };
        Ok((app, feed))
    }
}
