//! What Redis was told of a gateway's viewers, and what it is to be told next.

use std::collections::HashMap;
use std::mem;
use std::sync::Arc;

use tokio::time::Instant;
use uuid::Uuid;

use super::{CONCURRENT, EVERY, ROUND};
use crate::live::watch::Watch;

/// Rounds from one report of a poll to the next.
const ROUNDS: usize = (EVERY.as_secs() / ROUND.as_secs()) as usize;

/// The polls whose viewers here were reported and not withdrawn since, and when they were last.
#[derive(Debug, Default)]
pub(super) struct Reported(HashMap<Uuid, Instant>);

impl Reported {
    /// Those of `audiences` that are to be reported in the round of `now`, and notes that they were: whoever
    /// waits longest first. A round takes its share only, so that polls which were all joined at once spread
    /// over the rounds. What fails has its turn again as if it had not.
    pub(super) fn take_due(&mut self, audiences: HashMap<Uuid, Arc<Watch>>, now: Instant) -> Vec<Arc<Watch>> {
        let share = audiences.len().div_ceil(ROUNDS).max(CONCURRENT);
        let is_due = |watch: &Arc<Watch>| self.0.get(&watch.poll_id).is_none_or(|&last| now - last >= EVERY);
        let mut due: Vec<Arc<Watch>> = audiences.into_values().filter(is_due).collect();
        due.sort_by_cached_key(|watch| self.0.get(&watch.poll_id).copied());
        due.truncate(share);
        self.0.extend(due.iter().map(|watch| (watch.poll_id, now)));
        due
    }

    /// Those that are to be withdrawn, as they are none of `audiences` any more, and notes that they were.
    pub(super) fn take_ended(&mut self, audiences: &HashMap<Uuid, Arc<Watch>>) -> Vec<Uuid> {
        let ended = self.0.extract_if(|poll_id, _| !audiences.contains_key(poll_id));
        ended.map(|(poll_id, _)| poll_id).collect()
    }

    /// All of them, to be withdrawn.
    pub(super) fn take_all(&mut self) -> Vec<Uuid> {
        mem::take(&mut self.0).into_keys().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn polls(number: usize) -> HashMap<Uuid, Arc<Watch>> {
        let watches = std::iter::repeat_with(|| Watch::new(Uuid::new_v4())).take(number);
        watches.map(|watch| (watch.poll_id, Arc::new(watch))).collect()
    }

    fn ids(watches: &[Arc<Watch>]) -> Vec<Uuid> {
        let mut ids: Vec<Uuid> = watches.iter().map(|watch| watch.poll_id).collect();
        ids.sort_unstable();
        ids
    }

    #[test]
    fn a_poll_is_reported_at_once_and_then_every_few_seconds() {
        let (mut reported, audiences) = (Reported::default(), polls(2));
        let start = Instant::now();
        let mut rounds = (0..=2 * ROUNDS as u32).map(|round| start + round * ROUND);
        let due: Vec<usize> =
            rounds.by_ref().map(|now| reported.take_due(audiences.clone(), now).len()).collect();
        assert_eq!(due, [2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2]);
    }

    #[test]
    fn ten_thousand_polls_joined_at_once_are_reported_a_fifth_a_round() {
        let (mut reported, audiences) = (Reported::default(), polls(10_000));
        let start = Instant::now();
        let rounds: Vec<Vec<Uuid>> =
            (0..10).map(|round| ids(&reported.take_due(audiences.clone(), start + round * ROUND))).collect();
        assert!(rounds.iter().all(|due| due.len() == 2_000));
        let mut all = rounds[..5].concat();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 10_000, "each once");
        assert_eq!(rounds[..5], rounds[5..], "and in the same order again");
    }

    #[test]
    fn who_waits_longest_is_first() {
        let (mut reported, mut audiences) = (Reported::default(), polls(CONCURRENT));
        let now = Instant::now();
        let known = ids(&reported.take_due(audiences.clone(), now));
        // More than a round takes are due at once: those that were never reported go first.
        let new = polls(CONCURRENT);
        audiences.extend(new.clone());
        let due = reported.take_due(audiences.clone(), now + EVERY);
        assert_eq!(ids(&due), ids(&new.into_values().collect::<Vec<_>>()));
        assert_eq!(ids(&reported.take_due(audiences, now + EVERY + ROUND)), known);
    }

    #[test]
    fn what_was_reported_and_has_no_viewers_any_more_is_withdrawn_once() {
        let (mut reported, mut audiences) = (Reported::default(), polls(3));
        let now = Instant::now();
        reported.take_due(audiences.clone(), now);
        let left = *audiences.keys().next().unwrap();
        let watch = audiences.remove(&left).unwrap();
        assert_eq!(reported.take_ended(&audiences), [left]);
        assert!(reported.take_ended(&audiences).is_empty());
        // Whoever comes back is as new.
        audiences.insert(left, watch);
        assert_eq!(ids(&reported.take_due(audiences, now + ROUND)), [left]);
        assert_eq!(reported.take_all().len(), 3);
        assert!(reported.take_all().is_empty());
    }
}
