//! Brings the responses of an archived poll back into PostgreSQL, where they stay until it is archived again by hand.

use std::pin::pin;

use diesel::QueryResult;
use diesel_async::AsyncPgConnection;
use futures_util::TryStreamExt;
use indicatif::ProgressBar;
use pollster_shared::archive::{self, ArchiveConfig, ArchiveError, Manifest, Store};
use pollster_shared::config::DatabaseConfig;
use pollster_shared::database;
use pollster_shared::poll::Poll;
use pollster_shared::polls;
use pollster_shared::program::ProgramError;
use pollster_shared::responses::{self, Relation};
use pollster_shared::{partitions, retention};
use serde::Serialize;
use uuid::Uuid;

use super::{failed, poll};
use crate::jobs::JobError;
use crate::output::Output;

/// Rows a statement.
const PAGE: usize = 5000;

/// Settings of `restore`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    #[allow(missing_docs)]
    pub database: DatabaseConfig,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub archive: ArchiveConfig,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub output: Output,
    /// The poll, by its id or its slug
    #[arg(long)]
    pub poll: String,
}

/// What was done, for scripts.
#[derive(Debug, Serialize)]
struct Restored {
    poll_id: Uuid,
    /// Rows in the archive.
    rows: u64,
    /// Those of them that were not there and are now.
    restored: u64,
}

/// Restores the poll, after its archive was verified.
///
/// # Errors
/// Where there is nothing to restore, the archive is damaged, or a server fails.
pub async fn run(args: &Args) -> Result<(), ProgramError> {
    let store = Store::new(&args.archive)?;
    let connected = database::connect_unbounded(&args.database.database_url).await;
    let mut connection = connected.map_err(failed)?;
    let poll = poll::find(&mut connection, &args.poll).await?;
    let recorded = archive::find(&mut connection, poll.id).await.map_err(super::database)?;
    let not_archived =
        || failed(format!("the poll {} is not archived: there is nothing to restore", args.poll));
    let manifest =
        archive::open(&store, poll.poll_id, &recorded.ok_or_else(not_archived)?).await.map_err(failed)?;
    verify(&store, &manifest, args.output).await.map_err(failed)?;

    if !hold(&mut connection, &poll).await.map_err(super::database)? {
        return Err(not_archived());
    }
    let progress = args.output.progress("restoring", manifest.rows());
    let restored = restore(&mut connection, &store, &manifest, &poll, &progress).await?;
    retention::restored(&mut connection, poll.id).await.map_err(super::database)?;
    progress.finish_and_clear();

    let rows = manifest.rows();
    let told = format!(
        "{restored} of {rows} rows were missing and are back; they stay until the poll is archived again"
    );
    args.output.result(told, &Restored { poll_id: poll.poll_id, rows, restored });
    Ok(())
}

async fn verify(store: &Store, manifest: &Manifest, output: Output) -> Result<(), ArchiveError> {
    let progress = output.progress("verifying", manifest.rows());
    archive::verify(store, manifest, |rows| progress.inc(rows)).await?;
    progress.finish_and_clear();
    Ok(())
}

/// Keeps what is there, and what will be, from being removed, and makes sure that there is a place for it. Whoever
/// drops the month's partition is waited for, and drops it no more after that. `false` where there is no archive any
/// more.
async fn hold(connection: &mut AsyncPgConnection, poll: &Poll) -> QueryResult<bool> {
    partitions::lock(connection, poll.month).await?;
    if !retention::hold(connection, poll.id).await? {
        return Ok(false);
    }
    partitions::drop_leftover(connection, poll.month).await?;
    polls::ensure_partition(connection, poll.month).await?;
    partitions::unlock(connection, poll.month).await?;
    Ok(true)
}

/// Inserts what is not there of the archive; returns how many rows that were.
async fn restore(
    connection: &mut AsyncPgConnection,
    store: &Store,
    manifest: &Manifest,
    poll: &Poll,
    progress: &ProgressBar,
) -> Result<u64, JobError> {
    let mut restored = 0;
    for relation in Relation::ALL {
        let mut groups = pin!(archive::events(store, manifest, relation));
        while let Some(group) = groups.try_next().await? {
            for page in group.chunks(PAGE) {
                restored += responses::restore(connection, poll, relation, page).await? as u64;
                progress.inc(page.len() as u64);
            }
        }
    }
    Ok(restored)
}
