//! The days and weeks that digests are of.

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, Utc};
use clap::ValueEnum;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::accounts::DigestChoice;

/// How long a digest covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Period {
    /// A day, in UTC.
    Daily,
    /// A week from its Monday (ISO 8601), in UTC.
    Weekly,
}

/// A day or a week.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Which of the two.
    pub period: Period,
    /// Its first moment.
    pub from: DateTime<Utc>,
    /// The first moment after it.
    pub to: DateTime<Utc>,
}

impl Period {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Daily, Self::Weekly];

    /// What accounts choose that want it.
    pub fn choice(self) -> DigestChoice {
        match self {
            Self::Daily => DigestChoice::Daily,
            Self::Weekly => DigestChoice::Weekly,
        }
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Daily => "daily",
            Self::Weekly => "weekly",
        }
    }

    /// The last one that is over at `now`.
    pub fn last(self, now: DateTime<Utc>) -> Span {
        let today = now.date_naive();
        let (days, to) = match self {
            Self::Daily => (1, today),
            Self::Weekly => {
                let since_monday = u64::from(today.weekday().num_days_from_monday());
                (7, today - Days::new(since_monday))
            }
        };
        Span { period: self, from: midnight(to - Days::new(days)), to: midnight(to) }
    }
}

impl Span {
    /// The event that an account's digest of it is.
    pub fn event(&self, user_id: Uuid) -> String {
        format!("digest:{}:{user_id}:{}", self.period.name(), self.from.date_naive())
    }
}

fn midnight(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(NaiveTime::MIN).and_utc()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn last(period: Period, now: &str) -> (DateTime<Utc>, DateTime<Utc>) {
        let Span { from, to, .. } = period.last(at(now));
        (from, to)
    }

    #[test]
    fn the_last_day_is_yesterday() {
        let yesterday = (at("2026-02-28T00:00:00Z"), at("2026-03-01T00:00:00Z"));
        assert_eq!(last(Period::Daily, "2026-03-01T00:00:00Z"), yesterday);
        assert_eq!(last(Period::Daily, "2026-03-01T23:59:59Z"), yesterday);
    }

    #[test]
    fn the_last_week_went_from_monday_to_sunday_also_over_a_year_s_end() {
        let week = (at("2026-12-28T00:00:00Z"), at("2027-01-04T00:00:00Z"));
        assert_eq!(last(Period::Weekly, "2027-01-04T00:00:00Z"), week);
        assert_eq!(last(Period::Weekly, "2027-01-10T23:59:59Z"), week);
        assert_ne!(last(Period::Weekly, "2027-01-03T23:59:59Z"), week);
    }

    #[test]
    fn an_event_names_period_account_and_day() {
        let span = Period::Daily.last(at("2026-11-22T10:00:00Z"));
        assert_eq!(span.event(Uuid::nil()), format!("digest:daily:{}:2026-11-21", Uuid::nil()));
    }
}
