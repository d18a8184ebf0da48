//! Makes partitions of `responses` ahead, and drops those that are archived: what the jobs do, at once.

use chrono::NaiveDate;
use pollster_shared::archive::{ArchiveConfig, Store};
use pollster_shared::config::{DatabaseConfig, StartError};
use pollster_shared::database;
use pollster_shared::program::ProgramError;
use serde::Serialize;

use super::failed;
use crate::cli::RetentionConfig;
use crate::jobs::partitions::{AHEAD, ensure_ahead};
use crate::jobs::removal::months;
use crate::output::Output;

/// Settings of `partitions`.
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
    pub retention: RetentionConfig,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub output: Output,
    /// Months beyond the present one that are to have a partition
    #[arg(long, default_value_t = AHEAD, value_parser = clap::value_parser!(u32).range(0..=120))]
    pub ahead: u32,
    /// Drop the partitions of months that are over and whose polls have been archived for longer than the retention
    #[arg(long)]
    pub drop_archived: bool,
}

/// What was done, for scripts.
#[derive(Debug, Serialize)]
struct Done {
    /// The months that have a partition for certain, by their first days.
    ahead: Vec<NaiveDate>,
    /// The months whose partitions were dropped.
    dropped: Vec<NaiveDate>,
}

/// Makes and drops partitions.
///
/// # Errors
/// When PostgreSQL or the archive's storage fails, or an archive is not whole: its month is kept.
pub async fn run(args: &Args) -> Result<(), ProgramError> {
    let store = Store::new(&args.archive)?;
    let database_url = &args.database.database_url;
    let pool = database::pool(database_url, args.database.database_pool_size)
        .map_err(|error| StartError::setting("DATABASE_URL", error))?;
    let ahead = async { ensure_ahead(&mut *pool.get().await?, args.ahead).await };
    let ahead = ahead.await.map_err(failed)?;
    let dropped = match args.drop_archived {
        true => {
            months::drop_all(&pool, &store, database_url, args.retention.retention).await.map_err(failed)?
        }
        false => Vec::new(),
    };
    let told = format!("{} months have their partition, {} were dropped", ahead.len(), dropped.len());
    args.output.result(told, &Done { ahead, dropped });
    Ok(())
}
