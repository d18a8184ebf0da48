//! What a run comes to.

use std::fmt;

use crate::recovery::{Recovery, write_table};

/// Violations that are told in full; there may be one a vote.
const TOLD: usize = 25;

/// A rule that did not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The rule, in a word or two.
    pub rule: &'static str,
    /// What was found, with what clients were told of it.
    pub detail: String,
}

/// How much there was.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Numbers {
    /// Ballots sent, each under its key.
    pub ballots: u64,
    /// Attempts to have them accepted.
    pub attempts: u64,
    /// Ballots that were accepted.
    pub accepted: u64,
    /// Of these, those that were first answered as confirmed: written past the streams.
    pub confirmed_directly: u64,
    /// Of the accepted ones, second ballots that were told later that they do not count.
    pub rejected: u64,
    /// Ballots that were refused.
    pub refused: u64,
    /// Ballots whose outcome was never told.
    pub unknown: u64,
    /// Of these, those that count.
    pub unknown_counted: u64,
    /// Accepted ballots that are gone with the memory of an emptied Redis.
    pub lost_with_emptied_redis: u64,
    /// Accepted ballots that no replica of Redis had when it took over, where none had to.
    pub lost_at_takeovers: u64,
    /// Responses that count, over all polls.
    pub responses: u64,
    /// Counts shown to viewers and readers.
    pub sightings: u64,
    /// Connections that viewers made.
    pub connections: u64,
    /// Faults inflicted.
    pub faults: u64,
}

/// The verdict.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verdict {
    /// How much there was.
    pub numbers: Numbers,
    /// How long clients waited when a server was hurt.
    pub recoveries: Vec<Recovery>,
    /// What did not hold.
    pub violations: Vec<Violation>,
}

impl Verdict {
    /// Whether everything held.
    pub fn passed(&self) -> bool {
        self.violations.is_empty()
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.numbers)?;
        write_table(f, &self.recoveries)?;
        for violation in self.violations.iter().take(TOLD) {
            writeln!(f, "VIOLATED {}: {}", violation.rule, violation.detail)?;
        }
        if self.violations.len() > TOLD {
            writeln!(f, "and {} violations more", self.violations.len() - TOLD)?;
        }
        match self.violations.len() {
            0 => match self.numbers.lost_at_takeovers {
                0 => f.write_str("PASSED: nothing lost, nothing twice, all counts agree"),
                lost => write!(f, "PASSED: {lost} lost at takeovers, nothing twice, all counts agree"),
            },
            count => write!(f, "FAILED: {count} violations ({})", self.by_rule()),
        }
    }
}

impl Verdict {
    /// How often each rule was violated.
    fn by_rule(&self) -> String {
        let mut rules: Vec<(&str, usize)> = Vec::new();
        for violation in &self.violations {
            match rules.iter_mut().find(|(rule, _)| *rule == violation.rule) {
                Some((_, count)) => *count += 1,
                None => rules.push((violation.rule, 1)),
            }
        }
        rules.iter().map(|(rule, count)| format!("{rule} {count}")).collect::<Vec<_>>().join(", ")
    }
}

impl fmt::Display for Numbers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { ballots, attempts, accepted, confirmed_directly, rejected, refused, unknown, .. } = self;
        writeln!(f, "{:>8} faults", self.faults)?;
        writeln!(f, "{ballots:>8} ballots in {attempts} attempts")?;
        writeln!(f, "{accepted:>8} accepted, {confirmed_directly} of them confirmed directly")?;
        writeln!(f, "{rejected:>8} of them second ballots, rejected afterwards")?;
        writeln!(f, "{refused:>8} refused")?;
        writeln!(f, "{unknown:>8} never answered, {} of them counted", self.unknown_counted)?;
        writeln!(f, "{:>8} lost with an emptied Redis", self.lost_with_emptied_redis)?;
        writeln!(f, "{:>8} lost when a replica took over that did not have them", self.lost_at_takeovers)?;
        writeln!(f, "{:>8} responses count", self.responses)?;
        write!(f, "{:>8} results seen over {} connections", self.sightings, self.connections)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verdict_says_how_often_which_rule_was_violated() {
        let violation = |rule| Violation { rule, detail: "a vote".to_owned() };
        let violations = vec![violation("lost"), violation("twice"), violation("lost")];
        let verdict = Verdict { violations, ..Verdict::default() };
        assert!(!verdict.passed());
        let told = verdict.to_string();
        assert!(told.contains("VIOLATED lost: a vote\n"), "{told}");
        assert!(told.ends_with("FAILED: 3 violations (lost 2, twice 1)"), "{told}");
    }

    #[test]
    fn violations_without_end_are_cut_short() {
        let violations = vec![Violation { rule: "lost", detail: "a vote".to_owned() }; TOLD + 2];
        let told = Verdict { violations, ..Verdict::default() }.to_string();
        assert_eq!(told.matches("VIOLATED").count(), TOLD);
        assert!(told.contains("and 2 violations more"), "{told}");
    }

    #[test]
    fn what_was_lost_at_takeovers_is_never_told_as_nothing() {
        let numbers = Numbers { lost_at_takeovers: 3, ..Numbers::default() };
        let told = Verdict { numbers, ..Verdict::default() }.to_string();
        assert!(told.ends_with("PASSED: 3 lost at takeovers, nothing twice, all counts agree"), "{told}");
    }

    #[test]
    fn without_violations_it_is_passed() {
        assert!(
            Verdict::default().to_string().ends_with("PASSED: nothing lost, nothing twice, all counts agree")
        );
    }
}
