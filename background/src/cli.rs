//! The commands of `pollster-background` and their settings.

use std::net::SocketAddr;

use clap::{Args, Parser, Subcommand};
use pollster_shared::config::{DatabaseConfig, LogConfig, ServiceConfig};
use pollster_shared::program::Settings;

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
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the jobs until SIGTERM
    Run(Box<Config>),
    /// Bring the database's schema up to date and make partitions ahead
    Migrate(DatabaseConfig),
    /// Make an account an admin, who has every right of every poll's creator
    GrantAdmin(GrantAdmin),
}

/// Settings of `grant-admin`.
#[derive(Debug, Args)]
pub struct GrantAdmin {
    #[command(flatten)]
    #[allow(missing_docs)]
    pub database: DatabaseConfig,
    /// E-mail address of the account
    #[arg(long)]
    pub email: String,
}

/// Settings of `run`.
#[derive(Debug, Clone, Args)]
pub struct Config {
    #[command(flatten)]
    #[allow(missing_docs)]
    pub service: ServiceConfig,
    /// Address of metrics and health
    #[arg(long, env = "ADMIN_LISTEN", default_value = "127.0.0.1:9103")]
    pub admin_listen: SocketAddr,
}
