//! Closes the polls whose end has come, whether or not jobs run.

use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

use pollster_shared::closing;
use pollster_shared::config::{DeliveryConfig, ServiceConfig};
use pollster_shared::database::DatabaseError;
use pollster_shared::program::ProgramError;
use pollster_shared::shutdown::Shutdown;
use serde::Serialize;

use crate::jobs::{Context, JobError, deadlines};
use crate::output::Output;
use crate::pause;
use crate::schedule::Scheduled;

/// Settings of `close-due`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    #[allow(missing_docs)]
    pub service: ServiceConfig,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub output: Output,
}

/// What was done.
#[derive(Debug, Serialize)]
struct Closed {
    /// Polls that were due, and whose results are final now.
    closed: usize,
}

impl fmt::Display for Closed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.closed {
            0 => f.write_str("no poll is due"),
            1 => f.write_str("1 poll closed, its results are final"),
            polls => write!(f, "{polls} polls closed, their results are final"),
        }
    }
}

/// Closes what is due and waits until the results are final: until the aggregators have counted every vote that was
/// accepted before.
///
/// # Errors
/// When a server can't be reached, or the shutdown comes first: what is closed stays closed, and any instance makes its
/// results final.
pub async fn run(args: Args, shutdown: &Shutdown) -> Result<(), ProgramError> {
    let context = Context::new(&args.service, DeliveryConfig::default())?;
    let progress = args.output.progress("closing polls", 0);
    let mut job = deadlines::Job::default();
    let mut polls = BTreeSet::new();
    loop {
        let due = due(&context).await?;
        let found_none = due.is_empty();
        polls.extend(due);
        progress.set_length(polls.len() as u64);
        if !polls.is_empty() {
            job.run(&context).await?;
        }
        let unfinished = count_unfinished(&context, &polls).await?;
        progress.set_position((polls.len() - unfinished) as u64);
        if found_none && unfinished == 0 {
            break;
        }
        if !pause(PERIOD, shutdown).await {
            return Err(ProgramError::Failed(format!(
                "{unfinished} polls are closed, but not every vote is counted: their results are not final yet"
            )));
        }
    }
    progress.finish_and_clear();
    let closed = Closed { closed: polls.len() };
    args.output.result(&closed, &closed);
    Ok(())
}

/// Between two looks at what the aggregators have left to do.
const PERIOD: Duration = Duration::from_millis(100);

async fn due(context: &Context) -> Result<Vec<i64>, JobError> {
    let mut connection = context.pool.get().await.map_err(DatabaseError::from)?;
    Ok(closing::due(&mut connection).await?)
}

async fn count_unfinished(context: &Context, polls: &BTreeSet<i64>) -> Result<usize, JobError> {
    let polls: Vec<i64> = polls.iter().copied().collect();
    let mut connection = context.pool.get().await.map_err(DatabaseError::from)?;
    Ok(closing::count_unfinished(&mut connection, &polls).await?)
}
