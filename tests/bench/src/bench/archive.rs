//! The archive: one large poll's responses, through the real job, to a folder.

mod responses;

use std::time::{Duration, Instant};

use tokio_postgres::{Client as Database, NoTls};
use uuid::Uuid;

use super::report::Archive;
use super::run::Error;
use super::servers::{Servers, Workers};
use super::wait::sleep;
use super::{memory, polls};
use crate::client::{Client, Server};

/// How often the job is looked at.
const STEP: Duration = Duration::from_millis(100);
/// Of each row, random bytes that no compression makes fewer: 16 of the voter, 4 of the digest's key.
pub(super) const RANDOM_BYTES: f64 = 20.0;

const DUE: &str = "INSERT INTO archivals (poll, due_at) SELECT id, now() FROM polls WHERE poll_id = $1 \
     ON CONFLICT (poll) DO UPDATE SET due_at = excluded.due_at";
const DONE: &str =
    "SELECT a.rows, a.bytes FROM archives a JOIN polls p ON p.id = a.poll WHERE p.poll_id = $1";
const FAILED: &str = "SELECT a.error FROM archivals a JOIN polls p ON p.id = a.poll \
     WHERE p.poll_id = $1 AND a.error IS NOT NULL";

/// Measures rows a second, and the most memory that the program ever took.
pub(super) async fn measure(rows: u32, servers: &Servers, workers: &Workers) -> Result<Archive, Error> {
    let gateway = servers.start_gateway(&[])?;
    let poll = polls::create(&mut Client::connect(&Server::from(gateway.address)).await?).await?.poll_id;
    let (database, connection) = tokio_postgres::connect(&servers.database_url(), NoTls).await?;
    // What ends it is seen by the statement that it carries.
    tokio::spawn(connection);
    responses::insert(&database, poll, rows).await?;
    eprintln!("Archiving them ...");
    let before_kb = memory::peak_kb(workers.background.pid())?;
    let start = Instant::now();
    database.execute(DUE, &[&poll]).await?;
    let (archived, bytes) = done(&database, poll).await?;
    let seconds = start.elapsed().as_secs_f64();
    if archived != i64::from(rows) {
        return Err(Error::Archive(format!("{archived} rows instead of {rows}")));
    }
    Ok(Archive {
        rows,
        seconds,
        rows_per_second: f64::from(rows) / seconds,
        bytes_a_row: bytes as f64 / f64::from(rows),
        idle_peak_kb: before_kb,
        peak_kb: memory::peak_kb(workers.background.pid())?,
    })
}

/// Waits until the poll is archived; the rows and bytes of that.
async fn done(database: &Database, poll: Uuid) -> Result<(i64, i64), Error> {
    loop {
        if let Some(row) = database.query_opt(DONE, &[&poll]).await? {
            return Ok((row.get(0), row.get(1)));
        }
        if let Some(row) = database.query_opt(FAILED, &[&poll]).await? {
            return Err(Error::Archive(row.get(0)));
        }
        sleep(STEP).await?;
    }
}
