//! A closed poll takes nothing any more, and what is final stays as it is.

use std::time::Instant;

use super::Findings;
use super::case::Case;
use crate::history::Role;

/// Every poll that was closed.
pub(super) fn check(case: &Case<'_>, findings: &mut Findings) {
    for poll in case.history.polls_of(Role::Closing) {
        if !case.state.polls[poll].is_final {
            findings.violated("closed, yet not final", format!("poll {poll}"));
        }
        if let Some(since) = case.history.final_since(poll) {
            nothing_is_accepted_after(case, poll, since, findings);
            nothing_changes_after(case, poll, findings);
        }
    }
}

fn nothing_is_accepted_after(case: &Case<'_>, poll: usize, since: Instant, findings: &mut Findings) {
    let of_poll = case.history.submissions.iter().filter(|submission| submission.poll == poll);
    let late = of_poll.filter(|submission| submission.first_sent().is_some_and(|sent| sent > since));
    for submission in late.filter(|submission| submission.accepted().is_some()) {
        let since = case.history.second(since);
        let story = case.story(&[submission]);
        findings.violated("accepted after the end", format!("final since {since}: {story}"));
    }
}

fn nothing_changes_after(case: &Case<'_>, poll: usize, findings: &mut Findings) {
    let tracks = case.history.tracks.iter().filter(|track| track.poll == poll);
    let sightings: Vec<_> = tracks.flat_map(|track| &track.sightings).collect();
    let Some(first) = sightings.iter().find(|sighting| sighting.is_final) else { return };
    let others = sightings.iter().filter(|sighting| sighting.is_final || sighting.version > first.version);
    for other in others.filter(|other| other.counts != first.counts) {
        let at = case.history.second(other.at);
        let (first, other) = (&first.counts, &other.counts);
        findings.violated("changed after the end", format!("poll {poll}: {first:?}, at {at} {other:?}"));
    }
    if case.state.polls[poll].sources.iter().any(|source| source.counts != first.counts) {
        let first = &first.counts;
        findings.violated("changed after the end", format!("poll {poll}: {first:?}, and another in the end"));
    }
}

#[cfg(test)]
mod tests;
