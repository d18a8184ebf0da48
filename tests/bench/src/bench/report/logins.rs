//! Votes while invalid logins arrive.

use std::time::Duration;

use serde::Serialize;

use super::Latency;
use crate::bench::logins::{Answers, Senders};
use crate::bench::votes::Window;

/// Votes before, during and after a flood of invalid logins.
#[derive(Debug, Clone, Serialize)]
pub struct LoginFlood {
    /// Where the logins come from.
    pub senders: Senders,
    /// What was sent, and the answers.
    pub logins: Answers,
    /// Passwords hashed for them.
    pub hashed: u64,
    /// Votes without logins, before.
    pub before: Phase,
    /// Votes while logins are sent.
    pub during: Phase,
    /// Votes without logins, after the last answer to one.
    pub after: Phase,
    /// The rate of votes during the flood, as a part of the mean of those before and after.
    pub ratio: f64,
}

/// Votes for some time.
#[derive(Debug, Clone, Serialize)]
pub struct Phase {
    /// How long was measured.
    pub seconds: f64,
    /// Votes accepted a second.
    pub accepted_per_second: f64,
    /// Votes not accepted.
    pub failed: u64,
    /// How long an accepted vote's request took.
    pub latency: Latency,
}

impl LoginFlood {
    pub(in crate::bench) fn new(senders: Senders, logins: Answers, hashed: u64, phases: [Phase; 3]) -> Self {
        let [before, during, after] = phases;
        let around = f64::midpoint(before.accepted_per_second, after.accepted_per_second);
        let ratio = during.accepted_per_second / around;
        Self { senders, logins, hashed, before, during, after, ratio }
    }
}

impl Phase {
    /// What was answered in this time.
    pub(in crate::bench) fn of(window: Window, time: Duration) -> Self {
        let seconds = time.as_secs_f64();
        let accepted_per_second = window.latencies.len() as f64 / seconds;
        let latency = Latency::of(window.latencies);
        Self { seconds, accepted_per_second, failed: window.failed, latency }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn phase(votes: u64, seconds: u64) -> Phase {
        let latencies = (1..=votes).map(Duration::from_millis).collect();
        Phase::of(Window { latencies, failed: 3 }, Duration::from_secs(seconds))
    }

    #[test]
    fn a_phase_is_a_rate_and_latencies() {
        let phase = phase(100, 4);
        assert_eq!((phase.seconds, phase.accepted_per_second, phase.failed), (4.0, 25.0, 3));
        assert_eq!((phase.latency.samples, phase.latency.p99_ms), (100, 99.0));
    }

    #[test]
    fn a_flood_is_compared_with_the_mean_of_before_and_after() {
        let phases = [phase(400, 4), phase(100, 2), phase(200, 4)];
        let flood = LoginFlood::new(Senders::OneAddress, Answers::default(), 0, phases);
        assert!((flood.ratio - 50.0 / 75.0).abs() < 1e-9, "{}", flood.ratio);
    }
}
