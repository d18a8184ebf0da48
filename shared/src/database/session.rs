//! What a session at PostgreSQL is told when it begins, and what of it the programs count on.

use std::time::Duration;

use tokio_postgres::Config;

use super::{DatabaseError, Pooling};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
const KEEPALIVE_IDLE: Duration = Duration::from_secs(3);
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(1);
const KEEPALIVE_RETRIES: u32 = 3;
const UNACKNOWLEDGED_TIMEOUT: Duration = Duration::from_secs(6);

/// Server-side bounds of every session, in seconds. A stopped program holds its locks for the idle timeout at most; a
/// statement that waits for these locks must outlast it.
pub(super) const BOUNDS: [(&str, u32); 3] =
    [("idle_in_transaction_session_timeout", 3), ("statement_timeout", 8), ("lock_timeout", 6)];

/// Says nothing to the server. Where a session does not show it, a pooler has dropped what the session was told.
pub(super) const MARK: (&str, &str) = ("pollster.session", "told");

/// A generic plan spares planning at every batch.
const PLANS: &str = "-c plan_cache_mode=force_generic_plan";

/// The server's side of the bounds on a session that holds locks: it must find out too that the other end is gone.
const LOCKS: &str = "-c idle_session_timeout=5s -c tcp_keepalives_idle=3 -c tcp_keepalives_interval=1 \
                     -c tcp_keepalives_count=3";

/// How to connect for a session with bounds. With a pooler between there is no session to tell them to.
///
/// # Errors
/// When `url` is not a connection string.
pub(super) fn bounded(url: &str, pooling: Pooling) -> Result<Config, DatabaseError> {
    let mut config = plain(url)?;
    if pooling == Pooling::Session {
        let bounds = BOUNDS.map(|(name, seconds)| format!("-c {name}={seconds}s")).join(" ");
        let (mark, told) = MARK;
        add_options(&mut config, &format!("{bounds} {PLANS} -c {mark}={told}"));
    }
    Ok(config)
}

/// How to connect for a session without bounds, also where those of the role would hold.
///
/// # Errors
/// As [`bounded`].
pub(super) fn unbounded(url: &str) -> Result<Config, DatabaseError> {
    let mut config = plain(url)?;
    config.options(BOUNDS.map(|(name, _)| format!("-c {name}=0")).join(" "));
    Ok(config)
}

/// How to connect for a session with bounds that holds locks.
///
/// # Errors
/// As [`bounded`].
pub(super) fn locking(url: &str) -> Result<Config, DatabaseError> {
    let mut config = bounded(url, Pooling::Session)?;
    add_options(&mut config, LOCKS);
    Ok(config)
}

/// The connection string, with the time bounds of this side.
fn plain(url: &str) -> Result<Config, DatabaseError> {
    let mut config: Config = url
        .parse()
        .map_err(|_| DatabaseError::Connection("DATABASE_URL is not a connection string".into()))?;
    config
        .connect_timeout(CONNECT_TIMEOUT)
        .keepalives_idle(KEEPALIVE_IDLE)
        .keepalives_interval(KEEPALIVE_INTERVAL)
        .keepalives_retries(KEEPALIVE_RETRIES)
        .tcp_user_timeout(UNACKNOWLEDGED_TIMEOUT);
    Ok(config)
}

fn add_options(config: &mut Config, more: &str) {
    let options = [config.get_options().unwrap_or_default(), more].join(" ");
    config.options(options.trim());
}
