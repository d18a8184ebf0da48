//! The limits' settings.

use clap::{Args, value_parser};

/// The largest quota; a load generator's one address stays below it.
const MAX_QUOTA: i64 = 100_000_000;

/// How often one may ask. Each limit lets that many through at once, and refills evenly.
#[derive(Debug, Clone, Args)]
pub struct LimitConfig {
    /// Votes a minute of a voter; 0 is off
    #[arg(long, env = "VOTES_PER_MINUTE", default_value_t = 60, value_parser = value_parser!(u32).range(0..=MAX_QUOTA))]
    pub votes_per_minute: u32,
    /// Votes in five minutes of a voter; 0 is off
    #[arg(long, env = "VOTES_PER_5_MINUTES", default_value_t = 200, value_parser = value_parser!(u32).range(0..=MAX_QUOTA))]
    pub votes_per_5_minutes: u32,
    /// Votes a minute from an address (IPv6: a /64), behind which there may be an audience; 0 is off
    #[arg(long, env = "VOTES_PER_MINUTE_PER_ADDRESS", default_value_t = 600, value_parser = value_parser!(u32).range(0..=MAX_QUOTA))]
    pub votes_per_minute_per_address: u32,
    /// New polls an hour of an account, or from an address without one; 0 is off
    #[arg(long, env = "POLLS_PER_HOUR", default_value_t = 5, value_parser = value_parser!(u32).range(0..=MAX_QUOTA))]
    pub polls_per_hour: u32,
    /// Logins, registrations and mails asked for a minute, from an address and for an account; 0 is off
    #[arg(long, env = "LOGINS_PER_MINUTE", default_value_t = 10, value_parser = value_parser!(u32).range(0..=MAX_QUOTA))]
    pub logins_per_minute: u32,
}
