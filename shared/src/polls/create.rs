//! The creation of a poll: all of its rows in one transaction.

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use diesel::sql_types::Date;
use diesel::{ExpressionMethods, QueryResult};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use super::owner::manage_token_hash;
use crate::poll::{Choice, Draft, DraftQuestion, Poll, Question};
use crate::schema::{choice_tallies, choices, poll_tallies, polls, question_tallies, questions};
use crate::vote::HashSecret;

/// A poll just made.
#[derive(Debug)]
pub struct Created {
    /// Its definition.
    pub poll: Poll,
    /// What gives the maker of an anonymous poll every right of a creator; only its hash is stored.
    pub manage_token: Option<String>,
}

/// 32 letters and digits that are hard to take for each other.
const SLUG_ALPHABET: &[u8; 32] = b"23456789abcdefghijkmnpqrstuvwxyz";
/// 32^8 slugs: about a trillion.
const SLUG_LENGTH: usize = 8;

/// Creates a poll from a validated draft, its voters spread over `shards`. It belongs to the account whose row
/// `creator` is, else to whoever holds its manage token.
///
/// # Errors
/// When PostgreSQL fails; nothing is created then.
pub async fn create(
    connection: &mut AsyncPgConnection,
    draft: Draft,
    creator: Option<i64>,
    secret: &HashSecret,
    shards: u16,
    now: DateTime<Utc>,
) -> QueryResult<Created> {
    let manage_token = match creator {
        Some(_) => None,
        None => Some(blake3::Hash::from_bytes(random()).to_hex().to_string()),
    };
    let token_hash = manage_token.as_deref().map(|token| manage_token_hash(secret, token));
    let mut poll = new_poll(draft.clone(), shards, now);
    connection
        .transaction(async |connection| {
            ensure_partition(connection, poll.month).await?;
            poll.id = insert_poll(connection, &poll, creator, token_hash.as_ref()).await?;
            for (position, question) in poll.questions.iter_mut().enumerate() {
                question.id = insert_question(connection, poll.id, position as i16, question).await?;
            }
            QueryResult::Ok(Created { poll: poll.clone(), manage_token: manage_token.clone() })
        })
        .await
}

/// Makes the partition that holds the responses to polls made in `month`, where it is missing.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn ensure_partition(connection: &mut AsyncPgConnection, month: NaiveDate) -> QueryResult<()> {
    diesel::sql_query("SELECT ensure_responses_partition($1)")
        .bind::<Date, _>(month)
        .execute(connection)
        .await?;
    Ok(())
}

fn new_poll(draft: Draft, shards: u16, now: DateTime<Utc>) -> Poll {
    let question = |draft: DraftQuestion| Question {
        id: 0,
        question_id: Uuid::now_v7(),
        text: draft.text,
        min_choices: draft.min_choices,
        max_choices: draft.max_choices,
        choices: draft.choices.into_iter().map(|text| Choice { choice_id: Uuid::now_v7(), text }).collect(),
    };
    Poll {
        id: 0,
        poll_id: Uuid::now_v7(),
        slug: random::<SLUG_LENGTH>()
            .iter()
            .map(|byte| char::from(SLUG_ALPHABET[usize::from(byte % 32)]))
            .collect(),
        title: draft.title,
        description: draft.description,
        settings: draft.settings,
        shards,
        month: now.date_naive().with_day(1).unwrap_or_default(),
        created_at: now,
        starts_at: draft.starts_at,
        ends_at: draft.ends_at,
        questions: draft.questions.into_iter().map(question).collect(),
    }
}

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).unwrap_or_else(|error| panic!("the system has no randomness: {error}"));
    bytes
}

async fn insert_poll(
    connection: &mut AsyncPgConnection,
    poll: &Poll,
    creator: Option<i64>,
    token_hash: Option<&[u8; 32]>,
) -> QueryResult<i64> {
    let settings = serde_json::to_value(&poll.settings)
        .map_err(|error| diesel::result::Error::SerializationError(error.into()))?;
    let id = diesel::insert_into(polls::table)
        .values((
            polls::poll_id.eq(poll.poll_id),
            polls::slug.eq(&poll.slug),
            polls::creator.eq(creator),
            polls::manage_token_hash.eq(token_hash.map(<[u8; 32]>::as_slice)),
            polls::title.eq(&poll.title),
            polls::description.eq(&poll.description),
            polls::settings.eq(settings),
            polls::shards.eq(poll.shards as i16),
            polls::month.eq(poll.month),
            polls::created_at.eq(poll.created_at),
            polls::starts_at.eq(poll.starts_at),
            polls::ends_at.eq(poll.ends_at),
        ))
        .returning(polls::id)
        .get_result(connection)
        .await?;
    diesel::insert_into(poll_tallies::table)
        .values((poll_tallies::poll.eq(id), poll_tallies::total_votes.eq(0), poll_tallies::version.eq(0)))
        .execute(connection)
        .await?;
    Ok(id)
}

async fn insert_question(
    connection: &mut AsyncPgConnection,
    poll: i64,
    position: i16,
    question: &Question,
) -> QueryResult<i64> {
    let id: i64 = diesel::insert_into(questions::table)
        .values((
            questions::question_id.eq(question.question_id),
            questions::poll.eq(poll),
            questions::position.eq(position),
            questions::text.eq(&question.text),
            questions::min_choices.eq(i16::from(question.min_choices)),
            questions::max_choices.eq(i16::from(question.max_choices)),
            questions::choice_count.eq(question.choices.len() as i16),
        ))
        .returning(questions::id)
        .get_result(connection)
        .await?;
    diesel::insert_into(question_tallies::table)
        .values((question_tallies::question.eq(id), question_tallies::responses.eq(0)))
        .execute(connection)
        .await?;
    let choice_rows: Vec<_> = (0i16..)
        .zip(&question.choices)
        .map(|(position, choice)| {
            (
                choices::question.eq(id),
                choices::position.eq(position),
                choices::choice_id.eq(choice.choice_id),
                choices::text.eq(&choice.text),
            )
        })
        .collect();
    diesel::insert_into(choices::table).values(choice_rows).execute(connection).await?;
    let tallies: Vec<_> = (0..question.choices.len() as i16)
        .map(|position| {
            (
                choice_tallies::question.eq(id),
                choice_tallies::position.eq(position),
                choice_tallies::votes.eq(0),
            )
        })
        .collect();
    diesel::insert_into(choice_tallies::table).values(tallies).execute(connection).await?;
    Ok(id)
}
