//! The same key, the same answer: whoever sends a ballot again is told the same vote.

use super::Findings;
use super::case::Case;

/// Every ballot that was accepted more than once.
pub(super) fn check(case: &Case<'_>, findings: &mut Findings) {
    for submission in &case.history.submissions {
        let mut vote_ids = submission.vote_ids();
        let first = vote_ids.next();
        if vote_ids.any(|vote_id| Some(vote_id) != first) {
            findings.violated("another answer under the same key", case.story(&[submission]));
        }
    }
}

#[cfg(test)]
mod tests;
