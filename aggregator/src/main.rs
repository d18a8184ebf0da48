//! `pollster-aggregator`: commits accepted votes.

use std::process::ExitCode;

use pollster_shared::program;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    program::start(pollster_aggregator::run).await
}
