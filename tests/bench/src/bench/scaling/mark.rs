//! Both ends of the measured time, and what kept the cores busy in between.

use std::io;
use std::time::{Duration, Instant};

use serde::Serialize;

use crate::bench::cpu;
use crate::bench::site::Site;

/// Cores on average: with 0.5, one was at it for half of the time.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Cores {
    /// Busy with all aggregators.
    pub aggregators: f64,
    /// Busy with Redis.
    pub redis: f64,
    /// Busy with PostgreSQL.
    pub postgres: f64,
    /// Busy with anything else on this machine.
    pub others: f64,
    /// Idle, or waiting for a disk.
    pub idle: f64,
}

/// What is noted at a moment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mark {
    at: Instant,
    /// Votes counted by all aggregators.
    pub(super) counted: u64,
    aggregators: Duration,
    redis: Duration,
    postgres: Duration,
    machine: [Duration; 2],
}

impl Mark {
    /// Now, when the aggregators of these processes have counted so many votes.
    pub(super) fn now(site: &Site<'_>, aggregators: &[u32], counted: u64) -> io::Result<Self> {
        let at = Instant::now();
        let of_aggregators = aggregators.iter().map(|&pid| cpu::of_tree(pid));
        Ok(Self {
            at,
            counted,
            aggregators: of_aggregators.sum::<io::Result<Duration>>()?,
            redis: cpu::of_tree(site.redis_pid())?,
            postgres: cpu::of_tree(site.postgres_pid())?,
            machine: cpu::of_machine()?,
        })
    }

    /// Seconds until `to`.
    pub(super) fn seconds_to(&self, to: &Self) -> f64 {
        (to.at - self.at).as_secs_f64()
    }

    /// What the cores did until `to`.
    pub(super) fn cores_to(&self, to: &Self) -> Cores {
        let seconds = self.seconds_to(to);
        let share = |time: fn(&Self) -> Duration| time(to).saturating_sub(time(self)).as_secs_f64() / seconds;
        let aggregators = share(|mark| mark.aggregators);
        let redis = share(|mark| mark.redis);
        let postgres = share(|mark| mark.postgres);
        let others = (share(|mark| mark.machine[0]) - aggregators - redis - postgres).max(0.0);
        Cores { aggregators, redis, postgres, others, idle: share(|mark| mark.machine[1]) }
    }
}
