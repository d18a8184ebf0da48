//! What a stack is made of.

use std::fmt::Display;
use std::path::{Path, PathBuf};

use futures_util::future::join_all;
use pollster_stack::Scratch;

use crate::conformance;
use crate::database::Database;
use crate::pgbouncer_server::PgBouncerServer;
use crate::redis_server::RedisServer;
use crate::service::{Service, Spec};
use crate::stack::Stack;

const BACKGROUND: &str = "pollster-background";
/// What signs and verifies access tokens.
pub(crate) const JWT_SECRET: &str = "the token secret of the integration tests";
/// What keys the hashes of voters and addresses.
pub const HASH_SECRET: &str = "the hash secret of the integration tests";

/// Describes a [`Stack`]: one of each program, unless told otherwise.
#[derive(Debug)]
pub struct Builder {
    gateways: usize,
    gateway_args: Vec<(usize, &'static [&'static str])>,
    aggregators: usize,
    backgrounds: usize,
    background_args: &'static [&'static str],
    own_postgres: bool,
    database: Option<Database>,
    redis_url: Option<String>,
    pooled: Option<u16>,
    env: Vec<(String, String)>,
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            gateways: 1,
            gateway_args: Vec::new(),
            aggregators: 1,
            backgrounds: 1,
            background_args: &["run"],
            own_postgres: false,
            database: None,
            redis_url: None,
            pooled: None,
            env: Vec::new(),
        }
    }
}

impl Builder {
    /// The number of gateways.
    #[must_use]
    pub fn gateways(mut self, number: usize) -> Self {
        self.gateways = number;
        self
    }

    /// Gives the gateway of this number, from 0, arguments of its own.
    #[must_use]
    pub fn gateway_args(mut self, number: usize, args: &'static [&'static str]) -> Self {
        self.gateway_args.push((number, args));
        self
    }

    /// The number of aggregators; they serve all shards together.
    #[must_use]
    pub fn aggregators(mut self, number: usize) -> Self {
        self.aggregators = number;
        self
    }

    /// Leaves the background program out.
    #[must_use]
    pub fn without_background(self) -> Self {
        self.backgrounds(0)
    }

    /// The number of background programs.
    #[must_use]
    pub fn backgrounds(mut self, number: usize) -> Self {
        self.backgrounds = number;
        self
    }

    /// What the background programs are started with, instead of `run`.
    #[must_use]
    pub fn background_args(mut self, args: &'static [&'static str]) -> Self {
        self.background_args = args;
        self
    }

    /// Gives it a PostgreSQL server of its own, which may be killed; costs seconds.
    #[must_use]
    pub fn own_postgres(mut self) -> Self {
        self.own_postgres = true;
        self
    }

    /// Uses this database, which must be migrated by the test itself.
    #[must_use]
    pub fn database(mut self, database: Database) -> Self {
        self.database = Some(database);
        self
    }

    /// Uses what this URL leads to, instead of its own Redis.
    #[must_use]
    pub fn redis_url(mut self, url: &str) -> Self {
        self.redis_url = Some(url.to_owned());
        self
    }

    /// Puts PgBouncer in transaction mode, with so many connections to the server, between its gateways and aggregators
    /// and their database, which bounds sessions itself.
    #[must_use]
    pub fn pooled(mut self, connections: u16) -> Self {
        self.pooled = Some(connections);
        self
    }

    /// Sets a variable for all its programs.
    #[must_use]
    pub fn env(mut self, name: &str, value: impl Display) -> Self {
        self.env.push((name.to_owned(), value.to_string()));
        self
    }

    /// Starts it, and returns once every program is ready.
    ///
    /// # Panics
    /// When a server or program does not start.
    pub async fn start(mut self) -> Stack {
        let scratch = Scratch::new("rules").expect("a folder for a test");
        let folder = scratch.path();
        let given = self.database.take();
        let database = async {
            match given {
                Some(database) => database,
                None if self.own_postgres => Database::on_own_server(folder).await,
                None => Database::migrated().await,
            }
        };
        let (redis, database) = tokio::join!(RedisServer::start(folder), database);
        let redis_url = self.redis_url.take().unwrap_or_else(|| redis.url().to_owned());
        let env = self.complete_env(&redis_url, &database, folder);
        let pgbouncer = self.start_pgbouncer(folder, &database).await;
        let pooled_env = pooled_env(&env, pgbouncer.as_ref());
        let spec = |program, args, listens, number| Spec {
            program,
            args,
            listens,
            env: if program == BACKGROUND { env.clone() } else { pooled_env.clone() },
            log: log(folder, program, number),
        };
        let gateway =
            |number| Service::start(spec("pollster-gateway", self.args_of_gateway(number), true, number));
        let aggregator = |number| Service::start(spec("pollster-aggregator", &[], false, number));
        let background = |number| Service::start(spec(BACKGROUND, self.background_args, false, number));
        let (gateways, aggregators, background) = tokio::join!(
            join_all((0..self.gateways).map(gateway)),
            join_all((0..self.aggregators).map(aggregator)),
            join_all((0..self.backgrounds).map(background)),
        );
        if let Some(gateway) = gateways.first() {
            conformance::learn(gateway.address()).await;
        }
        Stack { gateways, aggregators, background, redis, pgbouncer, database, scratch, env }
    }

    async fn start_pgbouncer(&self, folder: &Path, database: &Database) -> Option<PgBouncerServer> {
        let size = self.pooled?;
        database.bound_sessions().await;
        Some(PgBouncerServer::start(folder, database, |pooler| pooler.size = size).await)
    }

    fn args_of_gateway(&self, number: usize) -> &'static [&'static str] {
        let own = self.gateway_args.iter().find(|(gateway, _)| *gateway == number);
        own.map_or(&[], |(_, args)| args)
    }

    /// Everything that the programs read, so that the caller's own environment does not matter.
    fn complete_env(&self, redis_url: &str, database: &Database, folder: &Path) -> Vec<(String, String)> {
        let mut env = environment(redis_url, database.url(), folder);
        env.extend(self.env.iter().cloned());
        env
    }
}

/// What programs read that may share sessions.
fn pooled_env(env: &[(String, String)], pgbouncer: Option<&PgBouncerServer>) -> Vec<(String, String)> {
    let mut env = env.to_owned();
    if let Some(pgbouncer) = pgbouncer {
        env.push(("DATABASE_URL".to_owned(), pgbouncer.url().to_owned()));
        env.push(("DATABASE_POOLING".to_owned(), "transaction".to_owned()));
    }
    env
}

/// What programs of a stack in `folder` read: rate limits off, gateways that end at once, everything else as by default.
pub fn environment(redis_url: &str, database_url: &str, folder: &Path) -> Vec<(String, String)> {
    let mut env: Vec<(String, String)> = [
        ("DATABASE_URL", database_url),
        ("REDIS_URL", redis_url),
        ("REDIS_STREAMS_URL", redis_url),
        ("REDIS_AGGREGATES_URL", redis_url),
        ("REDIS_PUBSUB_URL", redis_url),
        ("HASH_SECRET", HASH_SECRET),
        ("JWT_SECRET", JWT_SECRET),
        ("VOTES_PER_MINUTE", "0"),
        ("VOTES_PER_5_MINUTES", "0"),
        ("VOTES_PER_MINUTE_PER_ADDRESS", "0"),
        ("POLLS_PER_HOUR", "0"),
        ("LOGINS_PER_MINUTE", "0"),
        ("DRAIN_DELAY", "0s"),
        ("RUST_LOG", "info"),
        ("LOG_FORMAT", "json"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into();
    env.push(("MAIL_FOLDER".to_owned(), mail_folder(folder).display().to_string()));
    env.push(("ARCHIVE_URL".to_owned(), format!("file://{}", folder.join("archive").display())));
    env
}

/// Where the mails of a stack in `folder` go.
pub(crate) fn mail_folder(folder: &Path) -> PathBuf {
    folder.join("mail")
}

fn log(folder: &Path, program: &str, number: usize) -> PathBuf {
    folder.join(format!("{program}-{number}.log"))
}
