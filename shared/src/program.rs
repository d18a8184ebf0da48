//! How every program starts and ends.

use std::process::ExitCode;

use clap::Parser;
use clap::error::ErrorKind;

use crate::config::{LogConfig, StartError};
use crate::shutdown::{self, Shutdown};
use crate::{descriptors, telemetry};

/// Exit code for a bad or missing setting (`EX_USAGE` of sysexits is 64).
const EXIT_BAD_CONFIGURATION: u8 = 64;
/// Exit code for unknown arguments.
const EXIT_USAGE: u8 = 2;

/// What a program is given by its arguments and environment.
pub trait Settings: Parser {
    /// How it logs.
    fn log(&self) -> &LogConfig;
}

/// Why a program ends other than as it was asked to.
#[derive(Debug, thiserror::Error)]
pub enum ProgramError {
    /// It can't start as it is configured.
    #[error(transparent)]
    Start(#[from] StartError),
    /// It could not do what it was asked to.
    #[error("{0}")]
    Failed(String),
}

/// Reads the settings, starts logging, raises the limit on open files, and calls `run` with a shutdown that
/// comes with SIGTERM or SIGINT. Returns the exit code: 0 done or help, 1 failed, 2 wrong usage, 64 bad or
/// missing setting.
pub async fn start<C, E, F>(run: impl FnOnce(C, Shutdown) -> F) -> ExitCode
where
    C: Settings,
    E: Into<ProgramError>,
    F: Future<Output = Result<(), E>>,
{
    let settings = match C::try_parse() {
        Ok(settings) => settings,
        Err(error) => return explain(&error),
    };
    let done = match telemetry::start(settings.log()) {
        Ok(()) => {
            if let Err(error) = descriptors::raise_limit() {
                tracing::warn!(%error, "the limit on open files stays as it is");
            }
            run(settings, shutdown::on_signal()).await.map_err(Into::into)
        }
        Err(error) => Err(error.into()),
    };
    let Err(error) = done else { return ExitCode::SUCCESS };
    eprintln!("error: {error}");
    match error {
        ProgramError::Start(_) => ExitCode::from(EXIT_BAD_CONFIGURATION),
        ProgramError::Failed(_) => ExitCode::FAILURE,
    }
}

fn explain(error: &clap::Error) -> ExitCode {
    // Nothing is left to do where even the message can't be written.
    let _ = error.print();
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => ExitCode::SUCCESS,
        ErrorKind::InvalidValue | ErrorKind::ValueValidation | ErrorKind::MissingRequiredArgument => {
            ExitCode::from(EXIT_BAD_CONFIGURATION)
        }
        _ => ExitCode::from(EXIT_USAGE),
    }
}
