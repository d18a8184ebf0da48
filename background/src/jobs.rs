//! The jobs of `run`, a file each. Every job may run in any number of instances at once: a worker shares its queue
//! with the others, scheduled work is done by whoever leads.

mod archival;
pub(crate) mod archive;
mod context;
pub(crate) mod deadlines;
pub(crate) mod digests;
mod error;
mod milestones;
pub(crate) mod notify;
mod nudges;
pub(crate) mod partitions;
pub(crate) mod reconcile;
mod record;
pub(crate) mod removal;

use std::sync::Arc;

use clap::ValueEnum;
use pollster_shared::archive::Store;
use pollster_shared::shutdown::Shutdown;
use pollster_shared::vote::HashSecret;
use tokio::task::JoinSet;

use crate::cli::Config;
use crate::schedule::{Scheduled, lead};
use crate::worker::{Handle, work};
pub(crate) use context::Context;
use digests::Composer;
pub(crate) use error::{JobError, caught};
use notify::Deliverer;

/// The jobs of `run`, by the names that `--only` takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum JobName {
    /// Opens polls at their start, closes them at their end, and makes their results final
    Deadlines,
    /// Records crossed milestones as notifications
    Milestones,
    /// Delivers notifications
    Notify,
    /// Records final polls as notifications, and for the archive
    Archival,
    /// Archives polls once they are due
    Archive,
    /// Removes what is archived and past its retention, and what was deleted
    Removal,
    /// Records the digests that accounts asked for
    Digests,
    /// Reminds accounts that asked for it
    Nudges,
    /// Counts responses anew, once an hour
    Reconcile,
    /// Makes partitions ahead
    Partitions,
}

impl JobName {
    /// Starts what the job consists of; each task ends after the shutdown.
    pub(crate) fn start(self, tasks: &mut Tasks<'_>, config: &Config) {
        match self {
            Self::Deadlines => tasks.lead(deadlines::Job::default()),
            Self::Milestones => {
                tasks.work(milestones::Worker);
                tasks.lead(milestones::Sweep);
            }
            Self::Notify => {
                tasks.work(notify::Worker(tasks.deliverer.clone()));
                tasks.lead(notify::Sweep(tasks.deliverer.clone()));
            }
            Self::Archival => {
                tasks.work(archival::Record { archive_after: config.archive_after });
                tasks.lead(archival::Sweep::default());
            }
            Self::Archive => {
                tasks.run(archive::Job::new(tasks.context, tasks.archive).run(tasks.shutdown.clone()));
            }
            Self::Removal => tasks.lead(removal::Job::new(
                tasks.archive.clone(),
                config.retention.retention,
                config.service.database.database_url.clone(),
            )),
            Self::Digests => {
                tasks.lead(digests::Digests::new(Composer::new(tasks.secret.clone(), &config.public_url)));
            }
            Self::Nudges => tasks.lead(nudges::Nudges { secret: tasks.secret.clone() }),
            Self::Reconcile => tasks.lead(reconcile::Job::new(tasks.shutdown.clone())),
            Self::Partitions => tasks.lead(partitions::Job),
        }
    }
}

/// The tasks of the jobs that run.
pub(crate) struct Tasks<'a> {
    pub(crate) context: &'a Context,
    pub(crate) archive: &'a Store,
    /// What keys the hashes that stand for accounts.
    pub(crate) secret: &'a HashSecret,
    pub(crate) deliverer: &'a Arc<Deliverer>,
    pub(crate) shutdown: &'a Shutdown,
    pub(crate) started: JoinSet<()>,
}

impl Tasks<'_> {
    /// Starts a worker on a queue.
    fn work(&mut self, handler: impl Handle) {
        self.run(work(self.context.clone(), handler, self.shutdown.clone()));
    }

    /// Starts scheduled work.
    fn lead(&mut self, scheduled: impl Scheduled) {
        self.run(lead(self.context.clone(), scheduled, self.shutdown.clone()));
    }

    /// Starts what runs until the shutdown.
    fn run(&mut self, job: impl Future<Output = ()> + Send + 'static) {
        self.started.spawn(job);
    }
}
