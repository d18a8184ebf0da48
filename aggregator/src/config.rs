//! The aggregator's settings.

use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::str::FromStr;
use std::time::Duration;

use clap::{Parser, value_parser};
use pollster_shared::config::{DeliveryConfig, LogConfig, ServiceConfig};
use pollster_shared::milestones::MilestoneConfig;
use pollster_shared::program::Settings;
use pollster_shared::traces::TraceConfig;

/// Commits accepted votes from the streams to PostgreSQL and publishes the counts
#[derive(Debug, Clone, Parser)]
#[command(name = "pollster-aggregator", version)]
pub struct Config {
    #[command(flatten)]
    #[allow(missing_docs)]
    pub service: ServiceConfig,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub log: LogConfig,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub traces: TraceConfig,
    /// Address of metrics and health
    #[arg(long, env = "ADMIN_LISTEN", default_value = "127.0.0.1:9102")]
    pub admin_listen: SocketAddr,
    /// Ask the program that runs with these settings whether it is ready: exit code 0 if so, else 1
    #[arg(long)]
    pub check_ready: bool,
    /// Shards to serve, as FIRST-LAST or one number; all of them if absent
    #[arg(long)]
    pub shards: Option<Shards>,
    /// Shards of new polls
    #[arg(long, env = "VOTE_SHARDS", default_value_t = 8, value_parser = value_parser!(u16).range(1..=1024))]
    pub vote_shards: u16,
    /// Entries read at once, and aimed at in a transaction
    #[arg(long, env = "BATCH_SIZE", default_value_t = 1000, value_parser = value_parser!(u32).range(1..=10_000))]
    pub batch_size: u32,
    /// Least time between two reads in milliseconds, so that batches fill
    #[arg(long, env = "BATCH_LINGER_MS", default_value_t = 5, value_parser = value_parser!(u64).range(0..=1000))]
    pub batch_linger_ms: u64,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub milestones: MilestoneConfig,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub delivery: DeliveryConfig,
}

impl Settings for Config {
    fn log(&self) -> &LogConfig {
        &self.log
    }

    fn to_be_asked(&self) -> Option<SocketAddr> {
        self.check_ready.then_some(self.admin_listen)
    }
}

impl Config {
    pub(crate) fn batch_linger(&self) -> Duration {
        Duration::from_millis(self.batch_linger_ms)
    }
}

/// A range of shards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shards(pub RangeInclusive<u16>);

impl FromStr for Shards {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        match (first.parse(), last.parse()) {
            (Ok(first), Ok(last)) if first <= last => Ok(Self(first..=last)),
            _ => Err("takes FIRST-LAST or one number, for instance 0-3".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_are_a_range_or_one() {
        assert_eq!("0-3".parse(), Ok(Shards(0..=3)));
        assert_eq!("7".parse(), Ok(Shards(7..=7)));
        assert!(["", "3-1", "a", "1-"].iter().all(|text| text.parse::<Shards>().is_err()));
    }
}
