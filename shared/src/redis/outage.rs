//! Which errors mean that the server is away, and the one of a server that was not asked.

use redis::{ErrorKind, RedisError, ServerErrorKind};

use crate::circuit::Open;

const NOT_ASKED: &str = "Redis was not asked";

/// Whether the server could not be reached, or can't serve at all. An answer that a command made no sense, as of a
/// script's error or a wrong type, comes from a server that does its work.
pub(super) fn is_outage(error: &RedisError) -> bool {
    match error.kind() {
        ErrorKind::Io | ErrorKind::Parse | ErrorKind::AuthenticationFailed => true,
        ErrorKind::Server(
            ServerErrorKind::BusyLoading
            | ServerErrorKind::MasterDown
            | ServerErrorKind::ClusterDown
            // A primary that was replaced: a new connection may find the new one.
            | ServerErrorKind::ReadOnly,
        ) => true,
        // It can't write its disk, or has too few replicas to take writes.
        _ => matches!(error.code(), Some("MISCONF" | "NOREPLICAS")),
    }
}

/// The error of a command that a circuit refused.
pub(super) fn refusal(open: Open) -> RedisError {
    RedisError::from((ErrorKind::Io, NOT_ASKED, open.to_string()))
}

/// Whether `error` is of a command that was not even sent, because the circuit is open. Needs no telling: the circuit
/// has told that it opened.
pub fn is_refused(error: &RedisError) -> bool {
    error.to_string().starts_with(NOT_ASKED)
}
