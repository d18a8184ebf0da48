//! Whether the servers that a worker can't do without are there.

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use super::{CheckReadiness, Readiness};
use crate::database::{DatabaseError, Pool};
use crate::redis::{self, Connection};

/// PostgreSQL and the Redis of the streams: who has both is ready.
#[derive(Debug)]
pub struct Servers {
    /// PostgreSQL's primary.
    pub pool: Pool,
    /// The Redis of the streams.
    pub streams: Connection,
}

impl CheckReadiness for Servers {
    fn check(&self) -> BoxFuture<'_, Readiness> {
        async {
            let mut reasons = Vec::new();
            if let Err(error) = self.pool.get().await {
                reasons.push(DatabaseError::from(error).to_string());
            }
            let mut streams = self.streams.clone();
            if redis::ping(&mut streams).await.is_err() {
                reasons.push("no connection to Redis".to_owned());
            }
            Readiness { ready: reasons.is_empty(), reasons }
        }
        .boxed()
    }
}
