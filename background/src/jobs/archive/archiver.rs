//! What archiving works with.

use pollster_shared::archive::Store;
use pollster_shared::database::{DatabaseError, PooledConnection};
use pollster_shared::redis::Connection;

use crate::jobs::Context;

/// The servers that archiving needs. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Archiver {
    context: Context,
    pub(super) store: Store,
}

impl Archiver {
    /// From these servers to this storage.
    pub(crate) fn new(context: Context, store: Store) -> Self {
        Self { context, store }
    }

    /// A connection to PostgreSQL, to be given back soon.
    pub(crate) async fn connection(&self) -> Result<PooledConnection<'_>, DatabaseError> {
        Ok(self.context.pool.get().await?)
    }

    /// The Redis of the streams.
    pub(super) fn streams(&self) -> Connection {
        self.context.streams.clone()
    }
}
