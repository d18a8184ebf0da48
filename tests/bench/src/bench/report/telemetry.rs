//! What metrics and traces cost.

use serde::Serialize;

use super::Phase;
use super::topologies::spread;

/// Votes under each of some amounts of telemetry.
#[derive(Debug, Clone, Serialize)]
pub struct CostOfTelemetry {
    /// With neither metrics read nor traces told.
    pub without: WithTelemetry,
    /// With some.
    pub with: Vec<WithTelemetry>,
}

/// Votes under one amount of it.
#[derive(Debug, Clone, Serialize)]
pub struct WithTelemetry {
    /// How much.
    pub telemetry: &'static str,
    /// Votes accepted a second, the median of the rounds.
    pub accepted_per_second: f64,
    /// The rate as a part of that of the same round without: the smallest, the median, the largest.
    pub ratios: [f64; 3],
    /// CPU time of gateway and aggregator an accepted vote, in microseconds: the median of the rounds.
    pub cpu_us: f64,
    /// It as a part of that of the same round without.
    pub cpu_ratios: [f64; 3],
}

/// Votes under one amount of it in one round.
#[derive(Debug, Clone)]
pub(in crate::bench) struct TelemetryRound {
    pub(in crate::bench) phase: Phase,
    /// CPU time of gateway and aggregator an accepted vote, in microseconds.
    pub(in crate::bench) cpu_us: f64,
}

impl CostOfTelemetry {
    /// Of these rounds, each with one of each amount; the first is without.
    pub(in crate::bench) fn of<const N: usize>(
        amounts: [&'static str; N],
        rounds: &[Vec<TelemetryRound>],
    ) -> Self {
        let mut all = amounts.into_iter().enumerate().map(|(number, telemetry)| {
            let spread_of = |figure: &dyn Fn(&TelemetryRound) -> f64, is_ratio: bool| {
                let of_round = |round: &Vec<TelemetryRound>| {
                    figure(&round[number]) / if is_ratio { figure(&round[0]) } else { 1.0 }
                };
                spread(rounds.iter().map(of_round).collect())
            };
            let rate = |round: &TelemetryRound| round.phase.accepted_per_second;
            let cpu = |round: &TelemetryRound| round.cpu_us;
            WithTelemetry {
                telemetry,
                accepted_per_second: spread_of(&rate, false)[1],
                ratios: spread_of(&rate, true),
                cpu_us: spread_of(&cpu, false)[1],
                cpu_ratios: spread_of(&cpu, true),
            }
        });
        let Some(without) = all.next() else { unreachable!("there is one without") };
        Self { without, with: all.collect() }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::bench::votes::Window;

    #[test]
    fn each_round_is_compared_with_itself() {
        let round = |(votes, cpu_us)| {
            let window = Window { latencies: vec![Duration::from_millis(1); votes], failed: 0 };
            TelemetryRound { phase: Phase::of(window, Duration::from_secs(1)), cpu_us }
        };
        let rounds = [[(100, 10.0), (90, 11.0)], [(10, 40.0), (10, 40.0)], [(50, 20.0), (40, 24.0)]];
        let rounds = rounds.map(|rounds| rounds.map(round).to_vec());
        let cost = CostOfTelemetry::of(["neither", "all"], &rounds);
        assert_eq!((cost.without.accepted_per_second, cost.without.ratios), (50.0, [1.0; 3]));
        let [all] = &cost.with[..] else { panic!("{cost:?}") };
        assert_eq!((all.accepted_per_second, all.ratios), (40.0, [0.8, 0.9, 1.0]));
        assert_eq!((all.cpu_us, all.cpu_ratios), (24.0, [1.0, 1.1, 1.2]));
    }
}
