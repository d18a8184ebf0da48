//! Brings a poll's rows back from the archive. Tallies stay as they are: these rows were counted when they came.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::QueryResult;
use diesel::sql_types::{Array, BigInt, Bool, Date, Nullable, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use super::{Relation, StoredEvent};
use crate::database::statement;
use crate::poll::{Poll, VoterIdentity};

statement! {
    RestoreResponses {
        month: NaiveDate => Date,
        one_an_address: bool => Bool,
        questions: [i64] => Array<BigInt>,
        choices: [i64] => Array<BigInt>,
        digests: [i64] => Array<BigInt>,
        submitted_at: [DateTime<Utc>] => Array<Timestamptz>,
        voters: [Uuid] => Array<SqlUuid>,
        orders: [Option<i64>] => Array<Nullable<BigInt>>,
    } -> (),
    "INSERT INTO responses \
        (month, one_an_address, question, choices, digest, submitted_at, voter, event_order) \
     SELECT ?, ?, e.* FROM unnest(?, ?, ?, ?, ?, ?) \
        AS e (question, choices, digest, submitted_at, voter, event_order) \
     ORDER BY question, voter ON CONFLICT DO NOTHING"
}

statement! {
    RestoreChanges {
        questions: [i64] => Array<BigInt>,
        choices: [i64] => Array<BigInt>,
        digests: [i64] => Array<BigInt>,
        submitted_at: [DateTime<Utc>] => Array<Timestamptz>,
        voters: [Uuid] => Array<SqlUuid>,
        orders: [i64] => Array<BigInt>,
        refused: [bool] => Array<Bool>,
    } -> (),
    "INSERT INTO response_changes (question, choices, digest, submitted_at, voter, event_order, refused) \
     SELECT * FROM unnest(?, ?, ?, ?, ?, ?, ?) \
        AS e (question, choices, digest, submitted_at, voter, event_order, refused) \
     ORDER BY question, voter, event_order ON CONFLICT DO NOTHING"
}

/// Inserts what of `events` is not there; returns how many rows that were. Their partition must be there.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn restore(
    connection: &mut AsyncPgConnection,
    poll: &Poll,
    relation: Relation,
    events: &[StoredEvent],
) -> QueryResult<usize> {
    let questions = column(events, |event| poll.questions[usize::from(event.question)].id);
    let choices = column(events, |event| event.choices.0 as i64);
    let digests = column(events, |event| event.digest);
    let submitted_at = column(events, |event| event.submitted_at);
    let voters = column(events, |event| event.voter);
    match relation {
        Relation::Responses => {
            let restore = RestoreResponses {
                month: &poll.month,
                one_an_address: &(poll.settings.voter_identity == VoterIdentity::BrowserAndAddress),
                questions: &questions,
                choices: &choices,
                digests: &digests,
                submitted_at: &submitted_at,
                voters: &voters,
                orders: &column(events, |event| event.order),
            };
            restore.execute(connection).await
        }
        Relation::Changes => {
            let restore = RestoreChanges {
                questions: &questions,
                choices: &choices,
                digests: &digests,
                submitted_at: &submitted_at,
                voters: &voters,
                orders: &column(events, |event| event.order.unwrap_or(0)),
                refused: &column(events, |event| event.refused),
            };
            restore.execute(connection).await
        }
    }
}

fn column<T>(events: &[StoredEvent], value: impl Fn(&StoredEvent) -> T) -> Vec<T> {
    events.iter().map(value).collect()
}
