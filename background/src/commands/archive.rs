//! Archives a poll now, however long it has been closed.

use std::fmt;

use indicatif::ProgressBar;
use pollster_shared::archive::{self, ArchiveConfig, Recorded, Store, queue};
use pollster_shared::config::{DeliveryConfig, ServiceConfig};
use pollster_shared::poll::Poll;
use pollster_shared::program::ProgramError;
use pollster_shared::shutdown::Shutdown;
use serde::Serialize;
use uuid::Uuid;

use super::{database, failed, poll};
use crate::jobs::Context;
use crate::jobs::archive::{Archiver, Step, archive, check};
use crate::output::Output;

/// Settings of `archive`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    #[allow(missing_docs)]
    pub service: ServiceConfig,
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

/// What became of the poll.
#[derive(Debug, Serialize)]
struct Archived {
    poll_id: Uuid,
    outcome: Outcome,
    rows: u64,
    bytes: u64,
}

#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
enum Outcome {
    /// It is archived now.
    Archived,
    /// It was before.
    AlreadyArchived,
}

/// Archives the poll, if it is not archived already. One that was restored by hand is archived anew, and is held no
/// longer.
///
/// # Errors
/// Where the poll can't be archived: it says why, and what has to happen first.
pub async fn run(settings: Args, shutdown: Shutdown) -> Result<(), ProgramError> {
    let Args { service, archive, poll, output } = settings;
    let context = Context::new(&service, DeliveryConfig::default())?;
    let archiver = Archiver::new(context, Store::new(&archive)?);
    let poll = poll::find(&mut *archiver.connection().await.map_err(failed)?, &poll).await?;
    let outcome = match recorded(&archiver, &poll).await? {
        Some(recorded) if !recorded.held => Outcome::AlreadyArchived,
        held => archive_now(&archiver, &poll, held.is_some(), &shutdown, output).await?,
    };
    let recorded = recorded(&archiver, &poll).await?.ok_or_else(|| failed("another worker took it back"))?;
    let Recorded { rows, bytes, .. } = recorded;
    let archived = Archived { poll_id: poll.poll_id, outcome, rows, bytes };
    output.result(&archived, &archived);
    Ok(())
}

async fn recorded(archiver: &Archiver, poll: &Poll) -> Result<Option<Recorded>, ProgramError> {
    let mut connection = archiver.connection().await.map_err(failed)?;
    archive::find(&mut connection, poll.id).await.map_err(database)
}

async fn archive_now(
    archiver: &Archiver,
    poll: &Poll,
    held: bool,
    shutdown: &Shutdown,
    output: Output,
) -> Result<Outcome, ProgramError> {
    let closed = check(archiver, poll).await.map_err(failed)?;
    let mut connection = archiver.connection().await.map_err(failed)?;
    if held && !archive::begin_again(&mut connection, poll.id).await.map_err(database)? {
        return Err(failed("its responses are not in PostgreSQL: restore it first"));
    }
    let lease = queue::take(&mut connection, poll.id).await.map_err(database)?;
    drop(connection);
    let progress = Progress::new(output, closed.counts.total_votes as u64);
    let archived = archive(archiver, lease, shutdown, &|step| progress.step(step)).await;
    progress.end();
    let is_news = archived.map_err(failed)?.is_some();
    Ok(if is_news { Outcome::Archived } else { Outcome::AlreadyArchived })
}

/// Rows written, then read back.
struct Progress {
    writing: ProgressBar,
    reading: ProgressBar,
}

impl Progress {
    fn new(output: Output, rows: u64) -> Self {
        Self {
            writing: output.progress("rows written", rows),
            reading: output.progress("rows verified", rows),
        }
    }

    fn step(&self, step: Step) {
        let (bar, rows) = match step {
            Step::Written(rows) => (&self.writing, rows),
            Step::Read(rows) => (&self.reading, rows),
        };
        // Revoked votes and former ones are rows too.
        if bar.length().is_some_and(|length| length < bar.position() + rows) {
            bar.set_length(bar.position() + rows);
        }
        bar.inc(rows);
    }

    fn end(&self) {
        self.writing.finish_and_clear();
        self.reading.finish_and_clear();
    }
}

impl fmt::Display for Archived {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { poll_id, outcome, rows, bytes } = self;
        let archived = match outcome {
            Outcome::Archived => "is archived",
            Outcome::AlreadyArchived => "was archived before",
        };
        write!(f, "{poll_id} {archived}: {rows} rows, {bytes} bytes")
    }
}
