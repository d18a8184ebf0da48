//! What operators do about entries that could not be processed: look at them, replay or discard them.

mod describe;
mod letter_id;
mod list;
mod replay;
mod select;

use std::fmt::{self, Write};

use clap::{Args, Subcommand};
use pollster_shared::config::{DeliveryConfig, ServiceConfig};
use pollster_shared::milestones::MilestoneConfig;
use pollster_shared::program::ProgramError;
use pollster_shared::stream::dead_letters;
use serde_json::json;

use crate::jobs::{Context, JobError};
use crate::output::Output;
pub use letter_id::LetterId;
pub use select::{Selection, StreamName};

/// What to do with dead letters.
#[derive(Debug, Subcommand)]
pub enum Action {
    /// Show them, with their errors
    List(List),
    /// Try them again, votes under their original place; what succeeds is removed
    Replay(Replay),
    /// Remove them for ever
    Discard(Change),
}

impl Action {
    /// The servers that it works with.
    pub(crate) fn service(&self) -> &ServiceConfig {
        match self {
            Self::List(list) => &list.service,
            Self::Replay(replay) => &replay.change.service,
            Self::Discard(change) => &change.service,
        }
    }
}

/// Settings of `list`.
#[derive(Debug, Args)]
pub struct List {
    #[command(flatten)]
    #[allow(missing_docs)]
    pub service: ServiceConfig,
    /// Only those of this stream
    #[arg(long, value_enum)]
    pub stream: Option<StreamName>,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub output: Output,
}

/// Settings of `replay`.
#[derive(Debug, Args)]
pub struct Replay {
    #[command(flatten)]
    #[allow(missing_docs)]
    pub change: Change,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub milestones: MilestoneConfig,
}

/// Settings of `discard`, and of `replay`.
#[derive(Debug, Args)]
pub struct Change {
    #[command(flatten)]
    #[allow(missing_docs)]
    pub service: ServiceConfig,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub selection: Selection,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub output: Output,
}

/// Does it.
///
/// # Errors
/// When a server can't be reached, or some of the dead letters stay.
pub async fn run(action: Action) -> Result<(), ProgramError> {
    match action {
        Action::List(list) => list::run(&list).await,
        Action::Replay(settings) => {
            let report = replay::run(&context(&settings.change.service)?, &settings).await?;
            report.print("replayed", settings.change.output)
        }
        Action::Discard(change) => {
            let report = discard(&context(&change.service)?, &change).await?;
            report.print("discarded", change.output)
        }
    }
}

fn context(service: &ServiceConfig) -> Result<Context, ProgramError> {
    Ok(Context::new(service, DeliveryConfig::default())?)
}

async fn discard(context: &Context, change: &Change) -> Result<Report, JobError> {
    let mut report = Report::default();
    for id in change.selection.ids(context).await? {
        if dead_letters::discard(&mut context.streams.clone(), id.streams, id.shard, id.id).await? {
            report.done.push(id);
        } else {
            report.stay(id, "there is no such dead letter");
        }
    }
    Ok(report)
}

/// What became of the dead letters that were chosen.
#[derive(Debug, Default)]
struct Report {
    done: Vec<LetterId>,
    /// Those that are as they were, with the reason.
    stay: Vec<(LetterId, String)>,
}

impl Report {
    fn stay(&mut self, id: LetterId, reason: impl Into<String>) {
        self.stay.push((id, reason.into()));
    }

    /// Prints it; those that stay make it an error.
    fn print(&self, verb: &'static str, output: Output) -> Result<(), ProgramError> {
        let done: Vec<String> = self.done.iter().map(ToString::to_string).collect();
        let stay = self.stay.iter().map(|(id, reason)| json!({"id": id.to_string(), "reason": reason}));
        let for_scripts = json!({verb: done, "failed": stay.collect::<Vec<_>>()});
        output.result(ForPeople { report: self, verb }, &for_scripts);
        match self.stay.len() {
            0 => Ok(()),
            stay => Err(ProgramError::Failed(format!("{stay} could not be {verb}"))),
        }
    }
}

struct ForPeople<'a> {
    report: &'a Report,
    verb: &'static str,
}

impl fmt::Display for ForPeople<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.report.done.len(), self.verb)?;
        for (id, reason) in &self.report.stay {
            f.write_char('\n')?;
            write!(f, "{id}: {reason}")?;
        }
        Ok(())
    }
}
