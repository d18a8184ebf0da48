//! Votes that are final once cast: rows are inserted, or were there before, and never change.

mod rounds;
mod statements;

use std::collections::{HashMap, HashSet};

use diesel::QueryResult;
use diesel_async::AsyncPgConnection;
use uuid::Uuid;

use super::changes::log_refused;
use super::{Fate, Placed, Row};

pub(super) use statements::delete;
use statements::{addresses_taken, existing, insert as insert_rows};

/// Inserts the ballots' rows and says what became of each. Returns the rows that count.
pub(super) async fn insert(
    connection: &mut AsyncPgConnection,
    ballots: &[Placed<'_>],
    fates: &mut [Fate],
) -> QueryResult<Vec<Row>> {
    let mut inserted = Vec::with_capacity(ballots.len());
    for round in rounds::split(ballots) {
        let rows = round.into_iter().flat_map(|index| &ballots[index].rows).copied().collect();
        inserted.extend(insert_round(connection, rows, fates).await?);
    }
    Ok(inserted)
}

/// Takes the rows of sealed polls out again: they come too late.
pub(super) async fn take_back(
    connection: &mut AsyncPgConnection,
    inserted: &mut Vec<Row>,
    sealed: &[i64],
    fates: &mut [Fate],
) -> QueryResult<()> {
    let late: Vec<Row> = inserted.extract_if(.., |row| sealed.contains(&row.place.poll)).collect();
    late.iter().for_each(|row| fates[row.cast] = Fate::TooLate);
    delete(connection, &late).await
}

/// Inserts rows of ballots of which no two share a voter, or an address, and question. Returns those that
/// count.
async fn insert_round(
    connection: &mut AsyncPgConnection,
    mut rows: Vec<Row>,
    fates: &mut [Fate],
) -> QueryResult<Vec<Row>> {
    // In the order of their key, so that two commits can't lock each other out.
    rows.sort_unstable_by_key(|row| (row.place.month, row.key()));
    let inserted = insert_rows(connection, &rows).await?;
    if inserted.len() == rows.len() {
        rows.iter().for_each(|row| fates[row.cast] = Fate::Inserted);
        return Ok(rows);
    }
    let inserted: HashSet<(i64, Uuid)> = inserted.into_iter().collect();
    let found = existing(connection, &rows).await?;
    let taken = addresses_taken(connection, &rows).await?;
    settle(&rows, &inserted, &found, &taken, fates);
    // All or none: what a ballot that does not count has inserted goes again.
    let refused: Vec<Row> = rows.iter().filter(|row| fates[row.cast] == Fate::Refused).copied().collect();
    rows.retain(|row| inserted.contains(&row.key()));
    let undone: Vec<Row> = rows.extract_if(.., |row| fates[row.cast] != Fate::Inserted).collect();
    delete(connection, &undone).await?;
    log_refused(connection, &refused).await?;
    Ok(rows)
}

/// Decides the fate of each ballot of a round of which some rows were not inserted. `found` holds the
/// digests of all rows that are there now, the inserted ones included; `taken` the rows, by question and
/// voter, whose address has another voter's vote.
fn settle(
    rows: &[Row],
    inserted: &HashSet<(i64, Uuid)>,
    found: &HashMap<(i64, Uuid), i64>,
    taken: &HashSet<(i64, Uuid)>,
    fates: &mut [Fate],
) {
    rows.iter().for_each(|row| fates[row.cast] = Fate::Repeated);
    for row in rows {
        let fate = match found.get(&row.key()) {
            None if taken.contains(&row.key()) => Fate::Refused,
            None => Fate::Unplaceable,
            Some(&digest) if digest != row.digest => Fate::Refused,
            Some(_) if inserted.contains(&row.key()) => Fate::Inserted,
            Some(_) => Fate::Repeated,
        };
        fates[row.cast] = worse(fates[row.cast], fate);
    }
}

/// Of the fates of a ballot's answers the one that is the ballot's.
fn worse(one: Fate, other: Fate) -> Fate {
    let rank = |fate| match fate {
        Fate::Repeated => 0,
        Fate::Inserted => 1,
        Fate::Refused => 2,
        Fate::Unplaceable | Fate::TooLate => 3,
    };
    if rank(other) > rank(one) { other } else { one }
}
