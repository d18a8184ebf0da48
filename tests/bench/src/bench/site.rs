//! Servers of one's own, for programs that must not meet what others left behind.

use std::time::Duration;

use pollster_shared::redis::{self, Connection, RedisResult};
use pollster_stack::{Redis, StackError};

use super::run::Error;
use super::servers::{Aggregator, Gateway, Servers};
use super::wait::sleep;

/// How often Redis is asked whether it is done.
const STEP: Duration = Duration::from_millis(50);

/// A Redis of its own, and a database of its own on the PostgreSQL that all share.
#[derive(Debug)]
pub(super) struct Site<'a> {
    servers: &'a Servers,
    redis: Redis,
    database: String,
}

impl<'a> Site<'a> {
    /// Starts it; the name of its database tells it from others.
    pub(super) fn start(servers: &'a Servers, database: String) -> Result<Self, StackError> {
        let redis = Redis::start(&servers.folder(&database))?;
        servers.postgres.create_database(&database)?;
        let site = Self { servers, redis, database };
        site.with_env(&[], |env| servers.migrate(env))?;
        Ok(site)
    }

    pub(super) fn redis_url(&self) -> String {
        self.redis.url()
    }

    pub(super) fn redis_pid(&self) -> u32 {
        self.redis.pid()
    }

    pub(super) fn database_url(&self) -> String {
        self.servers.postgres.url(&self.database)
    }

    pub(super) fn postgres_pid(&self) -> u32 {
        self.servers.postgres.pid()
    }

    /// Waits until both servers have written out what was changed so far, so that it is not written during a drain.
    pub(super) async fn settle(&self) -> Result<(), Error> {
        self.servers.postgres.psql("CHECKPOINT")?;
        let mut redis = redis::connection(&self.redis_url())?;
        while info(&mut redis).await?.contains("aof_rewrite_in_progress:1") {
            sleep(STEP).await?;
        }
        Ok(())
    }

    /// Starts a gateway with these variables on top of all others.
    pub(super) fn start_gateway(&self, env: &[(&str, &str)]) -> Result<Gateway, StackError> {
        self.with_env(env, |env| self.servers.start_gateway(env))
    }

    /// Starts an aggregator with these variables on top of all others.
    pub(super) fn start_aggregator(&self, env: &[(&str, &str)]) -> Result<Aggregator, StackError> {
        self.with_env(env, |env| self.servers.start_aggregator_with(env))
    }

    /// Removes the database; the Redis ends.
    pub(super) fn end(self) -> Result<(), StackError> {
        self.servers.postgres.drop_database(&self.database)
    }

    fn with_env<T>(&self, more: &[(&str, &str)], start: impl FnOnce(&[(&str, &str)]) -> T) -> T {
        let (redis, database) = (self.redis_url(), self.database_url());
        start(&[more, &[("REDIS_URL", &*redis), ("DATABASE_URL", &*database)]].concat())
    }
}

async fn info(redis: &mut Connection) -> RedisResult<String> {
    ::redis::cmd("INFO").arg("persistence").query_async(redis).await
}
