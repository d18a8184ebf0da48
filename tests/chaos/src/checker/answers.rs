//! Answers are those that the interface promises: an outage is 503, and a refusal has its reason.

use super::Findings;
use super::case::Case;
use crate::history::{Answer, Outcome, Role, Submission};

/// Every answer to every attempt.
pub(super) fn check(case: &Case<'_>, findings: &mut Findings) {
    for submission in &case.history.submissions {
        let unexpected =
            submission.attempts.iter().find(|attempt| !is_expected(case, submission, &attempt.answer));
        if unexpected.is_some() {
            findings.violated("unexpected answer", case.story(&[submission]));
        }
        if was_told_of_another(submission) && !has_another(case, submission) {
            findings.violated("already voted, though nobody had", case.story(&[submission]));
        }
    }
}

fn is_expected(case: &Case<'_>, submission: &Submission, answer: &Answer) -> bool {
    match answer {
        Answer::Accepted { .. } | Answer::Nothing | Answer::NotSent => true,
        Answer::Unavailable(code) => code == "unavailable",
        Answer::Refused { code, .. } => match code.as_str() {
            "already_voted" | "idempotency_mismatch" | "overloaded" => true,
            "poll_closed" => case.history.polls[submission.poll].role == Role::Closing,
            "vote_not_found" => case.history.polls[submission.poll].role == Role::Changeable,
            _ => false,
        },
    }
}

fn was_told_of_another(submission: &Submission) -> bool {
    let code = |answer: &Answer| matches!(answer, Answer::Refused { code, .. } if code == "already_voted");
    submission.outcome() == Outcome::Refused
        && submission.attempts.iter().any(|attempt| code(&attempt.answer))
}

/// Whether another ballot was accepted, or may have been.
fn has_another(case: &Case<'_>, submission: &Submission) -> bool {
    case.rivals(submission).any(|rival| rival.outcome() != Outcome::Refused)
}

#[cfg(test)]
mod tests;
