//! Which milestones a commit crosses.

use super::places::{Places, PollPlace};
use crate::milestones::{Crossing, Thresholds};
use crate::tallies::{Deltas, Locked};

/// The thresholds between what the polls had, `locked`, and what they have with `deltas`: their own, else the
/// `defaults`.
pub(super) fn crossings(
    places: &Places,
    locked: &Locked,
    deltas: &Deltas,
    defaults: &Thresholds,
) -> Vec<Crossing> {
    let of_poll = |(poll, responses)| {
        let PollPlace { poll_id, milestones } = places.poll(poll)?;
        let before = locked.total(poll);
        let total_votes = before + responses;
        let crossed = milestones.as_ref().unwrap_or(defaults).crossed(before, total_votes);
        Some(crossed.map(move |threshold| Crossing { poll, poll_id: *poll_id, threshold, total_votes }))
    };
    deltas.polls().filter_map(of_poll).flatten().collect()
}
