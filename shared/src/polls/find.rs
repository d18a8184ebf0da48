//! Definitions, put together from their rows.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::sql_types::Bool;
use diesel::{
    BoolExpressionMethods, ExpressionMethods, IntoSql, OptionalExtension, QueryDsl, QueryResult, Queryable,
    Selectable, SelectableHelper,
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use super::PollName;
use crate::poll::{Choice, Poll, Question};
use crate::schema::{choices, polls, questions};

/// A poll without its questions.
#[derive(Queryable, Selectable)]
#[diesel(table_name = polls)]
pub(super) struct PollRow {
    pub(super) id: i64,
    poll_id: Uuid,
    slug: String,
    title: String,
    description: String,
    settings: serde_json::Value,
    shards: i16,
    month: NaiveDate,
    created_at: DateTime<Utc>,
    starts_at: Option<DateTime<Utc>>,
    ends_at: Option<DateTime<Utc>>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = questions)]
struct QuestionRow {
    id: i64,
    question_id: Uuid,
    poll: i64,
    text: String,
    min_choices: i16,
    max_choices: i16,
}

/// The definition of the poll of this name, `None` where there is none, or none any more.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn find(connection: &mut AsyncPgConnection, name: &PollName) -> QueryResult<Option<Poll>> {
    load(connection, name, false).await
}

/// The same, also of a poll that was deleted and is not removed yet: for who removes it.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn find_with_deleted(
    connection: &mut AsyncPgConnection,
    name: &PollName,
) -> QueryResult<Option<Poll>> {
    load(connection, name, true).await
}

async fn load(
    connection: &mut AsyncPgConnection,
    name: &PollName,
    with_deleted: bool,
) -> QueryResult<Option<Poll>> {
    let listed = polls::deleted_at.is_null().or(with_deleted.into_sql::<Bool>());
    let row = polls::table.filter(listed).select(PollRow::as_select());
    let row = match name {
        PollName::Id(poll_id) => row.filter(polls::poll_id.eq(poll_id)).first(connection).await,
        PollName::Slug(slug) => row.filter(polls::slug.eq(slug)).first(connection).await,
    };
    match row.optional()? {
        Some(row) => Ok(with_questions(connection, vec![row]).await?.pop()),
        None => Ok(None),
    }
}

/// The polls of these rows, in their order, with their questions: two statements, however many they are.
pub(super) async fn with_questions(
    connection: &mut AsyncPgConnection,
    rows: Vec<PollRow>,
) -> QueryResult<Vec<Poll>> {
    let question_rows: Vec<QuestionRow> = questions::table
        .filter(questions::poll.eq_any(rows.iter().map(|poll| poll.id)))
        .order((questions::poll, questions::position))
        .select(QuestionRow::as_select())
        .load(connection)
        .await?;
    let mut choices = choices_of(connection, &question_rows).await?;
    let mut questions: HashMap<i64, Vec<Question>> = HashMap::new();
    for row in question_rows {
        let choices = choices.remove(&row.id).unwrap_or_default();
        questions.entry(row.poll).or_default().push(row.with_choices(choices));
    }
    rows.into_iter()
        .map(|row| {
            let questions = questions.remove(&row.id).unwrap_or_default();
            row.with_questions(questions)
        })
        .collect()
}

/// The choices of the questions, in order, by the questions' rows.
async fn choices_of(
    connection: &mut AsyncPgConnection,
    questions: &[QuestionRow],
) -> QueryResult<HashMap<i64, Vec<Choice>>> {
    let rows: Vec<(i64, Uuid, String)> = choices::table
        .filter(choices::question.eq_any(questions.iter().map(|question| question.id)))
        .order((choices::question, choices::position))
        .select((choices::question, choices::choice_id, choices::text))
        .load(connection)
        .await?;
    let mut choices: HashMap<i64, Vec<Choice>> = HashMap::new();
    for (question, choice_id, text) in rows {
        choices.entry(question).or_default().push(Choice { choice_id, text });
    }
    Ok(choices)
}

impl QuestionRow {
    fn with_choices(self, choices: Vec<Choice>) -> Question {
        Question {
            id: self.id,
            question_id: self.question_id,
            text: self.text,
            min_choices: self.min_choices as u8,
            max_choices: self.max_choices as u8,
            choices,
        }
    }
}

impl PollRow {
    fn with_questions(self, questions: Vec<Question>) -> QueryResult<Poll> {
        Ok(Poll {
            id: self.id,
            poll_id: self.poll_id,
            slug: self.slug,
            title: self.title,
            description: self.description,
            settings: serde_json::from_value(self.settings)
                .map_err(|error| diesel::result::Error::DeserializationError(error.into()))?,
            shards: self.shards as u16,
            month: self.month,
            created_at: self.created_at,
            starts_at: self.starts_at,
            ends_at: self.ends_at,
            questions,
        })
    }
}
