//! Programs of ours on servers of their own.

use std::fmt::Debug;
use std::path::Path;

use pollster_stack::{PgBouncer, Pooler, Postgres, Redis, RedisCluster, RedisSentinels, StackError};

use super::setup::Setup;
use crate::bench::servers::{Gateway, Servers, Workers};

/// What sessions of ours ask for, which can't ask through PgBouncer.
const SESSIONS: &str = "ALTER ROLE pollster SET statement_timeout = '8s'; \
    ALTER ROLE pollster SET lock_timeout = '6s'; \
    ALTER ROLE pollster SET idle_in_transaction_session_timeout = '3s'; \
    ALTER ROLE pollster SET plan_cache_mode = 'force_generic_plan'";
/// Connections of PgBouncer to PostgreSQL: as many as a program has without it.
const POOL: u16 = 8;

/// All of a setup; it ends with this.
#[derive(Debug)]
pub(super) struct Site {
    pub(super) gateway: Gateway,
    #[allow(dead_code, reason = "its drop ends them")]
    workers: Workers,
    // After the programs.
    #[allow(dead_code, reason = "its drop ends them")]
    servers: Backing,
}

/// Servers, and how programs find them.
#[derive(Debug, Default)]
struct Backing {
    servers: Vec<Box<dyn Debug>>,
    env: Vec<(&'static str, String)>,
    /// For programs that need sessions.
    direct: Option<String>,
}

impl Site {
    /// Starts it beside the others.
    pub(super) fn start(others: &Servers, setup: Setup) -> Result<Self, StackError> {
        let folder = others.folder(&setup.database());
        let mut servers = Backing::default();
        servers.start_redis(&folder, setup)?;
        servers.start_postgres(others, &folder, setup)?;
        let env = servers.env.clone();
        let env: Vec<(&str, &str)> = env.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let direct: Vec<(&str, &str)> = match &servers.direct {
            Some(url) => {
                let others = env.iter().filter(|(name, _)| !name.starts_with("DATABASE_"));
                others.copied().chain([("DATABASE_URL", url.as_str())]).collect()
            }
            None => env.clone(),
        };
        others.migrate(&direct)?;
        let workers = others.start_workers_with(&env, &direct)?;
        let gateway = others.start_gateway(&env)?;
        Ok(Self { gateway, workers, servers })
    }
}

impl Backing {
    fn start_redis(&mut self, folder: &Path, setup: Setup) -> Result<(), StackError> {
        let min_replicas = setup.min_replicas();
        self.env.push(("REDIS_MIN_REPLICAS", min_replicas.to_string()));
        match setup {
            Setup::Sentinel { .. } => {
                let redis = RedisSentinels::start(folder, 1, min_replicas)?;
                self.env.push(("REDIS_URL", redis.url()));
                self.keep(redis);
            }
            Setup::Cluster { .. } => {
                let redis = RedisCluster::start_with(folder, true, min_replicas)?;
                self.env.push(("REDIS_URL", redis.url()));
                self.keep(redis);
            }
            Setup::Split => {
                for (role, variable) in [
                    ("streams", "REDIS_URL"),
                    ("aggregates", "REDIS_AGGREGATES_URL"),
                    ("pubsub", "REDIS_PUBSUB_URL"),
                ] {
                    self.start_plain_redis(&folder.join(role), variable)?;
                }
            }
            Setup::Pgbouncer | Setup::Standby => {
                self.start_plain_redis(&folder.join("redis"), "REDIS_URL")?;
            }
        }
        Ok(())
    }

    fn start_plain_redis(&mut self, folder: &Path, variable: &'static str) -> Result<(), StackError> {
        let redis = Redis::start(folder)?;
        self.env.push((variable, redis.url()));
        self.keep(redis);
        Ok(())
    }

    fn start_postgres(&mut self, others: &Servers, folder: &Path, setup: Setup) -> Result<(), StackError> {
        let database = setup.database();
        if setup == Setup::Standby {
            let primary = Postgres::start(&folder.join("primary"))?;
            primary.create_database(&database)?;
            let standby = primary.start_standby(&folder.join("standby"), "standby")?;
            primary.wait_for_standbys(&["standby"])?;
            self.env.push(("DATABASE_URL", primary.url(&database)));
            self.keep(standby);
            self.keep(primary);
            return Ok(());
        }
        others.postgres.create_database(&database)?;
        let direct = others.postgres.url(&database);
        if setup == Setup::Pgbouncer {
            for statement in SESSIONS.split("; ") {
                others.postgres.psql(statement)?;
            }
            let pooler = Pooler { size: POOL, ..Pooler::before(others.postgres.port()) };
            let bouncer = PgBouncer::start(&folder.join("pgbouncer"), pooler)?;
            self.env.push(("DATABASE_URL", bouncer.url(&database)));
            self.env.push(("DATABASE_POOLING", "transaction".to_owned()));
            self.direct = Some(direct);
            self.keep(bouncer);
        } else {
            self.env.push(("DATABASE_URL", direct));
        }
        Ok(())
    }

    fn keep(&mut self, server: impl Debug + 'static) {
        self.servers.push(Box::new(server));
    }
}
