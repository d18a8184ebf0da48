//! Nudges: a reminder to accounts that have not voted in a while.
//!
//! An account's last vote is looked for in the polls that took votes in the last [`REMEMBERED`]: an account whose last
//! vote was in an older one has left, and is left alone.

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::digests::day;

/// How long an account has not voted that is nudged.
pub const AWAY: TimeDelta = TimeDelta::days(14);
/// How far back its last vote is looked for.
pub const REMEMBERED: TimeDelta = TimeDelta::days(90);
/// Least time between two nudges.
pub const PAUSE: TimeDelta = TimeDelta::days(30);

/// What a nudge's notification holds as its `data`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct NudgeData {
    /// When the account voted last.
    pub last_voted_at: DateTime<Utc>,
}

impl NudgeData {
    /// What it says, as a sentence.
    pub fn message(&self) -> String {
        format!("You have not voted since {}.", self.last_day())
    }

    /// The day of the last vote.
    pub(crate) fn last_day(&self) -> String {
        day(self.last_voted_at)
    }
}

/// The event that a nudge at `now` is: the same for as long as there may be no other.
pub fn event(user_id: Uuid, now: DateTime<Utc>) -> String {
    let days = now.date_naive().signed_duration_since(NaiveDate::default()).num_days();
    let into = days.rem_euclid(PAUSE.num_days());
    format!("nudge:{user_id}:{}", now.date_naive() - Days::new(into.unsigned_abs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nudges_of_the_same_30_days_are_one_event() {
        let start: DateTime<Utc> = "2026-11-01T00:00:00Z".parse().unwrap();
        let events: Vec<String> =
            (0..60).map(|day| event(Uuid::nil(), start + TimeDelta::days(day))).collect();
        let mut distinct = events.clone();
        distinct.dedup();
        assert!((2..=3).contains(&distinct.len()), "{distinct:?}");
        assert!(events.chunk_by(|one, next| one == next).all(|same| same.len() <= 30));
        assert_ne!(event(Uuid::nil(), start), event(Uuid::max(), start));
    }
}
