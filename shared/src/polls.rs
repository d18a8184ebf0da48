//! Polls in PostgreSQL: created once, read often, their status times the only thing that moves.

mod cache;
mod create;

use chrono::{DateTime, Utc};
use diesel::{
    ExpressionMethods, OptionalExtension, QueryDsl, QueryResult, Queryable, Selectable, SelectableHelper,
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

pub use cache::{load_cached, store_cached};
pub use create::{Created, create, ensure_partition};

use crate::poll::{Choice, Poll, Question};
use crate::schema::{choices, polls, questions, shard_progress};
use crate::stream::StreamId;
use crate::vote::HashSecret;

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
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = polls)]
struct PollRow {
    id: i64,
    poll_id: Uuid,
    slug: String,
    title: String,
    description: String,
    settings: serde_json::Value,
    shards: i16,
    month: chrono::NaiveDate,
    created_at: DateTime<Utc>,
    starts_at: Option<DateTime<Utc>>,
    ends_at: Option<DateTime<Utc>>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = questions)]
struct QuestionRow {
    id: i64,
    question_id: Uuid,
    text: String,
    min_choices: i16,
    max_choices: i16,
}

/// The definition of the poll of this name, `None` where there is none.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn find(connection: &mut AsyncPgConnection, name: &PollName) -> QueryResult<Option<Poll>> {
    let row = polls::table.select(PollRow::as_select());
    let row = match name {
        PollName::Id(poll_id) => row.filter(polls::poll_id.eq(poll_id)).first(connection).await,
        PollName::Slug(slug) => row.filter(polls::slug.eq(slug)).first(connection).await,
    };
    match row.optional()? {
        Some(row) => Ok(Some(with_questions(connection, row).await?)),
        None => Ok(None),
    }
}

async fn with_questions(connection: &mut AsyncPgConnection, row: PollRow) -> QueryResult<Poll> {
    let question_rows: Vec<QuestionRow> = questions::table
        .filter(questions::poll.eq(row.id))
        .order(questions::position)
        .select(QuestionRow::as_select())
        .load(connection)
        .await?;
    let choice_rows: Vec<(i64, Uuid, String)> = choices::table
        .filter(choices::question.eq_any(question_rows.iter().map(|question| question.id)))
        .order((choices::question, choices::position))
        .select((choices::question, choices::choice_id, choices::text))
        .load(connection)
        .await?;
    let question = |of: QuestionRow| Question {
        id: of.id,
        question_id: of.question_id,
        text: of.text,
        min_choices: of.min_choices as u8,
        max_choices: of.max_choices as u8,
        choices: choice_rows
            .iter()
            .filter(|(question, ..)| *question == of.id)
            .map(|(_, choice_id, text)| Choice { choice_id: *choice_id, text: text.clone() })
            .collect(),
    };
    Ok(Poll {
        id: row.id,
        poll_id: row.poll_id,
        slug: row.slug,
        title: row.title,
        description: row.description,
        settings: serde_json::from_value(row.settings)
            .map_err(|error| diesel::result::Error::DeserializationError(error.into()))?,
        shards: row.shards as u16,
        month: row.month,
        created_at: row.created_at,
        starts_at: row.starts_at,
        ends_at: row.ends_at,
        questions: question_rows.into_iter().map(question).collect(),
    })
}

/// Where the poll stands now.
///
/// # Errors
/// When PostgreSQL fails, or the poll is gone.
pub async fn state(connection: &mut AsyncPgConnection, poll_id: Uuid) -> QueryResult<State> {
    polls::table.filter(polls::poll_id.eq(poll_id)).select(State::as_select()).first(connection).await
}

/// Whether `manage_token` is the one that was given to who made the poll.
///
/// # Errors
/// When PostgreSQL fails, or the poll is gone.
pub async fn is_managed_by(
    connection: &mut AsyncPgConnection,
    secret: &HashSecret,
    poll_id: Uuid,
    manage_token: &str,
) -> QueryResult<bool> {
    let stored: Option<Vec<u8>> = polls::table
        .filter(polls::poll_id.eq(poll_id))
        .select(polls::manage_token_hash)
        .first(connection)
        .await?;
    let given = blake3::Hash::from_bytes(manage_token_hash(secret, manage_token));
    // `blake3::Hash` compares in constant time.
    Ok(stored
        .and_then(|stored| stored.try_into().ok())
        .is_some_and(|stored| given == blake3::Hash::from_bytes(stored)))
}

fn manage_token_hash(secret: &HashSecret, manage_token: &str) -> [u8; 32] {
    secret.hash("manage token", manage_token.as_bytes())
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

/// The number of shards that the widest poll is spread over, 0 without polls: all these streams need readers,
/// whatever number new polls get.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn widest_sharding(connection: &mut AsyncPgConnection) -> QueryResult<u16> {
    let widest: Option<i16> = polls::table.select(diesel::dsl::max(polls::shards)).first(connection).await?;
    Ok(widest.unwrap_or(0) as u16)
}
