//! Measures the whole system.

use std::process::ExitCode;

use clap::Parser;
use mimalloc::MiMalloc;
use pollster_bench::bench::{Arguments, Error, run};
use pollster_stack::StackError;

/// The generator shares the machine with what it measures: it should take as little as it can.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(&arguments) {
        Ok(report) => {
            print!("{}", if arguments.json { report.to_json() } else { report.to_string() });
            ExitCode::SUCCESS
        }
        Err(Error::Stack(StackError::Interrupted)) => ExitCode::from(130),
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
