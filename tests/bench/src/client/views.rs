//! Polls and results as the interface gives them: what load and comparisons need of them.

use bytes::Bytes;
use hyper::Uri;
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

/// A poll.
#[derive(Debug, Clone, Deserialize)]
pub struct PollView {
    /// Its id.
    pub poll_id: Uuid,
    /// Its short name in links.
    pub slug: String,
    /// Its page.
    pub url: String,
    /// `scheduled`, `active`, `closed` or `archived`.
    pub status: String,
    /// What gives a creator's rights; only in the answer that makes an anonymous poll.
    pub manage_token: Option<String>,
    /// Its questions, in their order.
    pub questions: Vec<QuestionView>,
}

/// A question of a poll.
#[derive(Debug, Clone, Deserialize)]
pub struct QuestionView {
    /// Its id.
    pub question_id: Uuid,
    /// Its choices, in their order.
    pub choices: Vec<ChoiceView>,
}

/// A choice of a question.
#[derive(Debug, Clone, Deserialize)]
pub struct ChoiceView {
    /// Its id.
    pub choice_id: Uuid,
    /// Its text.
    pub text: String,
}

impl PollView {
    /// Where its votes go.
    pub fn votes_path(&self) -> Uri {
        format!("/api/v1/polls/{}/votes", self.poll_id).parse().expect("a path of letters, digits and dashes")
    }

    /// The body of a vote for one choice of one question, by their places from 0.
    ///
    /// # Panics
    /// Where the poll has no such question or choice.
    pub fn ballot(&self, question: usize, choice: usize) -> Bytes {
        let question = &self.questions[question];
        let choice_ids = [question.choices[choice].choice_id];
        json!({"question_id": question.question_id, "choice_ids": choice_ids}).to_string().into()
    }
}

/// A poll's results.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct ResultsView {
    /// Grows with every change, never goes back.
    pub version: u64,
    /// Responses over all questions.
    pub total_votes: u64,
    /// The poll's status.
    pub status: String,
    /// Whether the last accepted vote is counted.
    #[serde(rename = "final")]
    pub is_final: bool,
    /// Each question's results, in their order.
    pub questions: Vec<QuestionResults>,
}

/// A question's results.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct QuestionResults {
    /// The question.
    pub question_id: Uuid,
    /// Its responses.
    pub total_votes: u64,
    /// Each choice's votes, in their order.
    pub choices: Vec<ChoiceResults>,
}

/// A choice's results.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct ChoiceResults {
    /// The choice.
    pub choice_id: Uuid,
    /// Its text.
    pub text: String,
    /// Its votes.
    pub votes: u64,
    /// Its share of the question's responses, with one decimal.
    pub percentage: f64,
}
