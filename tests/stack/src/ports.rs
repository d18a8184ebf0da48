//! Free ports of the loopback address.

use std::hash::{BuildHasher, RandomState};
use std::net::{Ipv4Addr, TcpListener};

use crate::StackError;

/// Ports below need no thought about well-known services.
const LOWEST: u16 = 10_240;
/// Where outgoing connections get theirs from on a Linux that was not told otherwise.
const USUAL_EPHEMERAL: u16 = 32_768;

/// A port of 127.0.0.1 that nobody listens on now. Another process may still take it before it is
/// used: whoever starts a server on it tries again with another then.
///
/// It is not one of those that outgoing connections get, as binding port 0 would give: a client that tries
/// to reach a server that is down could end up connected to itself there, and the server that comes
/// back would find its port taken.
///
/// # Errors
/// The system's, where it has none left.
pub fn free_port() -> Result<u16, StackError> {
    let count = first_ephemeral().max(LOWEST + 1) - LOWEST;
    // A random start, so that tests side by side don't ask for the same ones.
    let start = RandomState::new().hash_one(std::process::id());
    let candidates = (0..u64::from(count)).map(|step| start.wrapping_add(step) % u64::from(count));
    candidates
        .filter_map(|step| u16::try_from(step).ok())
        .map(|step| LOWEST + step)
        .find(|port| is_free(*port))
        .map_or_else(port_of_the_system, Ok)
}

/// Whether that port of 127.0.0.1 is free now.
pub fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}

fn first_ephemeral() -> u16 {
    let range = std::fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range").unwrap_or_default();
    range.split_whitespace().next().and_then(|low| low.parse().ok()).unwrap_or(USUAL_EPHEMERAL)
}

fn port_of_the_system() -> Result<u16, StackError> {
    let bind = || TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr();
    Ok(bind().map_err(StackError::io("looking for a free port"))?.port())
}
