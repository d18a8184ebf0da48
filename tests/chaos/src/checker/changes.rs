//! Where votes may be changed: what stands is the last of a voter's accepted ballots, changes and revokes, or one that
//! was never answered, which may take effect late.

use pollster_shared::vote::{Choices, Kind};

use super::case::Case;
use super::{Findings, VoteStatus};
use crate::history::{Outcome, Role, Submission};

/// The one question of these polls.
const QUESTION: u8 = 0;

/// Every voter on such polls.
pub(super) fn check(case: &Case<'_>, findings: &mut Findings) {
    for (poll, voter, events) in case.voters(&[Role::Changeable]) {
        let stands = case.stands(poll, voter, QUESTION).filter(|choices| !choices.is_empty());
        match explanation(events, stands) {
            Some(Explanation::Nothing) => {}
            Some(Explanation::Event(event)) => what_stands_reads_confirmed(case, event, findings),
            None => unexplained(case, events, stands, findings),
        }
        every_accepted_event_was_counted(case, events, findings);
        findings.unknown_counted += unknown_and_standing(events, stands);
    }
}

/// Why something stands.
enum Explanation<'a> {
    Event(&'a Submission),
    /// Nothing does, and nothing must.
    Nothing,
}

/// What the event leaves standing; `None` after a revoke.
fn leaves(event: &Submission) -> Option<Choices> {
    event.choices(QUESTION).filter(|choices| !choices.is_empty())
}

/// The event by which that stands, if one of those is there by which it may.
fn explanation<'a>(events: &[&'a Submission], stands: Option<Choices>) -> Option<Explanation<'a>> {
    if let Some(event) = last(events).into_iter().find(|event| leaves(event) == stands) {
        return Some(Explanation::Event(event));
    }
    let unknown = events.iter().find(|event| event.outcome() == Outcome::Unknown && leaves(event) == stands);
    if let Some(event) = unknown {
        return Some(Explanation::Event(event));
    }
    let none_accepted = events.iter().all(|event| event.outcome() != Outcome::Accepted);
    (none_accepted && stands.is_none()).then_some(Explanation::Nothing)
}

/// The last accepted event. If it is a second cast, which a Redis that was away or forgot lets pass, it may be refused
/// later: then those before it, too, up to the first that is none.
fn last<'a>(events: &[&'a Submission]) -> Vec<&'a Submission> {
    let mut last = Vec::new();
    let accepted = events.iter().rev().filter(|event| event.outcome() == Outcome::Accepted);
    for event in accepted {
        if last.iter().all(|later: &&Submission| later.kind == Kind::Cast)
            && (last.is_empty() || !is_revoke(event))
        {
            last.push(*event);
        } else {
            break;
        }
    }
    last
}

fn is_revoke(event: &Submission) -> bool {
    event.kind == Kind::Revoke
}

fn what_stands_reads_confirmed(case: &Case<'_>, event: &Submission, findings: &mut Findings) {
    let Some(vote_id) = event.vote_id() else { return };
    let status = case.state.statuses.get(&vote_id);
    // Accepted and no more: lost, which is judged below. After a lost revoke, too, nothing may stand.
    if !matches!(status, Some(VoteStatus::Confirmed | VoteStatus::Accepted)) {
        findings.violated("status", format!("stands, reads {status:?}: {}", case.story(&[event])));
    }
}

/// Nothing that must be there stands: the named exception, or a violation.
fn unexplained(case: &Case<'_>, events: &[&Submission], stands: Option<Choices>, findings: &mut Findings) {
    let excused = events.iter().any(|event| case.excuse(event).is_some());
    if !excused || !may_stand_after_a_loss(events, stands) {
        let story = case.story(events);
        findings.violated("not the last change stands", format!("stands: {stands:?}; {story}"));
    }
}

/// Whether that may stand though Redis has lost what was not committed: some event from the last one on that was seen
/// confirmed, or one of which an unanswered attempt may have come late; nothing, if nothing was seen confirmed.
fn may_stand_after_a_loss(events: &[&Submission], stands: Option<Choices>) -> bool {
    let confirmed = events.iter().rposition(|event| event.confirmed_at().is_some());
    let may_be_late = |event: &Submission| event.attempts.iter().any(|attempt| attempt.answer.is_unknown());
    let mut candidates = events.iter().enumerate().filter(|(place, event)| {
        let since = confirmed.is_none_or(|confirmed| *place >= confirmed);
        event.outcome() != Outcome::Refused && since || may_be_late(event)
    });
    candidates.any(|(_, event)| leaves(event) == stands) || stands.is_none() && confirmed.is_none()
}

/// An accepted event that was replaced reads `confirmed` all the same; a second cast may read `rejected`.
fn every_accepted_event_was_counted(case: &Case<'_>, events: &[&Submission], findings: &mut Findings) {
    for event in events.iter().filter(|event| event.outcome() == Outcome::Accepted) {
        let status = event.vote_id().and_then(|vote_id| case.state.statuses.get(&vote_id)).copied();
        let was_confirmed = event.confirmed_at().is_some();
        match status {
            Some(VoteStatus::Confirmed | VoteStatus::Replaced) => {}
            Some(VoteStatus::Rejected) if event.kind == Kind::Cast && !was_confirmed => {
                findings.rejected += 1;
            }
            Some(VoteStatus::Accepted) => match case.excuse(event) {
                Some(loss) => findings.note_lost(loss),
                None => findings.violated("lost", case.story(events)),
            },
            _ => {
                let story = case.story(events);
                let key = &event.key;
                findings.violated("status", format!("{key} was accepted, reads {status:?}: {story}"));
            }
        }
    }
}

fn unknown_and_standing(events: &[&Submission], stands: Option<Choices>) -> u64 {
    let unknown = events.iter().filter(|event| event.outcome() == Outcome::Unknown);
    unknown.filter(|event| stands.is_some() && leaves(event) == stands).count() as u64
}

#[cfg(test)]
mod tests;
