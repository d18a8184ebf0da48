//! How every program starts and ends.

use std::net::SocketAddr;
use std::process::ExitCode;
use std::slice;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Command, Parser};

use crate::config::{LogConfig, StartError};
use crate::shutdown::{self, Shutdown};
use crate::{admin, descriptors, telemetry};

/// Exit code for a bad or missing setting (`EX_USAGE` of sysexits is 64).
const EXIT_BAD_CONFIGURATION: u8 = 64;
/// Exit code for unknown, bad or missing arguments that are no settings.
const EXIT_USAGE: u8 = 2;

/// What a program is given by its arguments and environment.
pub trait Settings: Parser {
    /// How it logs.
    fn log(&self) -> &LogConfig;

    /// The admin listener of the running program that is asked whether it is ready, if that is all that is wanted.
    fn to_be_asked(&self) -> Option<SocketAddr> {
        None
    }
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
/// missing setting; where only [`admin::is_ready`] is wanted, 0 ready, 1 not.
pub async fn start<C, E, F>(run: impl FnOnce(C, Shutdown) -> F) -> ExitCode
where
    C: Settings,
    E: Into<ProgramError>,
    F: Future<Output = Result<(), E>>,
{
    let settings = match C::try_parse() {
        Ok(settings) => settings,
        Err(error) => return explain::<C>(&error),
    };
    let done = match settings.to_be_asked() {
        Some(admin_listen) => admin::is_ready(admin_listen).await.map_err(ProgramError::Failed),
        None => begin(settings, run).await,
    };
    let Err(error) = done else { return ExitCode::SUCCESS };
    eprintln!("error: {error}");
    match error {
        ProgramError::Start(_) => ExitCode::from(EXIT_BAD_CONFIGURATION),
        ProgramError::Failed(_) => ExitCode::FAILURE,
    }
}

async fn begin<C, E, F>(settings: C, run: impl FnOnce(C, Shutdown) -> F) -> Result<(), ProgramError>
where
    C: Settings,
    E: Into<ProgramError>,
    F: Future<Output = Result<(), E>>,
{
    telemetry::start(settings.log())?;
    if let Err(error) = descriptors::raise_limit() {
        tracing::warn!(%error, "the limit on open files stays as it is");
    }
    run(settings, shutdown::on_signal()).await.map_err(Into::into)
}

fn explain<C: Parser>(error: &clap::Error) -> ExitCode {
    // Nothing is left to do where even the message can't be written.
    let _ = error.print();
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => ExitCode::SUCCESS,
        ErrorKind::InvalidValue | ErrorKind::ValueValidation | ErrorKind::MissingRequiredArgument
            if is_about_a_setting(C::command(), error) =>
        {
            ExitCode::from(EXIT_BAD_CONFIGURATION)
        }
        _ => ExitCode::from(EXIT_USAGE),
    }
}

/// Whether the argument that is bad or missing is a setting, which has a variable of its own.
fn is_about_a_setting(mut command: Command, error: &clap::Error) -> bool {
    // Before that, arguments have no names to print.
    command.build();
    let named = match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(name)) => slice::from_ref(name),
        Some(ContextValue::Strings(names)) => names,
        _ => return false,
    };
    settings(&command).any(|setting| named.contains(&setting))
}

/// The arguments of the command and its subcommands that have a variable, as errors name them.
fn settings(command: &Command) -> Box<dyn Iterator<Item = String> + '_> {
    let own =
        command.get_arguments().filter(|argument| argument.get_env().is_some()).map(ToString::to_string);
    Box::new(own.chain(command.get_subcommands().flat_map(settings)))
}
