//! Holds what clients were told against what is there in the end, rule by rule.
//!
//! Nothing here knows how the service does it. Every rule is a function of a [`Case`], and has tests with made-up
//! histories that violate it.

mod agreement;
mod answers;
mod case;
mod changes;
mod closing;
mod final_state;
mod final_votes;
mod leftovers;
#[cfg(test)]
mod made_up;
mod numbers;
mod replays;
mod versions;

use crate::history::History;
use crate::nemesis::Inflicted;
use crate::verdict::{Numbers, Verdict, Violation};

pub use final_state::{FinalState, PollState, Row, Source, VoteStatus};

use case::Case;

/// What a rule found.
#[derive(Debug, Default)]
struct Findings {
    violations: Vec<Violation>,
    /// Second ballots that read rejected, as they must.
    rejected: u64,
    /// Ballots that an emptied Redis took with it.
    lost_with_emptied_redis: u64,
    /// Ballots that count though that was never told.
    unknown_counted: u64,
}

impl Findings {
    fn violated(&mut self, rule: &'static str, detail: String) {
        self.violations.push(Violation { rule, detail });
    }
}

/// The verdict on a run.
pub fn check(history: &History, state: &FinalState, faults: &[Inflicted]) -> Verdict {
    let case = Case::new(history, state, faults);
    let mut findings = Findings::default();
    for rule in [
        final_votes::check,
        changes::check,
        answers::check,
        replays::check,
        versions::check,
        closing::check,
        agreement::check,
        leftovers::check,
    ] {
        rule(&case, &mut findings);
    }
    let numbers = Numbers {
        rejected: findings.rejected,
        lost_with_emptied_redis: findings.lost_with_emptied_redis,
        unknown_counted: findings.unknown_counted,
        ..numbers::of(history, state, faults)
    };
    Verdict { numbers, violations: findings.violations }
}
