//! What a client sends as a vote, made into a ballot or refused with all that is wrong with it.

use pollster_shared::poll::{FieldError, Poll, Question};
use pollster_shared::vote::{Answer, Ballot, Choices};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::error::ApiError;

/// A vote's body: one answer, or several under `answers`.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Vote)]
pub(crate) struct VoteBody {
    /// The question answered; together with `choice_ids`, and without `answers`.
    pub(crate) question_id: Option<Uuid>,
    /// As many as the question takes, in any order.
    pub(crate) choice_ids: Option<Vec<Uuid>>,
    /// Several questions answered at once, each once.
    pub(crate) answers: Option<Vec<AnswerBody>>,
    /// Of the captcha, on polls that ask for one.
    pub(crate) captcha_token: Option<String>,
}

/// One question answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Answer)]
pub(crate) struct AnswerBody {
    question_id: Uuid,
    choice_ids: Vec<Uuid>,
}

impl VoteBody {
    /// The ballot that this is for `poll`.
    pub(crate) fn into_ballot(self, poll: &Poll) -> Result<Ballot, ApiError> {
        let (answers, single) = match self {
            Self { question_id: Some(question_id), choice_ids: Some(choice_ids), answers: None, .. } => {
                (vec![AnswerBody { question_id, choice_ids }], true)
            }
            Self { question_id: None, choice_ids: None, answers: Some(answers), .. } => (answers, false),
            _ => {
                let detail = "A vote takes either question_id and choice_ids, or answers.";
                return Err(ApiError::Malformed(detail.to_owned()));
            }
        };
        let mut errors = Vec::new();
        let mut checked = Vec::with_capacity(answers.len());
        for (index, answer) in answers.iter().enumerate() {
            let prefix = if single { String::new() } else { format!("answers[{index}].") };
            checked.extend(check(poll, answer, &prefix, &mut errors));
        }
        if !errors.is_empty() {
            return Err(ApiError::InvalidBallot(errors));
        }
        Ballot::new(checked).ok_or_else(|| {
            let detail = "must answer at least one question, and none twice";
            ApiError::InvalidBallot(vec![FieldError::new("answers", detail)])
        })
    }
}

/// The answer checked against the question's rules; what is wrong goes to `errors`.
fn check(poll: &Poll, answer: &AnswerBody, prefix: &str, errors: &mut Vec<FieldError>) -> Option<Answer> {
    let Some(position) = poll.question_position(answer.question_id) else {
        errors.push(FieldError::new(format!("{prefix}question_id"), "is not a question of this poll"));
        return None;
    };
    let question = &poll.questions[position];
    let choices = check_choices(question, &answer.choice_ids, prefix, errors)?;
    // A poll has at most 20 questions.
    Some(Answer { question: position as u8, choices })
}

fn check_choices(
    question: &Question,
    choice_ids: &[Uuid],
    prefix: &str,
    errors: &mut Vec<FieldError>,
) -> Option<Choices> {
    let before = errors.len();
    let mut choices = Choices::default();
    for (index, &choice_id) in choice_ids.iter().enumerate() {
        let field = || format!("{prefix}choice_ids[{index}]");
        match question.choice_position(choice_id) {
            None => errors.push(FieldError::new(field(), "is not a choice of this question")),
            Some(position) if choices.contains(position) => {
                errors.push(FieldError::new(field(), "is there twice"));
            }
            Some(position) => choices = choices.with(position),
        }
    }
    let (min, max) = (usize::from(question.min_choices), usize::from(question.max_choices));
    if !(min..=max).contains(&choice_ids.len()) {
        let detail = if min == max { format!("must be {min}") } else { format!("must be {min} to {max}") };
        errors.push(FieldError::new(format!("{prefix}choice_ids"), detail));
    }
    (errors.len() == before).then_some(choices)
}

/// The ballot as it is told back, in the poll's order.
pub(crate) fn answers(poll: &Poll, ballot: &Ballot) -> Vec<AnswerBody> {
    let answer = |answer: &Answer| {
        let question = poll.questions.get(usize::from(answer.question))?;
        Some(AnswerBody {
            question_id: question.question_id,
            choice_ids: question.choice_ids(answer.choices),
        })
    };
    ballot.answers().iter().filter_map(answer).collect()
}

#[cfg(test)]
mod fuzz;
