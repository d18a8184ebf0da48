//! Where a poll's responses are.

use chrono::{DateTime, Utc};
use diesel::{OptionalExtension, QueryDsl, QueryResult};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::archive::{self, Recorded};
use crate::schema::polls;

/// Where they are.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// In PostgreSQL; there may be a copy in the archive.
    Database,
    /// In the archive only.
    Archive(Recorded),
    /// Nowhere: the poll was deleted.
    Nowhere,
}

/// Where the responses of the poll with this row are.
pub(super) async fn of(connection: &mut AsyncPgConnection, poll: i64) -> QueryResult<Place> {
    let deleted_at: Option<Option<DateTime<Utc>>> =
        polls::table.find(poll).select(polls::deleted_at).first(connection).await.optional()?;
    if deleted_at != Some(None) {
        return Ok(Place::Nowhere);
    }
    let recorded = archive::find(connection, poll).await?;
    let only = recorded.filter(|recorded| recorded.removed_at.is_some());
    Ok(only.map_or(Place::Database, Place::Archive))
}
