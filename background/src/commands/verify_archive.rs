//! Checks a poll's archive: hashes, rows, and the votes counted anew, against the manifest and PostgreSQL.

use std::fmt;

use pollster_shared::archive::{self, ArchiveConfig, Manifest, Store};
use pollster_shared::config::DatabaseConfig;
use pollster_shared::database::{self, DatabaseError};
use pollster_shared::program::ProgramError;
use pollster_shared::tallies;
use serde::Serialize;
use uuid::Uuid;

use super::{failed, poll};
use crate::output::Output;

/// Settings of `verify-archive`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    #[allow(missing_docs)]
    pub database: DatabaseConfig,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub archive: ArchiveConfig,
    /// Id or slug of the poll
    #[arg(long)]
    pub poll: String,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub output: Output,
}

/// What was found whole.
#[derive(Debug, Serialize)]
struct Verified {
    poll_id: Uuid,
    rows: u64,
    votes: i64,
    objects: usize,
}

/// Verifies the archive of the poll.
///
/// # Errors
/// Where anything is not as it was archived: it says what.
pub async fn run(settings: Args) -> Result<(), ProgramError> {
    let store = Store::new(&settings.archive)?;
    let pool = database::pool(&settings.database.database_url, settings.database.database_pool_size);
    let pool = pool.map_err(failed)?;
    let mut connection = pool.get().await.map_err(DatabaseError::from).map_err(failed)?;
    let poll = poll::find(&mut connection, &settings.poll).await?;
    let recorded = archive::find(&mut connection, poll.id).await.map_err(super::database)?;
    let recorded = recorded.ok_or_else(|| failed(format!("{} is not archived", poll.poll_id)))?;
    let counts = tallies::read(&mut connection, &[poll.poll_id]).await.map_err(super::database)?;
    drop(connection);

    let manifest = archive::open(&store, poll.poll_id, &recorded).await.map_err(failed)?;
    let bar = settings.output.progress("rows verified", manifest.rows());
    let verified = archive::verify(&store, &manifest, |rows| bar.inc(rows)).await;
    bar.finish_and_clear();
    verified.map_err(failed)?;
    for counts in &counts {
        if let Some(problem) = archive::difference(&manifest.counts.results, &counts.results) {
            return Err(failed(format!("PostgreSQL's tallies are not what was archived: {problem}")));
        }
    }
    let verified = Verified::of(&manifest);
    settings.output.result(&verified, &verified);
    Ok(())
}

impl Verified {
    fn of(manifest: &Manifest) -> Self {
        Self {
            poll_id: manifest.poll.poll_id,
            rows: manifest.rows(),
            votes: manifest.counts.total_votes,
            objects: manifest.parts.len() + 1,
        }
    }
}

impl fmt::Display for Verified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { poll_id, rows, votes, objects } = self;
        write!(
            f,
            "{poll_id}: {objects} objects with {rows} rows are whole, and {votes} votes counted anew agree"
        )
    }
}
