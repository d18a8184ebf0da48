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
pub(crate) mod made_up;
mod numbers;
mod replays;
mod versions;

use crate::history::History;
use crate::nemesis::{Inflicted, Loss};
use crate::recovery::recoveries;
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
    /// Ballots that no replica had when one took over.
    lost_at_takeovers: u64,
    /// Ballots that count though that was never told.
    unknown_counted: u64,
}

impl Findings {
    fn violated(&mut self, rule: &'static str, detail: String) {
        self.violations.push(Violation { rule, detail });
    }

    /// An accepted ballot is gone by a named exception.
    fn note_lost(&mut self, loss: Loss) {
        match loss {
            Loss::Everything => self.lost_with_emptied_redis += 1,
            Loss::Unreplicated => self.lost_at_takeovers += 1,
        }
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
        lost_at_takeovers: findings.lost_at_takeovers,
        unknown_counted: findings.unknown_counted,
        ..numbers::of(history, state, faults)
    };
    Verdict { numbers, recoveries: recoveries(history, faults), violations: findings.violations }
}
