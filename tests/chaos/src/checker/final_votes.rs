//! Where votes are final: of a voter's accepted ballots for a question exactly one counts, and reads `confirmed`; the
//! others read `rejected`. A ballot that was refused does not count; one that was never answered may, once.

use std::collections::HashSet;

use super::case::Case;
use super::{Findings, VoteStatus};
use crate::history::{Once, Outcome, Role, Submission};

const FINAL: [Role; 4] = [Role::Single, Role::Survey, Role::Address, Role::Closing];

/// All of these.
pub(super) fn check(case: &Case<'_>, findings: &mut Findings) {
    every_response_is_somebodys(case, findings);
    for (_, _, submissions) in case.voters(&FINAL) {
        for submission in submissions {
            match submission.outcome() {
                Outcome::Accepted => accepted_counts_or_is_rejected(case, submission, findings),
                Outcome::Refused => refused_does_not_count(case, submission, findings),
                Outcome::Unknown => findings.unknown_counted += u64::from(case.counts(submission)),
            }
            counts_as_a_whole(case, submission, findings);
        }
    }
    an_address_counts_once(case, findings);
}

/// One response a voter and question, and each is one that was sent.
fn every_response_is_somebodys(case: &Case<'_>, findings: &mut Findings) {
    let mut sent = HashSet::new();
    for submission in &case.history.submissions {
        let voter = case.hash(submission.voter);
        let answers = submission.answers();
        sent.extend(answers.map(|(question, choices)| (submission.poll, voter, question, choices)));
    }
    for (poll, state) in case.state.polls.iter().enumerate() {
        let mut seen = HashSet::new();
        for row in &state.rows {
            if !seen.insert((row.voter, row.question)) {
                findings.violated("counted twice", format!("poll {poll}: two responses, {row:?}"));
            }
            if !sent.contains(&(poll, row.voter, row.question, row.choices)) {
                findings.violated("counted, yet never cast", format!("poll {poll}: {row:?}"));
            }
        }
    }
}

fn accepted_counts_or_is_rejected(case: &Case<'_>, submission: &Submission, findings: &mut Findings) {
    let status = submission.vote_id().and_then(|vote_id| case.state.statuses.get(&vote_id)).copied();
    let told = |expected: &str| format!("reads {status:?}, not {expected}: {}", story(case, submission));
    if case.counts(submission) {
        if status != Some(VoteStatus::Confirmed) {
            findings.violated("status", told("confirmed"));
        }
        return;
    }
    // Of one that an emptied Redis took with it nobody knows that it was second to another.
    let is_forgotten = status == Some(VoteStatus::Accepted) && case.excuse(submission).is_some();
    if is_forgotten || !case.rivals(submission).any(|rival| case.counts(rival)) {
        return lost(case, submission, findings);
    }
    findings.rejected += 1;
    if submission.confirmed_at().is_some() {
        findings.violated("confirmed, then not counted", story(case, submission));
    }
    if status != Some(VoteStatus::Rejected) {
        findings.violated("status", told("rejected"));
    }
}

fn lost(case: &Case<'_>, submission: &Submission, findings: &mut Findings) {
    match case.excuse(submission) {
        Some(loss) => findings.note_lost(loss),
        None => findings.violated("lost", story(case, submission)),
    }
}

fn refused_does_not_count(case: &Case<'_>, submission: &Submission, findings: &mut Findings) {
    if case.counts(submission) {
        findings.violated("refused, yet counted", story(case, submission));
    }
}

/// All or none of a ballot's answers.
fn counts_as_a_whole(case: &Case<'_>, submission: &Submission, findings: &mut Findings) {
    let some = submission.answers().any(|answer| case.answer_counts(submission, answer));
    if some && !case.counts(submission) {
        findings.violated("counted in part", story(case, submission));
    }
}

fn an_address_counts_once(case: &Case<'_>, findings: &mut Findings) {
    let mut counted = HashSet::new();
    for submission in case.history.submissions.iter().filter(|submission| case.counts(submission)) {
        for address in submission.once().filter(|once| matches!(once, Once::Address(_))) {
            for (question, _) in submission.answers() {
                if !counted.insert((submission.poll, address, question)) {
                    findings.violated("an address counts twice", story(case, submission));
                }
            }
        }
    }
}

/// The ballot and its rivals.
fn story(case: &Case<'_>, submission: &Submission) -> String {
    let mut all = vec![submission];
    all.extend(case.rivals(submission));
    case.story(&all)
}

#[cfg(test)]
mod tests;
