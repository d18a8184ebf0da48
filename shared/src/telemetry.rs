//! Logs: pretty for people, JSON for machines. No token, address or voter is ever in one above debug.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

use crate::config::{LogConfig, LogFormat, StartError};

/// Starts logging to standard error.
///
/// # Errors
/// Where `RUST_LOG` is not a list of filter directives.
pub fn start(config: &LogConfig) -> Result<(), StartError> {
    let filter =
        EnvFilter::try_new(&config.rust_log).map_err(|error| StartError::setting("RUST_LOG", error))?;
    let terminal = std::io::stderr().is_terminal();
    let format = config.log_format.unwrap_or(if terminal { LogFormat::Pretty } else { LogFormat::Json });
    let subscriber =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(terminal);
    match format {
        LogFormat::Pretty => subscriber.init(),
        LogFormat::Json => subscriber.json().flatten_event(true).with_span_list(false).init(),
    }
    Ok(())
}
