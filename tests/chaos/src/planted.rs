//! Bugs planted into a run. A checker that never finds anything proves nothing: each of these it must find, or its
//! verdict on what ships is worth nothing. They are such as queues like this one have had, and as no test of one
//! program alone would show. No program that ships knows of them.

use pollster_integration::{Database, RedisServer};

/// A bug that the checker has to find.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Planted {
    /// Counts in Redis are added up, a ballot at a time, instead of written as they are in PostgreSQL.
    Increments,
    /// Entries are acknowledged and deleted before they are committed.
    AcknowledgesFirst,
    /// PostgreSQL has no unique key of question and voter, nor of question and address.
    NoUniqueKey,
    /// Votes are answered before they are on disk: Redis writes nothing there.
    NothingOnDisk,
}

/// Another index takes the key's place, so that nothing gets slower.
const DROP_UNIQUE_KEYS: &str = "ALTER TABLE responses DROP CONSTRAINT responses_pkey; \
    DROP INDEX responses_address_key; \
    CREATE INDEX ON responses (month, question, voter)";

impl Planted {
    /// The aggregator that has it, with its arguments; `None` where it lies elsewhere.
    pub(crate) fn aggregator(self) -> Option<(&'static str, &'static [&'static str])> {
        let arguments: &[&str] = match self {
            Self::Increments => &["--bug", "increments"],
            Self::AcknowledgesFirst => &["--bug", "acknowledges-first"],
            Self::NoUniqueKey | Self::NothingOnDisk => return None,
        };
        Some(("pollster-faulty-aggregator", arguments))
    }

    /// Alters a migrated database.
    pub(crate) async fn plant_in_database(self, database: &Database) {
        if self == Self::NoUniqueKey {
            let altered = database.connect().await.batch_execute(DROP_UNIQUE_KEYS).await;
            altered.expect("the database is altered");
        }
    }

    /// Sets a Redis otherwise that has just been started.
    pub(crate) async fn plant_in_redis(self, redis: &RedisServer) {
        if self == Self::NothingOnDisk {
            let mut set = redis::cmd("CONFIG");
            set.arg("SET").arg("appendonly").arg("no");
            set.exec_async(&mut redis.connect().await).await.expect("Redis is set otherwise");
        }
    }
}
