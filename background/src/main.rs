//! `pollster-background`: migrations, and the jobs that no request waits for.

use std::process::ExitCode;

use pollster_background::cli::{Cli, Command};
use pollster_background::commands::{
    archive, close_due, dead_letters, digest, export, grant_admin, migrate, partitions, reconcile, restore,
    verify_archive,
};
use pollster_background::run;
use pollster_shared::database;
use pollster_shared::program::{self, ProgramError};
use pollster_shared::shutdown::Shutdown;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    program::start(execute).await
}

async fn execute(cli: Cli, shutdown: Shutdown) -> Result<(), ProgramError> {
    let database = cli.command.database().clone();
    database::needs_sessions(&database)?;
    database::checked(&database, done(cli.command, shutdown)).await
}

async fn done(command: Command, shutdown: Shutdown) -> Result<(), ProgramError> {
    match command {
        Command::Run(config) => Ok(run(config, shutdown).await?),
        Command::Migrate(database) => {
            let migrated = migrate::up(&database.database_url).await;
            let applied = migrated.map_err(|error| ProgramError::Failed(error.to_string()))?;
            println!("{applied} migrations applied");
            Ok(())
        }
        Command::CloseDue(args) => close_due::run(args, &shutdown).await,
        Command::Archive(args) => archive::run(*args, shutdown).await,
        Command::VerifyArchive(args) => verify_archive::run(args).await,
        Command::Restore(args) => restore::run(&args).await,
        Command::Export(args) => export::run(args, shutdown).await,
        Command::Reconcile(args) => reconcile::run(args, shutdown).await,
        Command::DeadLetters(action) => dead_letters::run(action).await,
        Command::Digest(args) => digest::run(&args).await,
        Command::Partitions(args) => partitions::run(&args).await,
        Command::GrantAdmin(args) => grant_admin::run(&args).await,
    }
}
