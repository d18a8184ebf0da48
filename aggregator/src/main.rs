//! `pollster-aggregator`: commits accepted votes.

use std::process::ExitCode;

use pollster_aggregator::{Config, run};
use pollster_shared::{config, shutdown, telemetry};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let config: Config = match config::parse() {
        Ok(config) => config,
        Err(code) => return code,
    };
    if let Err(error) = telemetry::start(&config.log) {
        return config::refuse(&error);
    }
    match run(config, shutdown::on_signal()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => config::refuse(&error),
    }
}
