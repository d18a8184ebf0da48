//! What the servers do by themselves, as a measure for what the system gets out of them.

use std::time::{Duration, Instant};

use redis::{AsyncConnectionConfig, RedisError, RedisResult};
use tokio_postgres::NoTls;
use uuid::Uuid;

/// Rows a statement, as an aggregator's batch.
pub(super) const BATCH: usize = 1000;
/// Commands sent before their answers are awaited.
pub(super) const DEPTH: usize = 64;
/// As long as a packed vote of one answer.
const ENTRY: &[u8] = &[7; 52];
/// An answer may wait for a slow disk.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(10);

/// The shape of `responses` with its primary key.
const MAKE_TABLE: &str = "CREATE TABLE bench_responses (LIKE responses INCLUDING ALL)";
/// What the run leaves behind must not be written out during the next one.
const DROP_TABLE: &str = "DROP TABLE bench_responses; CHECKPOINT";
const INSERT: &str = "INSERT INTO bench_responses (question, choices, digest, submitted_at, voter, month) \
    SELECT 1, choices, digest, now(), voter, date_trunc('month', now()) \
    FROM unnest($1::bigint[], $2::bigint[], $3::uuid[]) AS a (choices, digest, voter) \
    ORDER BY voter ON CONFLICT DO NOTHING";

/// Rows a second that PostgreSQL inserts in batches, a transaction each, over one connection.
pub(super) async fn inserts(url: &str, length: Duration) -> Result<f64, tokio_postgres::Error> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    // What ends it is seen by the statement that it carries.
    tokio::spawn(connection);
    client.batch_execute(MAKE_TABLE).await?;
    let statement = client.prepare(INSERT).await?;
    let (start, mut rows) = (Instant::now(), 0);
    while start.elapsed() < length {
        let voters: Vec<Uuid> = std::iter::repeat_with(Uuid::new_v4).take(BATCH).collect();
        let digests: Vec<i64> = voters.iter().map(|voter| voter.as_u64_pair().0.cast_signed()).collect();
        let choices: Vec<i64> = digests.iter().map(|digest| 1 << (digest & 3)).collect();
        rows += client.execute(&statement, &[&choices, &digests, &voters]).await?;
    }
    let rate = rows as f64 / start.elapsed().as_secs_f64();
    client.batch_execute(DROP_TABLE).await?;
    Ok(rate)
}

/// Entries a second that Redis appends to one stream over one connection.
pub(super) async fn appends(url: &str, length: Duration) -> Result<f64, RedisError> {
    let config = AsyncConnectionConfig::new().set_response_timeout(Some(RESPONSE_TIMEOUT));
    let mut connection =
        redis::Client::open(url)?.get_multiplexed_async_connection_with_config(&config).await?;
    let mut batch = redis::pipe();
    for _ in 0..DEPTH {
        batch.cmd("XADD").arg("bench:raw").arg("*").arg("v").arg(ENTRY).ignore();
    }
    let (start, mut entries) = (Instant::now(), 0);
    while start.elapsed() < length {
        let () = batch.query_async(&mut connection).await?;
        entries += DEPTH;
    }
    let rate = entries as f64 / start.elapsed().as_secs_f64();
    let removed: RedisResult<()> = redis::cmd("UNLINK").arg("bench:raw").query_async(&mut connection).await;
    removed.map(|()| rate)
}
