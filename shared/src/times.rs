//! Times that clients send.

use std::ops::RangeInclusive;

use chrono::{DateTime, Datelike, Utc};

/// The years that RFC 3339 can write (section 5.6). Ours are read from more, of which PostgreSQL does not keep all.
const YEARS: RangeInclusive<i32> = 0..=9999;
/// What such a time must be.
pub const TAKES: &str = "must be in a year from 0000 to 9999";

/// The time as it is kept: to the microsecond, as PostgreSQL does, and a leap second as the next one. `None` where it is
/// in a year that RFC 3339 can't write.
pub fn kept(time: DateTime<Utc>) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp_micros(time.timestamp_micros()).filter(|kept| YEARS.contains(&kept.year()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept_text(text: &str) -> Option<String> {
        kept(text.parse().unwrap()).map(|time| time.to_rfc3339())
    }

    #[test]
    fn times_are_kept_to_the_microsecond_and_without_leap_seconds() {
        for (text, as_kept) in [
            ("2030-12-31T23:59:59.123456789Z", "2030-12-31T23:59:59.123456+00:00"),
            ("2030-12-31T23:59:59.9999999Z", "2030-12-31T23:59:59.999999+00:00"),
            ("2030-12-31T23:59:60Z", "2031-01-01T00:00:00+00:00"),
            ("2030-12-31T23:59:60.5+01:00", "2030-12-31T23:00:00.500+00:00"),
            ("0000-01-01T00:00:00Z", "0000-01-01T00:00:00+00:00"),
            ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59+00:00"),
        ] {
            assert_eq!(kept_text(text).as_deref(), Some(as_kept), "{text}");
        }
    }

    #[test]
    fn years_that_rfc_3339_can_not_write_are_not_taken() {
        for text in [
            "-0001-12-31T23:59:59Z",
            "0000-01-01T00:00:00+01:00",
            "-4800-01-01T00:00:00Z",
            "-262143-01-01T00:00:00Z",
            "+10000-01-01T00:00:00Z",
            "9999-12-31T23:59:60Z",
            "+262142-12-31T23:59:59Z",
        ] {
            assert_eq!(kept_text(text), None, "{text}");
        }
    }
}
