//! `pollster-background`: migrations, and the jobs that no request waits for.

use std::process::ExitCode;

use pollster_background::cli::{Cli, Command};
use pollster_background::{migrate, run};
use pollster_shared::{config, shutdown, telemetry};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let cli: Cli = match config::parse() {
        Ok(cli) => cli,
        Err(code) => return code,
    };
    if let Err(error) = telemetry::start(&cli.log) {
        return config::refuse(&error);
    }
    match cli.command {
        Command::Run(config) => match run(config, shutdown::on_signal()).await {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => config::refuse(&error),
        },
        Command::Migrate(database) => match migrate::up(&database.database_url).await {
            Ok(applied) => {
                println!("{applied} migrations applied");
                ExitCode::SUCCESS
            }
            Err(error) => {
                eprintln!("error: {error}");
                ExitCode::FAILURE
            }
        },
    }
}
