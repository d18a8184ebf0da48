//! PgBouncer in transaction mode between gateways, aggregators and PostgreSQL.

mod misconfigured;
mod sessions;
mod sharing;
mod votes;

use pollster_integration::Database;
use pollster_shared::config::DatabaseConfig;
use pollster_shared::database::{Pool, Pooling, primary_pool};

/// Connections of the server that all clients share.
const SERVER_CONNECTIONS: u16 = 3;

/// A pool of a program that shares sessions.
fn sharing_pool(url: &str, size: u32) -> Pool {
    primary_pool(&DatabaseConfig {
        database_url: url.to_owned(),
        database_replica_url: None,
        database_replica_max_lag: std::time::Duration::from_secs(10),
        database_pooling: Pooling::Transaction,
        database_pool_size: size,
    })
    .unwrap()
}

/// Connections to the database but for the one that asks.
async fn server_connections(database: &Database) -> i64 {
    const OTHERS: &str = "SELECT count(*) FROM pg_stat_activity \
                          WHERE datname = current_database() AND pid <> pg_backend_pid()";
    database.connect().await.query_one(OTHERS, &[]).await.unwrap().get(0)
}
