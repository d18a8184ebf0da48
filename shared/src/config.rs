//! Configuration that several programs share. Each setting is a flag and an environment variable of the
//! same name; the field's documentation is its help text.

use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use clap::{Args, ValueEnum};
use tokio::net::{TcpListener, TcpSocket};

use crate::database::Pooling;
use crate::vote::HashSecret;

/// What every service that moves votes needs.
#[derive(Debug, Clone, Args)]
pub struct ServiceConfig {
    #[command(flatten)]
    #[allow(missing_docs)]
    pub database: DatabaseConfig,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub redis: RedisConfig,
}

/// How to reach PostgreSQL.
#[derive(Debug, Clone, Args)]
pub struct DatabaseConfig {
    /// Connection string of PostgreSQL's primary, of several hosts the one that takes writes; TLS by its sslmode
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    pub database_url: String,
    /// Connection string of a replica that lists, statistics and exports are read from, if there is one
    #[arg(long, env = "DATABASE_REPLICA_URL", hide_env_values = true)]
    pub database_replica_url: Option<String>,
    /// How far behind the replica may be; beyond it, these are read from the primary
    #[arg(long, env = "DATABASE_REPLICA_MAX_LAG", default_value = "10s", value_parser = parse_max_lag)]
    pub database_replica_max_lag: Duration,
    /// Who a connection's session belongs to, also at the replica
    #[arg(long, env = "DATABASE_POOLING", value_enum, default_value_t = Pooling::Session)]
    pub database_pooling: Pooling,
    /// Connections to PostgreSQL kept by this program, and as many to its replica
    #[arg(long, env = "DATABASE_POOL_SIZE", default_value_t = 8, value_parser = clap::value_parser!(u32).range(2..=1000))]
    pub database_pool_size: u32,
}

/// The lag of a replica is known to a second.
const LEAST_MAX_LAG: Duration = Duration::from_secs(2);

fn parse_max_lag(text: &str) -> Result<Duration, String> {
    let max_lag = parse_duration(text)?;
    if max_lag < LEAST_MAX_LAG { Err("takes 2s or more".to_owned()) } else { Ok(max_lag) }
}

/// How to reach Redis, a URL a role.
#[derive(Debug, Clone, Args)]
pub struct RedisConfig {
    /// URL of Redis: redis://, or redis+sentinel://host:port,host:port/name, or redis+cluster://host:port,host:port;
    /// rediss for TLS
    #[arg(long, env = "REDIS_URL", hide_env_values = true)]
    pub redis_url: String,
    /// Redis that holds the vote streams, if another
    #[arg(long, env = "REDIS_STREAMS_URL", hide_env_values = true)]
    pub redis_streams_url: Option<String>,
    /// Redis that holds the counts, if another
    #[arg(long, env = "REDIS_AGGREGATES_URL", hide_env_values = true)]
    pub redis_aggregates_url: Option<String>,
    /// Redis that carries new counts to the gateways, if another
    #[arg(long, env = "REDIS_PUBSUB_URL", hide_env_values = true)]
    pub redis_pubsub_url: Option<String>,
    /// Replicas of the streams' Redis that must hold a vote before it is accepted
    #[arg(long, env = "REDIS_MIN_REPLICAS", default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=8))]
    pub redis_min_replicas: u32,
}

impl RedisConfig {
    /// URL of the streams' server, after the variable that it comes from.
    pub fn streams(&self) -> (&'static str, &str) {
        self.role("REDIS_STREAMS_URL", self.redis_streams_url.as_deref())
    }

    /// URL of the counts' server, after its variable.
    pub fn aggregates(&self) -> (&'static str, &str) {
        self.role("REDIS_AGGREGATES_URL", self.redis_aggregates_url.as_deref())
    }

    /// URL of the channels' server, after its variable.
    pub fn pubsub(&self) -> (&'static str, &str) {
        self.role("REDIS_PUBSUB_URL", self.redis_pubsub_url.as_deref())
    }

    fn role<'a>(&'a self, variable: &'static str, own: Option<&'a str>) -> (&'static str, &'a str) {
        own.map_or(("REDIS_URL", &self.redis_url), |url| (variable, url))
    }
}

const CLAIM_IDLE_MS: u64 = 3000;
const MAX_DELIVERIES: u32 = 5;

/// When entries of a stream are taken over, and when they are given up.
#[derive(Debug, Clone, Copy, Args)]
pub struct DeliveryConfig {
    /// Milliseconds after which an entry that another worker holds is taken over
    #[arg(long, env = "CLAIM_IDLE_MS", default_value_t = CLAIM_IDLE_MS, value_parser = clap::value_parser!(u64).range(100..=600_000))]
    pub claim_idle_ms: u64,
    /// Failures of an entry by its own fault after which it goes to the dead letters
    #[arg(long, env = "MAX_DELIVERIES", default_value_t = MAX_DELIVERIES, value_parser = clap::value_parser!(u32).range(1..=100))]
    pub max_deliveries: u32,
}

impl Default for DeliveryConfig {
    fn default() -> Self {
        Self { claim_idle_ms: CLAIM_IDLE_MS, max_deliveries: MAX_DELIVERIES }
    }
}

impl DeliveryConfig {
    /// How long an entry lies before another worker takes it over.
    pub fn claim_idle(self) -> Duration {
        Duration::from_millis(self.claim_idle_ms)
    }
}

/// How to log.
#[derive(Debug, Clone, Args)]
pub struct LogConfig {
    /// Form of the log lines: pretty on a terminal, else JSON
    #[arg(long, env = "LOG_FORMAT", value_enum, global = true)]
    pub log_format: Option<LogFormat>,
    /// What to log, as tracing's filter directives
    #[arg(long, env = "RUST_LOG", default_value = "info", global = true)]
    pub rust_log: String,
}

/// Form of the log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Pretty,
    /// A JSON object a line.
    Json,
}

/// A program can't start as it is configured.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A setting is bad.
    #[error("{variable}: {problem}")]
    Setting {
        /// The variable's name.
        variable: &'static str,
        /// What is wrong with it, without its value where that may be a secret.
        problem: String,
    },
    /// An address can't be listened on.
    #[error("{variable}: can't listen on {address}: {source}; is another program using it?")]
    Listen {
        /// The variable's name.
        variable: &'static str,
        /// The address.
        address: SocketAddr,
        /// What the system says.
        source: std::io::Error,
    },
}

impl StartError {
    /// A bad value of `variable`.
    pub fn setting(variable: &'static str, problem: impl ToString) -> Self {
        Self::Setting { variable, problem: problem.to_string() }
    }
}

/// Connections that may wait to be accepted. An audience comes back all at once, and whoever finds no room is
/// dropped in silence and tries again seconds later. The kernel caps it at `net.core.somaxconn`.
const BACKLOG: u32 = 4096;

/// Listens on `address`, the value of `variable`.
///
/// # Errors
/// Names variable and address, for instance where the port is taken.
pub fn listen(variable: &'static str, address: SocketAddr) -> Result<TcpListener, StartError> {
    bind(address).map_err(|source| StartError::Listen { variable, address, source })
}

fn bind(address: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // A program that starts again takes its port back at once.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// The key of all hashes of voters and tokens.
#[derive(Clone, Args)]
pub struct HashSecretConfig {
    /// Secret that keys the hashes of voters and tokens; changing it makes everyone a new voter
    #[arg(long, env = "HASH_SECRET", hide_env_values = true)]
    pub hash_secret: String,
}

/// The fewest characters a secret may have.
const MIN_SECRET: usize = 16;

impl HashSecretConfig {
    /// The key.
    ///
    /// # Errors
    /// Where the secret is too short to keep anything.
    pub fn secret(&self) -> Result<HashSecret, StartError> {
        if self.hash_secret.len() < MIN_SECRET {
            let problem =
                format!("takes at least {MIN_SECRET} characters, for instance from `openssl rand -hex 32`");
            return Err(StartError::setting("HASH_SECRET", problem));
        }
        Ok(HashSecret::new(&self.hash_secret))
    }
}

impl fmt::Debug for HashSecretConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HashSecretConfig(…)")
    }
}

/// Reads a duration: a number with the unit `ms`, `s`, `m`, `h` or `d`.
///
/// # Errors
/// Says what it takes.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()));
    let milliseconds = match unit {
        "ms" => 1,
        "s" => 1000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return Err("takes a number with a unit of ms, s, m, h or d, for instance 20s".to_owned()),
    };
    let number: u64 = number.parse().map_err(|_| "takes a whole number before its unit".to_owned())?;
    number.checked_mul(milliseconds).map(Duration::from_millis).ok_or_else(|| "is too long".to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn durations_have_a_unit() {
        assert_eq!(parse_duration("20s"), Ok(Duration::from_secs(20)));
        assert_eq!(parse_duration("30d"), Ok(Duration::from_secs(30 * 86_400)));
        assert!(
            ["", "20", "s", "-1s", "1 s", "99999999999999999999d"].iter().all(|t| parse_duration(t).is_err())
        );
    }

    #[test]
    fn a_short_hash_secret_is_refused_without_showing_it() {
        let error = HashSecretConfig { hash_secret: "hunter2".to_owned() }.secret().unwrap_err().to_string();
        assert!(error.contains("HASH_SECRET") && !error.contains("hunter2"), "{error}");
    }

    proptest! {
        #[test]
        fn a_duration_is_read_as_it_is_or_refused(
            number in prop_oneof![any::<u32>().prop_map(u64::from), any::<u64>()],
            unit in "ms|s|m|h|d|w|",
            text in "\\PC{0,8}",
        ) {
            let factor = [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)];
            let factor = factor.into_iter().find(|(name, _)| *name == unit);
            let expected = factor.and_then(|(_, factor)| number.checked_mul(factor)).map(Duration::from_millis);
            prop_assert_eq!(parse_duration(&format!("{number}{unit}")).ok(), expected);
            let _ = parse_duration(&text);
        }
    }
}
