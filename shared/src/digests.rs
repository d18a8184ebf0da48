//! Digests: what became, in a day or a week, of the polls that an account made or voted in.

mod period;
mod polls;

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use diesel::{ExpressionMethods, QueryDsl, QueryResult};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::{Deserialize, Serialize};

use crate::schema::notifications;

pub use period::{Period, Span};
pub use polls::{Summary, made, summaries};

/// What a digest's notification holds as its `data`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DigestData {
    /// How long it covers.
    pub period: Period,
    /// From when.
    pub from: DateTime<Utc>,
    /// The polls, newest first.
    pub polls: Vec<DigestPoll>,
    /// How many more there are.
    pub more: usize,
}

/// A poll of a digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DigestPoll {
    /// Its title.
    pub title: String,
    /// Its page.
    pub url: String,
    /// Where it stands: `active`, `closed` or `archived`.
    pub status: String,
    /// Its responses; none where they are hidden from who gets the digest.
    pub total_votes: Option<i64>,
}

impl DigestData {
    /// The days that it covers, as they stand in a sentence.
    pub fn span(&self) -> String {
        let day = day(self.from);
        match self.period {
            Period::Daily => format!("on {day}"),
            Period::Weekly => format!("in the week from {day}"),
        }
    }

    /// What it says, as a sentence.
    pub fn message(&self) -> String {
        let span = self.span();
        match self.polls.len() + self.more {
            1 => format!("1 poll that you made or voted in was open {span}."),
            polls => format!("{polls} polls that you made or voted in were open {span}."),
        }
    }
}

/// A day as people write it.
pub(crate) fn day(at: DateTime<Utc>) -> String {
    at.format("%-d %B %Y").to_string()
}

/// Those of these events that are recorded as notifications.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn recorded(connection: &mut AsyncPgConnection, events: &[String]) -> QueryResult<HashSet<String>> {
    let known = notifications::table.filter(notifications::event.eq_any(events)).select(notifications::event);
    Ok(known.load::<String>(connection).await?.into_iter().collect())
}
