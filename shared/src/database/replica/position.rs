//! How far a server is in what the primary writes and its replicas replay.

use std::time::Duration;

use diesel::dsl::sql;
use diesel::sql_types::{BigInt, Nullable};
use diesel_async::RunQueryDsl;
use tokio::time::timeout;

use crate::database::{DatabaseError, Pool};

/// A server that takes longer to say how far it is has not said it.
const ANSWER_WITHIN: Duration = Duration::from_secs(1);

/// Bytes that a primary has written since its beginning.
pub(super) const WRITTEN: &str = "pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint";
/// The same that a replica has replayed; null where it is none.
pub(super) const REPLAYED: &str =
    "CASE WHEN pg_is_in_recovery() THEN pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0')::bigint END";

/// Asks the pool's server for one of these.
///
/// # Errors
/// When it does not answer in time, or can't.
pub(super) async fn position(pool: &Pool, which: &'static str) -> Result<Option<i64>, DatabaseError> {
    let asked = async {
        let mut connection = pool.get().await?;
        let select = diesel::select(sql::<Nullable<BigInt>>(which));
        Ok(select.get_result(&mut *connection).await?)
    };
    let silent = |_| DatabaseError::Connection("it does not say how far it is".to_owned());
    timeout(ANSWER_WITHIN, asked).await.map_err(silent)?
}
