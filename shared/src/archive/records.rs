//! What PostgreSQL says of the archive.

use chrono::{DateTime, Utc};
use diesel::dsl::now;
use diesel::sql_types::{Nullable, Timestamptz};
use diesel::{ExpressionMethods, IntoSql, OptionalExtension, QueryDsl, QueryResult};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};

use super::{Fingerprint, Hash, Key, Manifest, progress, queue};
use crate::schema::{archives, polls};
use crate::tallies;

/// That a poll's verified archive exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// The manifest's hash.
    pub manifest_sha256: Hash,
    /// How many rows are in the archive.
    pub rows: u64,
    /// The size of all objects.
    pub bytes: u64,
    /// Since when it is there.
    pub archived_at: DateTime<Utc>,
    /// Since when the responses are in the archive only.
    pub removed_at: Option<DateTime<Utc>>,
    /// Whether the responses were restored by hand, to stay until they are archived again by hand.
    pub held: bool,
}

type Row = (Vec<u8>, i64, i64, DateTime<Utc>, Option<DateTime<Utc>>, bool);

/// What is recorded of the archive of the poll with this row, `None` while there is none.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn find(connection: &mut AsyncPgConnection, poll: i64) -> QueryResult<Option<Recorded>> {
    let columns = (
        archives::manifest_sha256,
        archives::rows,
        archives::bytes,
        archives::archived_at,
        archives::removed_at,
        archives::held,
    );
    let row: Option<Row> =
        archives::table.filter(archives::poll.eq(poll)).select(columns).first(connection).await.optional()?;
    row.map(recorded).transpose()
}

fn recorded((sha256, rows, bytes, archived_at, removed_at, held): Row) -> QueryResult<Recorded> {
    Ok(Recorded {
        manifest_sha256: hash(sha256)?,
        rows: rows as u64,
        bytes: bytes as u64,
        archived_at,
        removed_at,
        held,
    })
}

/// Records that the archive of this manifest is there and was verified, and that nothing is left to be done. Returns
/// whether it is news.
///
/// # Errors
/// When PostgreSQL fails; nothing has changed then.
pub async fn record(
    connection: &mut AsyncPgConnection,
    manifest: &Manifest,
    fingerprint: Fingerprint,
) -> QueryResult<bool> {
    let poll = manifest.poll.id;
    let row = (
        archives::poll.eq(poll),
        archives::manifest_key.eq(Key::Manifest { poll_id: manifest.poll.poll_id }.to_string()),
        archives::manifest_sha256.eq(fingerprint.sha256.0.to_vec()),
        archives::rows.eq(manifest.rows() as i64),
        archives::bytes.eq((manifest.bytes() + fingerprint.bytes) as i64),
    );
    connection
        .transaction(async |connection| {
            let insert = diesel::insert_into(archives::table).values(row).on_conflict_do_nothing();
            let inserted = insert.execute(connection).await?;
            let unarchived = polls::table.filter(polls::id.eq(poll)).filter(polls::archived_at.is_null());
            let archived = diesel::update(unarchived)
                .set(polls::archived_at.eq(now.into_sql::<Nullable<Timestamptz>>()))
                .execute(connection)
                .await?;
            if archived > 0 {
                tallies::raise_version(connection, poll).await?;
            }
            progress::forget_parts(connection, poll).await?;
            queue::remove(connection, poll).await?;
            QueryResult::Ok(inserted > 0)
        })
        .await
}

/// Takes back that the poll is archived, so that it is archived anew from its responses, which must be in PostgreSQL
/// again. Returns whether they are and stay until this is done by hand.
///
/// # Errors
/// When PostgreSQL fails; nothing has changed then.
pub async fn begin_again(connection: &mut AsyncPgConnection, poll: i64) -> QueryResult<bool> {
    connection
        .transaction(async |connection| {
            let held = archives::table.filter(archives::poll.eq(poll)).filter(archives::held.eq(true));
            let there = held.filter(archives::removed_at.is_null());
            if diesel::delete(there).execute(connection).await? == 0 {
                return QueryResult::Ok(false);
            }
            diesel::update(polls::table.filter(polls::id.eq(poll)))
                .set(polls::archived_at.eq(None::<DateTime<Utc>>))
                .execute(connection)
                .await?;
            tallies::raise_version(connection, poll).await?;
            progress::forget_parts(connection, poll).await?;
            queue::add(connection, poll).await?;
            Ok(true)
        })
        .await
}

/// The hash in a column.
pub(super) fn hash(column: Vec<u8>) -> QueryResult<Hash> {
    let hash = column.try_into().map_err(|_| "a SHA-256 has 32 bytes");
    hash.map(Hash).map_err(|problem| diesel::result::Error::DeserializationError(problem.into()))
}
