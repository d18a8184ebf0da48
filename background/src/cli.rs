//! The commands of `pollster-background` and their settings.

use std::net::SocketAddr;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use pollster_shared::archive::ArchiveConfig;
use pollster_shared::config::{
    DatabaseConfig, DeliveryConfig, HashSecretConfig, LogConfig, ServiceConfig, parse_duration,
};
use pollster_shared::mail::MailConfig;
use pollster_shared::program::Settings;

use crate::commands::{
    archive, close_due, dead_letters, digest, export, grant_admin, partitions, reconcile, restore,
    verify_archive,
};
use crate::jobs::JobName;
use crate::jobs::notify::NotifyConfig;

/// Migrations, and the jobs that no request waits for
#[derive(Debug, Parser)]
#[command(name = "pollster-background", version)]
pub struct Cli {
    #[command(flatten)]
    #[allow(missing_docs)]
    pub log: LogConfig,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

impl Settings for Cli {
    fn log(&self) -> &LogConfig {
        &self.log
    }

    fn to_be_asked(&self) -> Option<SocketAddr> {
        match &self.command {
            Command::Run(config) => config.check_ready.then_some(config.admin_listen),
            _ => None,
        }
    }
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the jobs until SIGTERM
    Run(Box<Config>),
    /// Bring the database's schema up to date and make partitions ahead
    Migrate(DatabaseConfig),
    /// Close the polls whose end has come, and wait until their results are final
    CloseDue(close_due::Args),
    /// Archive a closed poll now; also one that was restored, which is held no longer then
    Archive(Box<archive::Args>),
    /// Check a poll's archive: hashes, rows, and the votes counted anew
    VerifyArchive(verify_archive::Args),
    /// Bring the responses of an archived poll back, to stay until it is archived again by hand
    Restore(Box<restore::Args>),
    /// Write a poll's responses, or all events of its votes, as CSV, JSON lines or Parquet
    Export(export::Args),
    /// Count responses anew, and hold tallies and Redis against them
    Reconcile(reconcile::Args),
    /// List, replay or discard entries that could not be processed
    #[command(subcommand)]
    DeadLetters(dead_letters::Action),
    /// Record the digests of the last whole day or week, once an account that wants them
    Digest(Box<digest::Args>),
    /// Make partitions ahead, and drop those of months that are archived
    Partitions(Box<partitions::Args>),
    /// Make an account an admin, who has every right of every poll's creator
    GrantAdmin(grant_admin::Args),
}

impl Command {
    /// The database that it works with.
    pub fn database(&self) -> &DatabaseConfig {
        match self {
            Self::Run(config) => &config.service.database,
            Self::Migrate(database) => database,
            Self::CloseDue(args) => &args.service.database,
            Self::Archive(args) => &args.service.database,
            Self::VerifyArchive(args) => &args.database,
            Self::Restore(args) => &args.database,
            Self::Export(args) => &args.database,
            Self::Reconcile(args) => &args.service.database,
            Self::DeadLetters(action) => &action.service().database,
            Self::Digest(args) => &args.service.database,
            Self::Partitions(args) => &args.database,
            Self::GrantAdmin(args) => &args.database,
        }
    }
}

/// How long responses stay in PostgreSQL.
#[derive(Debug, Clone, Copy, Args)]
pub struct RetentionConfig {
    /// How long responses stay in PostgreSQL once they are in the archive
    #[arg(long, env = "RETENTION", default_value = "30d", value_parser = parse_duration)]
    pub retention: Duration,
}

/// Settings of `run`.
#[derive(Debug, Clone, Args)]
pub struct Config {
    #[command(flatten)]
    #[allow(missing_docs)]
    pub service: ServiceConfig,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub hashing: HashSecretConfig,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub mail: MailConfig,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub archive: ArchiveConfig,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub delivery: DeliveryConfig,
    /// Jobs to run, with commas between them; all of them if absent
    #[arg(long, value_enum, value_delimiter = ',')]
    pub only: Vec<JobName>,
    /// How long after its results are final a poll is archived
    #[arg(long, env = "ARCHIVE_AFTER", default_value = "1h", value_parser = parse_duration)]
    pub archive_after: Duration,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub notify: NotifyConfig,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub retention: RetentionConfig,
    /// Address that links begin with
    #[arg(long, env = "PUBLIC_URL", default_value = "http://127.0.0.1:8080")]
    pub public_url: String,
    /// Address of metrics and health
    #[arg(long, env = "ADMIN_LISTEN", default_value = "127.0.0.1:9103")]
    pub admin_listen: SocketAddr,
    /// Ask the program that runs with these settings whether it is ready: exit code 0 if so, else 1
    #[arg(long)]
    pub check_ready: bool,
}
