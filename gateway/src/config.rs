//! The gateway's settings.

use std::net::SocketAddr;
use std::time::Duration;

use clap::{Parser, value_parser};
use pollster_shared::archive::ArchiveConfig;
use pollster_shared::config::{HashSecretConfig, LogConfig, ServiceConfig, parse_duration};
use pollster_shared::mail::MailConfig;
use pollster_shared::milestones::MilestoneConfig;
use pollster_shared::program::Settings;
use pollster_shared::traces::TraceConfig;
use pollster_shared::webhooks::WebhookConfig;

use crate::edge::EdgeConfig;
use crate::limits::LimitConfig;
use crate::roles::Role;
use crate::tokens::TokenConfig;
use crate::votes::captcha::CaptchaConfig;

/// Takes votes over HTTP, serves results and relays them over WebSocket
#[derive(Debug, Clone, Parser)]
#[command(name = "pollster-gateway", version)]
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
    #[command(flatten)]
    #[allow(missing_docs)]
    pub hashing: HashSecretConfig,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub tokens: TokenConfig,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub edge: EdgeConfig,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub captcha: CaptchaConfig,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub limits: LimitConfig,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub mail: MailConfig,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub webhooks: WebhookConfig,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub archive: ArchiveConfig,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub milestones: MilestoneConfig,
    /// What it serves: REST, live results, or both, separated by commas
    #[arg(long, env = "SERVE", value_enum, value_delimiter = ',', default_value = "api,ws")]
    pub serve: Vec<Role>,
    /// Address of the API
    #[arg(long, env = "LISTEN", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// Address of metrics and health
    #[arg(long, env = "ADMIN_LISTEN", default_value = "127.0.0.1:9101")]
    pub admin_listen: SocketAddr,
    /// Ask the program that runs with these settings whether it is ready: exit code 0 if so, else 1
    #[arg(long)]
    pub check_ready: bool,
    /// Address that links begin with; the listen address if absent
    #[arg(long, env = "PUBLIC_URL")]
    pub public_url: Option<String>,
    /// Shards of new polls
    #[arg(long, env = "VOTE_SHARDS", default_value_t = 8, value_parser = value_parser!(u16).range(1..=1024))]
    pub vote_shards: u16,
    /// Entries a shard may hold before votes are refused with 503
    #[arg(long, env = "STREAM_MAX_LEN", default_value_t = 1_000_000, value_parser = value_parser!(u64).range(1..))]
    pub stream_max_len: u64,
    /// How long connections are still taken after SIGTERM, while /readyz says that they should go elsewhere
    #[arg(long, env = "DRAIN_DELAY", default_value = "5s", value_parser = parse_duration)]
    pub drain_delay: Duration,
    /// How long requests in hand may take once no more connections are taken, for instance 20s
    #[arg(long, env = "DRAIN_TIMEOUT", default_value = "20s", value_parser = parse_duration)]
    pub drain_timeout: Duration,
    /// Least time between two frames of a poll to a viewer, in milliseconds
    #[arg(long, env = "RESULTS_INTERVAL_MS", default_value_t = 50, value_parser = value_parser!(u64).range(0..=60_000))]
    pub results_interval_ms: u64,
    /// Polls that one WebSocket connection may watch
    #[arg(long, env = "MAX_SUBSCRIPTIONS", default_value_t = 64, value_parser = value_parser!(u32).range(1..=10_000))]
    pub max_subscriptions: u32,
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
    pub(crate) fn serves(&self, role: Role) -> bool {
        self.serve.contains(&role)
    }

    /// The address that links begin with, without a slash at its end.
    pub(crate) fn public_url(&self) -> String {
        match &self.public_url {
            Some(url) => url.trim_end_matches('/').to_owned(),
            None => format!("http://{}", self.listen),
        }
    }

    pub(crate) fn results_interval(&self) -> Duration {
        Duration::from_millis(self.results_interval_ms)
    }
}
