//! What a migration's session does about the locks of others.

use std::error::Error;
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::sql_types::Text;
use diesel::{QueryResult, QueryableByName, RunQueryDsl, sql_query};

use super::steps::Connection;

/// Indexes whose concurrent build did not come to its end. A build that goes on elsewhere holds its table, so that
/// dropping waits for it.
const UNFINISHED: &str = "SELECT format('%I.%I', n.nspname, c.relname) AS name
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE NOT i.indisvalid AND c.relkind = 'i' AND n.nspname = current_schema()";

#[derive(QueryableByName)]
struct Index {
    #[diesel(sql_type = Text)]
    name: String,
}

/// From now on the session waits for no lock for longer; zero: for as long as it takes.
pub(super) fn wait_no_longer_than(connection: &mut Connection, limit: Duration) -> QueryResult<()> {
    connection.batch_execute(&format!("SET lock_timeout = {}", limit.as_millis()))
}

/// Makes room for the next attempt of a concurrent build.
pub(super) fn drop_unfinished_indexes(connection: &mut Connection) -> QueryResult<()> {
    let unfinished: Vec<Index> = sql_query(UNFINISHED).load(connection)?;
    for index in unfinished {
        tracing::info!(index = index.name, "an index was not finished, and is dropped");
        connection.batch_execute(&format!("DROP INDEX CONCURRENTLY {}", index.name))?;
    }
    Ok(())
}

/// Whether a migration failed because others held what it wanted to lock. diesel keeps no SQLSTATE; a server that
/// speaks another language than English lets the command end with its own words.
pub(super) fn is_missing(error: &(dyn Error + 'static)) -> bool {
    let message = error.to_string();
    ["lock timeout", "deadlock detected"].iter().any(|reason| message.contains(reason))
}
