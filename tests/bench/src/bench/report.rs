//! What a run found, as written by `--json`.

use std::time::Duration;

use serde::Serialize;

use super::percentile::percentile;

mod archive;
mod fan_out;
mod faults;
mod logins;
mod scaling;
mod telemetry;
mod topologies;

pub(super) use archive::Archive;
pub(super) use fan_out::{
    Ending, FanOut, FanOutCpu, LargeAudience, LiveVotes, Recovery, SilentViewers, Wave,
};
pub(super) use faults::{DirectVotes, FaultRecovery, Faults, Repetition};
pub(super) use logins::{LoginFlood, Phase};
pub(super) use scaling::{Drain, Limit, ScaledDrains, Scaling};
pub(super) use telemetry::{CostOfTelemetry, TelemetryRound, WithTelemetry};
pub(super) use topologies::TopologyRates;

/// The figures of one run; those that were not asked for are absent.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// The machine, which carries the load's generator as well.
    pub machine: Machine,
    /// Votes in a hot poll.
    #[serde(flatten)]
    pub hot_poll: Option<HotPoll>,
    /// Votes while invalid logins arrive, a flood each.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub login_floods: Vec<LoginFlood>,
    /// Results on their way to viewers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fan_out: Option<FanOut>,
    /// While a part is gone, and after its return.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub faults: Option<Faults>,
    /// A large poll's archive.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub archive: Option<Archive>,
    /// Votes with Redis and PostgreSQL as an installation may have them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub topologies: Vec<TopologyRates>,
    /// A backlog drained by more and more aggregators.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scaling: Option<Scaling>,
    /// What metrics and traces cost.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub telemetry: Option<CostOfTelemetry>,
}

/// Votes in a hot poll, beside what they are built on.
#[derive(Debug, Clone, Serialize)]
pub struct HotPoll {
    /// What the servers do by themselves.
    pub raw: Raw,
    /// CPU time that the gateway takes to verify an access token (HS256), in microseconds.
    pub token_verification_us: f64,
    /// The load.
    pub votes: Votes,
    /// From sending a vote until a viewer's frame holds it.
    pub visible: Latency,
    /// CPU time an accepted vote.
    pub cpu: Vec<CpuShare>,
}

/// The machine's state before the run.
#[derive(Debug, Clone, Serialize)]
pub struct Machine {
    /// Cores that may be used.
    pub cores: usize,
    /// Load average of the last minute; none where the system does not tell.
    pub load_average: Option<f64>,
}

/// Rates without the system.
#[derive(Debug, Clone, Serialize)]
pub struct Raw {
    /// Rows a second into PostgreSQL.
    pub inserts_per_second: f64,
    /// Entries a second into Redis.
    pub appends_per_second: f64,
}

/// Votes in one hot poll.
#[derive(Debug, Clone, Serialize)]
pub struct Votes {
    /// Votes under way at a time.
    pub connections: usize,
    /// How long was measured.
    pub seconds: f64,
    /// Votes accepted a second while measuring.
    pub accepted_per_second: f64,
    /// Votes not accepted while measuring.
    pub failed: u64,
    /// The last failure, if there was any.
    pub last_failure: Option<String>,
    /// All accepted votes of the run, warm-up included; the results show exactly as many.
    pub counted: u64,
    /// These a second, from the first vote until the results show the last one.
    pub counted_per_second: f64,
    /// From the last answer until the results show all votes, in milliseconds.
    pub drained_after_ms: f64,
    /// How long an accepted vote's request took.
    pub latency: Latency,
}

/// Percentiles in milliseconds.
#[derive(Debug, Clone, Serialize)]
pub struct Latency {
    /// How many were measured.
    pub samples: usize,
    /// Half took no longer.
    pub p50_ms: f64,
    /// 95 % took no longer.
    pub p95_ms: f64,
    /// 99 % took no longer.
    pub p99_ms: f64,
    /// None took longer.
    pub max_ms: f64,
}

/// A process's part of the CPU time.
#[derive(Debug, Clone, Serialize)]
pub struct CpuShare {
    /// The process, with its children.
    pub process: &'static str,
    /// Microseconds an accepted vote.
    pub microseconds_a_vote: f64,
}

impl Report {
    /// Without any figures.
    pub(super) fn empty(machine: Machine) -> Self {
        let (hot_poll, login_floods, fan_out, faults, archive) = (None, Vec::new(), None, None, None);
        let (topologies, scaling, telemetry) = (Vec::new(), None, None);
        Self { machine, hot_poll, login_floods, fan_out, faults, archive, topologies, scaling, telemetry }
    }

    /// As JSON, ending with a new line.
    pub fn to_json(&self) -> String {
        format!("{:#}\n", serde_json::json!(self))
    }
}

impl Latency {
    /// Of these samples, in any order.
    pub(super) fn of(mut samples: Vec<Duration>) -> Self {
        samples.sort_unstable();
        let ms = |percent| percentile(&samples, percent).as_secs_f64() * 1000.0;
        let [p50_ms, p95_ms, p99_ms, max_ms] = [50.0, 95.0, 99.0, 100.0].map(ms);
        Self { samples: samples.len(), p50_ms, p95_ms, p99_ms, max_ms }
    }
}

impl Machine {
    /// As it is now.
    pub(super) fn now() -> Self {
        let averages = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
        Self {
            cores: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            load_average: averages.split(' ').next().and_then(|average| average.parse().ok()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_measured_is_absent() {
        let machine = Machine { cores: 2, load_average: None };
        let report = Report::empty(machine);
        let json: serde_json::Value = serde_json::from_str(&report.to_json()).unwrap();
        assert_eq!(json, serde_json::json!({"machine": {"cores": 2, "load_average": null}}));
    }
}
