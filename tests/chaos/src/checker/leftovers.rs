//! Nothing waits in any queue, and nothing was set aside.

use super::Findings;
use super::case::Case;

/// What is left when all is healed.
pub(super) fn check(case: &Case<'_>, findings: &mut Findings) {
    if let Some(left) = &case.state.unsettled {
        findings.violated("left over", left.clone());
    }
    for letter in &case.state.dead_letters {
        findings.violated("dead letter", letter.clone());
    }
}

#[cfg(test)]
mod tests;
