//! Writes a poll's responses, or all events of its votes, to a file or to standard output.

mod sink;

use std::path::PathBuf;
use std::sync::Arc;

use pollster_shared::archive::{ArchiveConfig, Store};
use pollster_shared::config::{DatabaseConfig, HashSecretConfig, StartError};
use pollster_shared::database::{self as postgres, DatabaseError, Pool};
use pollster_shared::export::{Export, Format, Selection, Sources};
use pollster_shared::poll::Poll;
use pollster_shared::program::ProgramError;
use pollster_shared::shutdown::Shutdown;
use pollster_shared::tallies;
use serde::Serialize;
use uuid::Uuid;

use super::{database, failed, poll};
use crate::output::Output;
use sink::{Sink, Written};

/// Settings of `export`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    #[allow(missing_docs)]
    pub database: DatabaseConfig,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub hashing: HashSecretConfig,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub archive: ArchiveConfig,
    /// The poll's id or slug
    #[arg(long)]
    pub poll: String,
    /// The form of the export
    #[arg(long, value_enum)]
    pub format: Format,
    /// Every event of every vote, instead of what each voter answered in the end
    #[arg(long)]
    pub audit: bool,
    /// File to write, in the place of one that is there; standard output if absent
    #[arg(long, value_name = "FILE", required_if_eq("json", "true"))]
    pub output: Option<PathBuf>,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub result: Output,
}

/// What was written.
#[derive(Debug, Serialize)]
struct Exported {
    poll_id: Uuid,
    rows: u64,
    #[serde(flatten)]
    written: Written,
}

/// Writes the export. A file is there only once it is complete.
///
/// # Errors
/// Where it can't be read or written, there is no such poll, or the shutdown comes first.
pub async fn run(args: Args, shutdown: Shutdown) -> Result<(), ProgramError> {
    let DatabaseConfig { database_url, database_pool_size, .. } = &args.database;
    let pool = postgres::pool(database_url, *database_pool_size)
        .map_err(|error| StartError::setting("DATABASE_URL", error))?;
    let sources = Sources { pool, archive: Store::new(&args.archive)? };
    let secret = args.hashing.secret()?;
    let exporting = async {
        let (poll, total) = find(&sources.pool, &args.poll).await?;
        let selection = Selection { format: args.format, audit: args.audit };
        let export = Export::open(&sources, &poll, selection, &secret).await.map_err(failed)?;
        write(export, &args, &poll, total).await
    };
    tokio::select! {
        written = exporting => written,
        () = shutdown.cancelled() => Err(failed("interrupted before the export was complete")),
    }
}

/// The poll, and how many responses it has.
async fn find(pool: &Pool, name: &str) -> Result<(Arc<Poll>, u64), ProgramError> {
    let mut connection = pool.get().await.map_err(DatabaseError::from).map_err(failed)?;
    let poll = poll::find(&mut connection, name).await?;
    let counts = tallies::read(&mut connection, &[poll.poll_id]).await.map_err(database)?;
    let total = counts.first().map_or(0, |counts| counts.total_votes);
    Ok((Arc::new(poll), total.unsigned_abs()))
}

async fn write(mut export: Export, args: &Args, poll: &Poll, total: u64) -> Result<(), ProgramError> {
    let to = args.output.as_ref().map_or("standard output".into(), |path| path.to_string_lossy());
    let unwritable = |error| failed(format!("{to}: {error}"));
    let mut sink = Sink::open(args.output.as_deref()).map_err(unwritable)?;
    let progress = args.result.progress("rows", total);
    while let Some(bytes) = export.next().await.map_err(failed)? {
        sink.write(&bytes).map_err(unwritable)?;
        // An audit trail has more rows than there are responses.
        progress.set_length(total.max(export.rows()));
        progress.set_position(export.rows());
    }
    progress.finish_and_clear();
    if let Some(written) = sink.close().map_err(unwritable)? {
        let exported = Exported { poll_id: poll.poll_id, rows: export.rows(), written };
        let for_people = format!("{} rows, {} bytes in {to}", exported.rows, exported.written.bytes);
        args.result.result(for_people, &exported);
    }
    Ok(())
}
