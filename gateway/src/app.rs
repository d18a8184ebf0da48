//! What every request may need.

use std::sync::Arc;

use pollster_shared::archive::Store;
use pollster_shared::channels::{Publisher, Subscriber};
use pollster_shared::config::StartError;
use pollster_shared::database::{LagWatch, Pool, Reads};
use pollster_shared::redis::Connection;
use pollster_shared::shutdown::Shutdown;
use pollster_shared::traces::{self, Traces};
use pollster_shared::vote::HashSecret;

use crate::accounts::{Hasher, Mailing};
use crate::circuits::{Circuits, Databases, RedisRoles, Watches};
use crate::config::Config;
use crate::definitions::Definitions;
use crate::drain::Drain;
use crate::edge::Edge;
use crate::limits::Limits;
use crate::live::{self, Feed, Hub, Inboxes, Pulse};
use crate::metrics::Metrics;
use crate::polls::export::Exports;
use crate::results::AheadOfRedis;
use crate::tokens::Tokens;
use crate::votes::captcha::Captcha;
use crate::votes::device::Devices;
use crate::votes::direct::{self, DirectCommitter, DirectVotes};

/// The gateway's connections, caches and settings.
#[derive(Debug)]
pub(crate) struct App {
    pub(crate) config: Config,
    pub(crate) secret: HashSecret,
    pub(crate) pool: Pool,
    /// For lists, statistics and exports, which may be a moment behind.
    pub(crate) reads: Reads,
    pub(crate) exports: Exports,
    /// All votes share this one connection, which pipelines them.
    pub(crate) streams: Connection,
    pub(crate) aggregates: Connection,
    pub(crate) channels: Publisher,
    pub(crate) definitions: Definitions,
    pub(crate) ahead_of_redis: AheadOfRedis,
    /// The votes' way past Redis.
    pub(crate) direct_votes: DirectVotes,
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
    pub(crate) traces: Traces,
    pub(crate) drain: Drain,
}

/// What an app needs done beside its requests.
#[derive(Debug)]
pub(crate) struct Tasks {
    /// Feeds its viewers.
    pub(crate) feed: Feed,
    /// Commits votes past Redis.
    pub(crate) direct_committer: DirectCommitter,
    /// Ask servers that are away whether they are back.
    pub(crate) watches: Watches,
    /// Looks how far PostgreSQL's replica is behind, where there is one.
    pub(crate) lag_watch: Option<LagWatch>,
    /// Sends the traces.
    pub(crate) trace_exporter: traces::Exporter,
}

impl App {
    /// The app and its tasks. Connections are made when first needed.
    pub(crate) fn new(config: Config, shutdown: Shutdown) -> Result<(Self, Tasks), StartError> {
        let metrics = Metrics::default();
        let mut circuits = Circuits::new(&metrics);
        let Databases { primary: pool, reads, lag_watch } = circuits.databases(&config.service.database)?;
        let RedisRoles { streams, aggregates, channels } = circuits.redis(&config.service.redis)?;
        let watches = circuits.into_watches();
        let (variable, url) = config.service.redis.pubsub();
        let subscriber = Subscriber::new(url).map_err(|error| StartError::setting(variable, error))?;
        let (direct_votes, direct_committer) = direct::open();
        let (traces, trace_exporter) = traces::start(&config.traces, "pollster-gateway")?;
        let (hub, inboxes, feed) = live::open(subscriber, config.results_interval());
        let secret = config.hashing.secret()?;
        let hasher = Hasher::start(metrics.password_hashes.clone());
        let app = Self {
            limits: Limits::new(&config.limits, secret.clone(), &metrics),
            secret,
            definitions: Definitions::new(pool.clone(), aggregates.clone(), streams.clone()),
            streams,
            channels,
            ahead_of_redis: AheadOfRedis::default(),
            direct_votes,
            tokens: Tokens::new(&config.tokens)?,
            edge: Edge::new(&config),
            captcha: Captcha::new(&config.captcha)?,
            devices: Devices::default(),
            hasher,
            mailing: Mailing::new(&config.mail)?,
            metrics,
            traces,
            exports: Exports::new(Store::new(&config.archive)?),
            aggregates,
            pool,
            reads,
            hub,
            inboxes,
            pulse: Arc::default(),
            config,
            drain: Drain::new(shutdown),
        };
        Ok((app, Tasks { feed, direct_committer, watches, lag_watch, trace_exporter }))
    }
}
