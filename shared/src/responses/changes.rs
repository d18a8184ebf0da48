//! Votes that may be changed: a row in `responses` holds a voter's latest event, `response_changes` the
//! others.
//!
//! Events may be delivered twice, late or in the wrong order; their order is that of their stream ids. A
//! [`Ledger`] a voter and question takes each event once, whatever its delivery: the latest one stands,
//! and the tallies move by the difference between what stood before the commit and what stands after it.

mod ledger;
mod statements;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use diesel::QueryResult;
use diesel_async::AsyncPgConnection;
use uuid::Uuid;

use super::casts::delete;
use super::{Fate, Placed, Row};
use crate::tallies::Deltas;
use crate::vote::Kind;

use ledger::{Event, Ledger};
pub(super) use statements::{log_refused, logged};

/// Month, question and voter: the primary key of `responses`.
type Key = (NaiveDate, i64, Uuid);

/// The ledgers of all voters and questions of a commit, their rows locked.
#[derive(Debug, Default)]
pub(super) struct Ledgers(BTreeMap<Key, Ledger>);

impl Ledgers {
    /// Locks the rows of `ballots`, which are made where they are missing: a row that nobody else can make
    /// meanwhile. Reads what they and their logs hold.
    pub(super) async fn open(
        connection: &mut AsyncPgConnection,
        ballots: &[Placed<'_>],
    ) -> QueryResult<Self> {
        let rows = ballots.iter().flat_map(|ballot| &ballot.rows);
        let rows: BTreeMap<Key, Row> = rows.map(|row| (key(row), *row)).collect();
        if rows.is_empty() {
            return Ok(Self::default());
        }
        let rows: Vec<Row> = rows.into_values().collect();
        statements::ensure(connection, &rows).await?;
        let mut ledgers: BTreeMap<Key, Ledger> =
            rows.iter().map(|row| (key(row), Ledger::new(*row))).collect();
        for (key, event) in statements::lock(connection, &rows).await? {
            if let Some(ledger) = ledgers.get_mut(&key) {
                ledger.open(event);
            }
        }
        for (key, logged) in logged(connection, &rows).await? {
            if let Some(ledger) = ledgers.get_mut(&key) {
                ledger.remember(logged);
            }
        }
        Ok(Self(ledgers))
    }

    /// Has the ledgers of sealed polls take nothing any more.
    pub(super) fn seal(&mut self, sealed: &[i64]) {
        for ledger in self.0.values_mut() {
            ledger.sealed = sealed.contains(&ledger.row.place.poll);
        }
    }

    /// Records the ballots, which are in the order of their acceptance, and says what became of each.
    pub(super) fn record(&mut self, ballots: &[Placed<'_>], fates: &mut [Fate]) {
        for ballot in ballots {
            fates[ballot.rows[0].cast] = self.record_one(ballot);
        }
    }

    /// All of the ballot's answers, or none.
    fn record_one(&mut self, Placed { accepted, rows }: &Placed<'_>) -> Fate {
        let is_cast = accepted.cast.kind == Kind::Cast;
        let (mut refused, mut sealed) = (false, false);
        for row in rows {
            let Some(ledger) = self.0.get(&key(row)) else { continue };
            if let Some(fate) = ledger.known(&Event::of(row), is_cast) {
                if is_cast {
                    self.came_earlier(rows);
                }
                return fate;
            }
            refused |= is_cast && ledger.has_earlier(row.order);
            sealed |= ledger.sealed;
        }
        if sealed {
            return Fate::TooLate;
        }
        for row in rows {
            if let Some(ledger) = self.0.get_mut(&key(row)) {
                ledger.take(Event::of(row), refused);
            }
        }
        if refused { Fate::Refused } else { Fate::Inserted }
    }

    /// Gives casts that are known the place of these rows, where that comes before their own.
    fn came_earlier(&mut self, rows: &[Row]) {
        for row in rows {
            if let Some(ledger) = self.0.get_mut(&key(row)) {
                ledger.came_earlier(&Event::of(row));
            }
        }
    }

    /// Writes what has changed, and adds to `deltas` by how much. Rows that were made and that no event came to
    /// stand in go again.
    pub(super) async fn write(
        &self,
        connection: &mut AsyncPgConnection,
        deltas: &mut Deltas,
    ) -> QueryResult<()> {
        let (mut changed, mut log, mut empty) = (Vec::new(), Vec::new(), Vec::new());
        for ledger in self.0.values() {
            log.extend(ledger.to_log());
            if let Some(row) = ledger.changed() {
                deltas.replace(&row.place, ledger.before(), row.choices, row.submitted_at);
                changed.push(row);
            } else if ledger.is_empty() {
                empty.push(ledger.row);
            }
        }
        statements::log(connection, &log).await?;
        statements::update(connection, &changed).await?;
        delete(connection, &empty).await
    }
}

fn key(row: &Row) -> Key {
    (row.place.month, row.place.question, row.voter)
}
