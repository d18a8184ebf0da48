//! What can go wrong, each with what to do about it.

use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};

/// Lines of a log that an error shows.
const TAIL_LINES: usize = 20;
/// Bytes of a log that are read for them.
const TAIL_BYTES: u64 = 16 * 1024;

/// Why the stack, or a part of it, could not be started or used.
#[derive(Debug, thiserror::Error)]
pub enum StackError {
    /// A server's program is not on this machine.
    #[error(
        "{program} is not installed; run docker/install.sh, or docker/install.sh tests for what only tests need"
    )]
    NotInstalled {
        /// The program's name.
        program: &'static str,
    },
    /// One of our own programs is not built.
    #[error(
        "{program} is not built (looked in {}); run `cargo build --workspace`, with --release for a \
         release build",
        searched.display()
    )]
    NotBuilt {
        /// The program's name.
        program: String,
        /// The folder in which it should be.
        searched: PathBuf,
    },
    /// A process ended that should have kept running, or failed where it should have succeeded.
    #[error("{program} ended ({status}); {}", log_advice(log))]
    Ended {
        /// The program's name.
        program: String,
        /// Its exit status in words.
        status: String,
        /// Where it logs.
        log: PathBuf,
    },
    /// Something did not happen in time, although the process is alive.
    #[error("{what} took longer than {seconds} s; {}", log_advice(log))]
    TooSlow {
        /// What was awaited.
        what: String,
        /// How long it was awaited.
        seconds: u64,
        /// Where to read more.
        log: PathBuf,
    },
    /// Every port that was tried was taken by another process.
    #[error(
        "no free port for {program}: each of {tries} was taken; close programs that listen, then try again"
    )]
    NoFreePort {
        /// The program's name.
        program: &'static str,
        /// How many ports were tried.
        tries: u32,
    },
    /// A database command failed.
    #[error("psql: {message}")]
    Psql {
        /// What psql said.
        message: String,
    },
    /// A database name that would need quoting, which nothing of ours uses.
    #[error("database name {name:?}: use lower-case letters, digits and underscores only")]
    BadDatabaseName {
        /// The name given.
        name: String,
    },
    /// SIGINT or SIGTERM arrived while something was awaited.
    #[error("interrupted")]
    Interrupted,
    /// Anything else of the operating system.
    #[error("{what}: {source}")]
    Io {
        /// What was being done.
        what: String,
        /// The system's answer.
        source: io::Error,
    },
}

impl StackError {
    /// For `map_err`: names what was being done.
    pub fn io(what: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let what = what.into();
        move |source| Self::Io { what, source }
    }
}

fn log_advice(log: &Path) -> String {
    let lines = tail(log);
    if lines.is_empty() {
        return format!("its log {} is empty", log.display());
    }
    let mut text = format!("the end of {}:", log.display());
    for line in lines.lines() {
        let _ = write!(text, "\n    {line}");
    }
    text
}

/// The last lines of a log file; empty where it can't be read.
pub fn tail(log: &Path) -> String {
    let length = std::fs::metadata(log).map_or(0, |data| data.len());
    let text = crate::server::read_from(log, length.saturating_sub(TAIL_BYTES));
    let lines: Vec<&str> = text.trim_end().lines().collect();
    lines[lines.len().saturating_sub(TAIL_LINES)..].join("\n")
}
