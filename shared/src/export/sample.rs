//! What the tests export.

use chrono::{DateTime, NaiveDate};
use uuid::Uuid;

use super::record::{Kind, Record};
use crate::poll::{Choice, Poll, Question, Settings};
use crate::vote::Choices;

/// A poll of one question with these texts.
pub(super) fn poll_of(question: &str, choices: &[&str]) -> Poll {
    let choice = |text: &&str| Choice { choice_id: Uuid::now_v7(), text: (*text).to_owned() };
    let question = Question {
        id: 1,
        question_id: Uuid::now_v7(),
        text: question.to_owned(),
        min_choices: 1,
        max_choices: choices.len() as u8,
        choices: choices.iter().map(choice).collect(),
    };
    Poll {
        id: 1,
        poll_id: Uuid::now_v7(),
        slug: "lunch".to_owned(),
        title: String::new(),
        description: String::new(),
        settings: Settings::default(),
        shards: 1,
        month: NaiveDate::default(),
        created_at: DateTime::UNIX_EPOCH,
        starts_at: None,
        ends_at: None,
        questions: vec![question],
    }
}

/// A poll.
pub(super) fn poll() -> Poll {
    poll_of("Where?", &["Thai", "Pizza", "Soup"])
}

/// A row of the voter of this number, who has chosen `choices`.
pub(super) fn record(voter: u128, choices: u64) -> Record {
    Record {
        kind: Kind::Cast,
        at: DateTime::from_timestamp_micros(1_700_000_000_000_001).unwrap_or_default(),
        question: 0,
        voter: Uuid::from_u128(voter),
        old: Choices::default(),
        new: Choices(choices),
    }
}
