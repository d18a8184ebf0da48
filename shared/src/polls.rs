//! Polls in PostgreSQL: created once, read often, their status times the only thing that moves.

mod cache;
mod create;
mod creator;
mod delete;
mod find;
mod own;
mod owner;
mod sharding;

use chrono::{DateTime, Utc};
use diesel::{
    ExpressionMethods, OptionalExtension, QueryDsl, QueryResult, Queryable, Selectable, SelectableHelper,
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

pub use cache::{load_cached, remove_cached, store_cached};
pub use create::{Created, create, ensure_partition};
pub use creator::{creator, creator_or_new};
pub use delete::delete;
pub use find::{find, find_with_deleted};
pub use own::{Page, own};
pub use owner::{Owner, claim, owner};
pub use sharding::Sharding;

use crate::schema::{polls, shard_progress};
use crate::stream::StreamId;

/// How a poll is named in a request.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum PollName {
    /// By its public id.
    Id(Uuid),
    /// By its slug.
    Slug(String),
}

impl PollName {
    /// The name that `text` is: an id if it looks like one, else a slug.
    pub fn parse(text: &str) -> Self {
        Uuid::parse_str(text).map_or_else(|_| Self::Slug(text.to_lowercase()), Self::Id)
    }
}

/// The times of a poll that are not fixed at its creation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = polls)]
pub struct State {
    /// Since when it takes no votes.
    pub closed_at: Option<DateTime<Utc>>,
    /// Since when its counts are final.
    pub finalized_at: Option<DateTime<Utc>>,
    /// Since when a verified copy of its responses is in the archive.
    pub archived_at: Option<DateTime<Utc>>,
}

/// Where the poll stands now, `None` where it was deleted.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn state(connection: &mut AsyncPgConnection, poll_id: Uuid) -> QueryResult<Option<State>> {
    let poll = polls::table.filter(polls::poll_id.eq(poll_id)).filter(polls::deleted_at.is_null());
    poll.select(State::as_select()).first(connection).await.optional()
}

/// The highest stream id ever committed from `shard`.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn shard_progress(connection: &mut AsyncPgConnection, shard: u16) -> QueryResult<StreamId> {
    let row: Option<(i64, i64)> = shard_progress::table
        .filter(shard_progress::shard.eq(shard as i16))
        .select((shard_progress::milliseconds, shard_progress::sequence))
        .first(connection)
        .await
        .optional()?;
    Ok(row.map_or_else(StreamId::default, |(milliseconds, sequence)| StreamId {
        milliseconds: milliseconds as u64,
        sequence: sequence as u64,
    }))
}
