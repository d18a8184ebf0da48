//! How much there was.

use super::FinalState;
use crate::history::{Answer, History, Outcome, Submission};
use crate::nemesis::Inflicted;
use crate::verdict::Numbers;

/// What can be counted without a rule.
pub(super) fn of(history: &History, state: &FinalState, faults: &[Inflicted]) -> Numbers {
    let with = |outcome| history.submissions.iter().filter(move |it| it.outcome() == outcome);
    Numbers {
        ballots: history.submissions.len() as u64,
        attempts: history.submissions.iter().map(|submission| submission.attempts.len() as u64).sum(),
        accepted: with(Outcome::Accepted).count() as u64,
        confirmed_directly: with(Outcome::Accepted).filter(|submission| is_direct(submission)).count() as u64,
        refused: with(Outcome::Refused).count() as u64,
        unknown: with(Outcome::Unknown).count() as u64,
        responses: state.polls.iter().filter_map(|poll| poll.sources.first()).map(total).sum(),
        sightings: history.tracks.iter().map(|track| track.sightings.len() as u64).sum(),
        connections: history.tracks.iter().map(|track| track.connections as u64).sum(),
        faults: faults.len() as u64,
        ..Numbers::default()
    }
}

fn is_direct(submission: &Submission) -> bool {
    let first = submission.accepted().map(|attempt| &attempt.answer);
    matches!(first, Some(Answer::Accepted { confirmed: true, .. }))
}

fn total(source: &super::Source) -> u64 {
    source.counts.total.unsigned_abs()
}

#[cfg(test)]
mod tests;
