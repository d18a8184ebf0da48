//! Rate limits: how often a voter, an address or an account may ask.
//!
//! Each limit is a GCRA ([`gcra`]) a key, decided in this process's memory ([`table`], [`limiter`]): one
//! script call more a vote would cost two fifths of all throughput. Gateways share what they let through
//! in batches ([`sharing`]). Keys are keyed hashes, the same on all gateways, so that neither Redis nor a
//! dump of memory says who asks, and nobody can aim at another's slot.

mod budget;
mod config;
pub(crate) mod gcra;
mod group;
mod limiter;
pub(crate) mod sharing;
mod table;

use std::net::IpAddr;
use std::time::{Duration, Instant};

use pollster_shared::vote::{HashSecret, Voter};

use crate::edge::address::network;
use crate::error::ApiError;
use crate::metrics::Metrics;

pub(crate) use budget::{Budget, Standing};
pub(crate) use config::LimitConfig;

use gcra::nanoseconds;
use group::Group;
use limiter::{Definition, Limiter};

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);

/// All limits of a gateway.
#[derive(Debug)]
pub(crate) struct Limits {
    secret: HashSecret,
    /// Times are counted from here: a clock that is set back must not hold anybody up.
    started: Instant,
    /// Of a voter in one minute and in five, and of an address.
    votes: Group<3>,
    /// Of an account or address.
    polls: Group<1>,
    /// Of an address, and of the account that is asked for.
    logins: Group<2>,
}

/// Who makes a poll.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Who<'a> {
    /// An account, by its token's subject.
    Account(&'a str),
    /// Somebody without one.
    Address(IpAddr),
}

impl Limits {
    pub(crate) fn new(config: &LimitConfig, secret: HashSecret, metrics: &Metrics) -> Self {
        let limit = |name, quota, window| Definition { name, quota, window, is_logged: false };
        let votes = [
            limit("voter", config.votes_per_minute, MINUTE),
            Definition { is_logged: true, ..limit("voter-5m", config.votes_per_5_minutes, 5 * MINUTE) },
            limit("address", config.votes_per_minute_per_address, MINUTE),
        ];
        let polls = [limit("polls", config.polls_per_hour, HOUR)];
        let logins = [
            limit("logins", config.logins_per_minute, MINUTE),
            limit("account-logins", config.logins_per_minute, MINUTE),
        ];
        Self {
            secret,
            started: Instant::now(),
            votes: Group::new(votes, metrics),
            polls: Group::new(polls, metrics),
            logins: Group::new(logins, metrics),
        }
    }

    /// Lets a vote through, also one that is sent again or changes another.
    ///
    /// # Errors
    /// [`ApiError::RateLimited`], as all of these.
    pub(crate) fn vote(&self, voter: Voter, address: IpAddr) -> Result<Budget, ApiError> {
        // The other half chooses the shard.
        let [.., a, b, c, d, e, f, g, h] = voter.0;
        let voter = u64::from_be_bytes([a, b, c, d, e, f, g, h]);
        let address = self.address("rate of votes, address", address);
        self.votes.admit([Some(voter), Some(voter), Some(address)], self.now())
    }

    /// Lets a poll be made.
    pub(crate) fn poll(&self, who: Who<'_>) -> Result<Budget, ApiError> {
        let key = match who {
            Who::Account(subject) => self.key("rate of polls, account", subject.as_bytes()),
            Who::Address(address) => self.address("rate of polls, address", address),
        };
        self.polls.admit([Some(key)], self.now())
    }

    /// Lets a login be tried, or whatever else tells accounts apart or sends mail; `email` is that of the
    /// account asked for, whether or not there is one.
    pub(crate) fn login(&self, address: IpAddr, email: Option<&str>) -> Result<Budget, ApiError> {
        let account =
            |email: &str| self.key("rate of logins, account", email.trim().to_lowercase().as_bytes());
        let address = self.address("rate of logins, address", address);
        self.logins.admit([Some(address), email.map(account)], self.now())
    }

    /// The limits that are on.
    fn limiters(&self) -> impl Iterator<Item = &Limiter> {
        self.votes.limiters().chain(self.polls.limiters()).chain(self.logins.limiters())
    }

    /// Nanoseconds since the start.
    fn now(&self) -> u64 {
        nanoseconds(self.started.elapsed())
    }

    fn address(&self, domain: &str, address: IpAddr) -> u64 {
        self.key(domain, &network(address))
    }

    fn key(&self, domain: &str, bytes: &[u8]) -> u64 {
        let [a, b, c, d, e, f, g, h, ..] = self.secret.hash(domain, bytes);
        u64::from_be_bytes([a, b, c, d, e, f, g, h])
    }
}

#[cfg(test)]
mod tests;
