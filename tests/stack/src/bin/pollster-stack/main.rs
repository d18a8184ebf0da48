//! The local stack behind `make run`, `make up` and `make down`.

mod demo;
mod down;
mod http;
mod lock;
mod paths;
mod run;
mod say;
mod services;
mod settings;
mod shell;
mod up;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use pollster_stack::StackError;

/// Starts a private Redis and PostgreSQL and the three services on them.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// The folder that holds everything of the stack: data, logs, archive, and the variables it runs with.
    #[arg(long, default_value = ".local", global = true)]
    folder: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Runs the stack until Ctrl-C, or until one of its programs ends.
    Run,
    /// Starts in the background what does not run yet, and returns when it is ready.
    Up,
    /// Ends the stack, in whichever way it was started.
    Down,
}

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
enum Failure {
    /// A part of the stack.
    #[error(transparent)]
    Stack(#[from] StackError),
    /// Another stack has the folder.
    #[error("the stack runs already ({0})")]
    RunsAlready(String),
    /// What failed was said when it did, before the rest was ended.
    #[error("the stack failed, see above")]
    Said,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match execute(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Stack(StackError::Interrupted)) => ExitCode::from(130),
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn execute(arguments: &Arguments) -> Result<(), Failure> {
    pollster_stack::stop_on_signals()?;
    let paths = paths::Paths::make(&arguments.folder)?;
    match arguments.command {
        Command::Run => run::run(&paths),
        Command::Up => up::up(&paths),
        Command::Down => down::down(&paths),
    }
}
