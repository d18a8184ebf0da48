//! Why there are no figures of the fan-out.

use std::io;

use pollster_stack::StackError;

use super::frames::Malformed;
use crate::client::ClientError;

/// What went wrong; wrong counts at a viewer above all.
#[derive(Debug, thiserror::Error)]
pub enum FanOutError {
    /// Servers or programs.
    #[error(transparent)]
    Stack(#[from] StackError),
    /// Requests.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// The system's, on the benchmark's own side.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// A thread of viewers or voters panicked.
    #[error("a thread of the benchmark failed")]
    Thread,
    /// The opening handshake was answered by something else.
    #[error("the gateway answered a viewer's handshake: {0}")]
    NoWebSocket(String),
    /// Not WebSocket, or more of it than servers use.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// A connection that should have lasted.
    #[error("a viewer lost its connection: {0}")]
    Lost(#[from] Loss),
    /// A message that says so.
    #[error("the gateway sent a viewer an error: {0}")]
    Refused(String),
    /// Results that can't be read.
    #[error("the gateway sent a viewer what it can't read: {0}")]
    Unreadable(String),
    /// The same version with other counts.
    #[error("version {version} was shown with {shown} votes and with {before}")]
    Contradiction {
        /// The version.
        version: u64,
        /// Votes at one viewer.
        shown: u64,
        /// Votes at another one, before.
        before: u64,
    },
    /// Viewers that are not told.
    #[error("{behind} of {viewers} viewers did not get there within {seconds} s")]
    Behind {
        /// Viewers without what all should have.
        behind: usize,
        /// All viewers.
        viewers: usize,
        /// How long it was awaited.
        seconds: u64,
    },
    /// The one thing that must not happen.
    #[error("{accepted} votes were accepted, but {shown} are shown, at version {version} of {newest}")]
    WrongCounts {
        /// Votes accepted.
        accepted: u64,
        /// Votes that a viewer, or the results, ended with.
        shown: u64,
        /// The version that they are of.
        version: u64,
        /// The newest version.
        newest: u64,
    },
    /// Votes of which no frame tells.
    #[error("a viewer saw {seen} of {votes} marked votes")]
    Unseen {
        /// Those of which a frame told.
        seen: usize,
        /// Those that were cast.
        votes: usize,
    },
    /// A viewer connected more often, or less, than it had to.
    #[error("a viewer connected {made} times where {expected} was right")]
    Connections {
        /// How often it did.
        made: u32,
        /// How often it should have.
        expected: u32,
    },
    /// A vote that was sent again and again.
    #[error("a vote was not accepted within {seconds} s: {last}")]
    NotAccepted {
        /// How long it was tried.
        seconds: u64,
        /// The last answer.
        last: String,
    },
}

/// How a viewer's connection ended.
#[derive(Debug, thiserror::Error)]
pub enum Loss {
    /// With a close frame.
    #[error("closed with code {}", .0.map_or_else(|| "none".to_owned(), |code| code.to_string()))]
    Closed(Option<u16>),
    /// Without one.
    #[error("ended without a close frame")]
    Ended,
    /// Reset, or never made.
    #[error("{0}")]
    Broken(#[from] io::Error),
}
