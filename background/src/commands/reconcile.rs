//! Counts responses anew and holds all counts against each other, now.

use std::fmt;

use indicatif::ProgressBar;
use pollster_shared::config::{DeliveryConfig, ServiceConfig};
use pollster_shared::database::DatabaseError;
use pollster_shared::program::ProgramError;
use pollster_shared::reconcile::{self, Difference, ReconcileError, Selection};
use pollster_shared::shutdown::Shutdown;

use super::{database, failed, poll};
use crate::jobs::Context;
use crate::jobs::reconcile::reconciler::{Fix, Found, Reconciler, Report};
use crate::output::Output;

/// Settings of `reconcile`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    #[allow(missing_docs)]
    pub service: ServiceConfig,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub output: Output,
    /// Id or slug of the only poll to check
    #[arg(long)]
    pub poll: Option<String>,
    /// Fix what differs: tallies and timelines by the difference to the responses, Redis by the tallies
    #[arg(long)]
    pub fix: bool,
}

/// Checks the poll, or all polls, and prints what was found.
///
/// # Errors
/// Where the settings are bad, there is no such poll, PostgreSQL or Redis can't be reached, or a difference
/// remains.
pub async fn run(args: Args, shutdown: Shutdown) -> Result<(), ProgramError> {
    let context = Context::new(&args.service, DeliveryConfig::default())?;
    let report = tokio::select! {
        report = reconcile(&context, &args) => report?,
        () = shutdown.cancelled() => return Err(failed("interrupted; what was fixed so far stays fixed")),
    };
    args.output.result(&report, &report);
    verdict(&report, args.fix)
}

async fn reconcile(context: &Context, args: &Args) -> Result<Report, ProgramError> {
    let selection = selection(context, args.poll.as_deref()).await?;
    if !args.fix {
        return check(context, selection, Fix::Nothing, args.output).await.map_err(failed);
    }
    let connection = context.pool.dedicated_connection().await;
    // It is the only one that corrects for as long as this connection stands.
    let mut session = connection.map_err(|error| failed(DatabaseError::Connection(error.to_string())))?;
    let is_only_one = reconcile::become_only_corrector(&mut session).await;
    if !is_only_one.map_err(DatabaseError::from).map_err(failed)? {
        return Err(failed("another reconcile --fix is running; wait for its end"));
    }
    check(context, selection, Fix::Everything, args.output).await.map_err(failed)
}

async fn selection(context: &Context, name: Option<&str>) -> Result<Selection, ProgramError> {
    let Some(name) = name else { return Ok(Selection::All) };
    let mut connection = context.pool.get().await.map_err(database)?;
    Ok(Selection::One(poll::find(&mut connection, name).await?.poll_id))
}

async fn check(
    context: &Context,
    selection: Selection,
    fix: Fix,
    output: Output,
) -> Result<Report, ReconcileError> {
    let mut connection = context.pool.get().await.map_err(DatabaseError::from)?;
    let responses = reconcile::responses(&mut connection, selection).await?;
    let counting: ProgressBar = output.progress("counting responses", responses.max(0) as u64);
    let mut reconciler = Reconciler::new(context.clone(), fix);
    let mut report = Report::default();
    let mut after = 0;
    loop {
        let polls = reconcile::listed(&mut connection, selection, after).await?;
        let Some(last) = polls.last() else { break };
        after = last.id;
        report.extend(reconciler.check(&polls, &counting).await?);
    }
    counting.finish_and_clear();
    Ok(report)
}

fn verdict(report: &Report, fix: bool) -> Result<(), ProgramError> {
    if !report.failed.is_empty() {
        return Err(failed(format_args!("{} polls could not be checked or fixed", report.failed.len())));
    }
    match report.remaining() {
        0 => Ok(()),
        remaining if fix => Err(failed(format_args!("{remaining} differences remain"))),
        remaining => Err(failed(format_args!("{remaining} differences; --fix puts them right"))),
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Found { difference, fixed } in &self.differences {
            let Difference { poll_id, what, count, expected, found } = difference;
            let fixed = if *fixed { ", fixed" } else { "" };
            writeln!(f, "poll {poll_id}, {}: {count} is {found}, should be {expected}{fixed}", what.name())?;
        }
        let Self { polls, responses, differences, rebuilt, failed } = self;
        write!(f, "{polls} polls checked, {responses} responses counted, {} differences", differences.len())?;
        if !rebuilt.is_empty() {
            write!(f, ", {} polls put into Redis again", rebuilt.len())?;
        }
        if !failed.is_empty() {
            write!(f, ", {} polls failed", failed.len())?;
        }
        Ok(())
    }
}
