//! A poll as clients see it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use pollster_shared::poll::{Choice, Poll, Question, Settings, Status};
use serde::Serialize;
use uuid::Uuid;

use crate::results::Results;

/// A poll's definition and status, with what was asked for besides.
#[derive(Debug, Serialize)]
pub(crate) struct PollView<'a> {
    poll_id: Uuid,
    slug: &'a str,
    url: String,
    title: &'a str,
    description: &'a str,
    status: Status,
    created_at: DateTime<Utc>,
    starts_at: Option<DateTime<Utc>>,
    ends_at: Option<DateTime<Utc>>,
    closed_at: Option<DateTime<Utc>>,
    settings: &'a Settings,
    questions: Vec<QuestionView<'a>>,
    /// Only in the answer that creates the poll.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) manage_token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) results: Option<Results<'a>>,
    /// The choices of the voter who asks, a question they answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) voted: Option<BTreeMap<Uuid, Vec<Uuid>>>,
}

#[derive(Debug, Serialize)]
struct QuestionView<'a> {
    question_id: Uuid,
    text: &'a str,
    min_choices: u8,
    max_choices: u8,
    choices: &'a [Choice],
}

impl<'a> PollView<'a> {
    /// The poll, closed at `closed_at` if it was.
    pub(crate) fn new(poll: &'a Poll, closed_at: Option<DateTime<Utc>>, public_url: &str) -> Self {
        let question = |question: &'a Question| QuestionView {
            question_id: question.question_id,
            text: &question.text,
            min_choices: question.min_choices,
            max_choices: question.max_choices,
            choices: &question.choices,
        };
        Self {
            poll_id: poll.poll_id,
            slug: &poll.slug,
            url: format!("{public_url}/p/{}", poll.slug),
            title: &poll.title,
            description: &poll.description,
            status: poll.status(closed_at.is_some(), Utc::now()),
            created_at: poll.created_at,
            starts_at: poll.starts_at,
            ends_at: poll.ends_at,
            closed_at,
            settings: &poll.settings,
            questions: poll.questions.iter().map(question).collect(),
            manage_token: None,
            results: None,
            voted: None,
        }
    }
}
