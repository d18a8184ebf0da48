//! A poll as clients see it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use pollster_shared::poll::{Choice, Poll, Question, Settings, Status};
use pollster_shared::polls::State;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::results::Results;

/// A poll's definition and status, with what was asked for besides.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Poll)]
pub(crate) struct PollView<'a> {
    poll_id: Uuid,
    /// The short name in links, and the code to join by.
    slug: &'a str,
    /// The poll's page in the web app.
    url: String,
    title: &'a str,
    description: &'a str,
    status: Status,
    created_at: DateTime<Utc>,
    /// From when it takes votes; at once if null.
    #[schema(required)]
    starts_at: Option<DateTime<Utc>>,
    /// Until when it takes votes; until it is closed by hand if null.
    #[schema(required)]
    ends_at: Option<DateTime<Utc>>,
    /// When it was closed, if it was.
    #[schema(required)]
    closed_at: Option<DateTime<Utc>>,
    settings: &'a Settings,
    /// What is asked, in the order given.
    questions: Vec<QuestionView<'a>>,
    /// What pages show the captcha with, where the poll asks for one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) captcha_site_key: Option<String>,
    /// What has every right of a creator; only in the answer that creates the poll.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) manage_token: Option<String>,
    /// Only where one poll is read.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) results: Option<Results<'a>>,
    /// The choices of the voter who asks, a question they answered; as long as they can be looked up one by one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) voted: Option<BTreeMap<Uuid, Vec<Uuid>>>,
    /// Whether who asks has every right of the poll's creator; where one poll is read by an account, or with a manage
    /// token.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) manages: Option<bool>,
}

/// A question of a poll.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Question)]
struct QuestionView<'a> {
    question_id: Uuid,
    text: &'a str,
    /// The fewest choices an answer may hold, from 1.
    min_choices: u8,
    /// The most choices an answer may hold.
    max_choices: u8,
    /// What can be chosen, in the order given.
    choices: &'a [Choice],
}

impl<'a> PollView<'a> {
    /// The poll, and where it stands.
    pub(crate) fn new(poll: &'a Poll, state: State, public_url: &str) -> Self {
        let question = |question: &'a Question| QuestionView {
            question_id: question.question_id,
            text: &question.text,
            min_choices: question.min_choices,
            max_choices: question.max_choices,
            choices: &question.choices,
        };
        let State { closed_at, archived_at, .. } = state;
        Self {
            poll_id: poll.poll_id,
            slug: &poll.slug,
            url: format!("{public_url}/p/{}", poll.slug),
            title: &poll.title,
            description: &poll.description,
            status: poll.status(closed_at.is_some(), archived_at.is_some(), Utc::now()),
            created_at: poll.created_at,
            starts_at: poll.starts_at,
            ends_at: poll.ends_at,
            closed_at,
            settings: &poll.settings,
            questions: poll.questions.iter().map(question).collect(),
            captcha_site_key: None,
            manage_token: None,
            results: None,
            voted: None,
            manages: None,
        }
    }

    /// The poll's page in the web app.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Where the poll stood when this was made.
    pub(crate) fn status(&self) -> Status {
        self.status
    }
}
