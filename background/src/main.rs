//! `pollster-background`: migrations, and the jobs that no request waits for.

use std::process::ExitCode;

use pollster_background::cli::{Cli, Command};
use pollster_background::{grant_admin, migrate, run};
use pollster_shared::program::{self, ProgramError};
use pollster_shared::shutdown::Shutdown;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    program::start(execute).await
}

async fn execute(cli: Cli, shutdown: Shutdown) -> Result<(), ProgramError> {
    match cli.command {
        Command::Run(config) => Ok(run(config, shutdown).await?),
        Command::Migrate(database) => {
            let migrated = migrate::up(&database.database_url).await;
            let applied = migrated.map_err(|error| ProgramError::Failed(error.to_string()))?;
            println!("{applied} migrations applied");
            Ok(())
        }
        Command::GrantAdmin(settings) => {
            let granted = grant_admin::run(&settings.database.database_url, &settings.email).await;
            granted.map_err(|error| ProgramError::Failed(error.to_string()))?;
            println!("{} is an admin with the next sign-in", settings.email);
            Ok(())
        }
    }
}
