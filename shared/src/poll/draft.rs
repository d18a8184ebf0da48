//! A poll as its creator sends it, and the rules that it must keep.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{Settings, VoterIdentity};
use crate::milestones::{MAX_THRESHOLDS, THRESHOLD};
use crate::times;
use crate::vote::{MAX_CHOICES, MAX_QUESTIONS};

const MAX_TITLE: usize = 200;
const MAX_DESCRIPTION: usize = 2000;
const MAX_TEXT: usize = 500;

/// A poll that is to be created.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Draft {
    /// 1 to 200 characters.
    #[schema(min_length = 1, max_length = 200)]
    pub title: String,
    /// Up to 2,000 characters.
    #[serde(default)]
    #[schema(max_length = 2000)]
    pub description: String,
    /// 1 to 20.
    #[schema(min_items = 1, max_items = 20)]
    pub questions: Vec<DraftQuestion>,
    /// From when it takes votes; at once if absent.
    #[serde(default)]
    pub starts_at: Option<DateTime<Utc>>,
    /// Until when it takes votes; in the future, and after `starts_at`.
    #[serde(default)]
    pub ends_at: Option<DateTime<Utc>>,
    /// How it is run.
    #[serde(default)]
    pub settings: Settings,
}

/// A question of a [`Draft`].
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DraftQuestion {
    /// 1 to 500 characters.
    #[schema(min_length = 1, max_length = 500)]
    pub text: String,
    /// 2 to 50, each of 1 to 500 characters.
    #[schema(min_items = 2, max_items = 50)]
    pub choices: Vec<String>,
    /// The fewest choices an answer may hold.
    #[serde(default = "one")]
    #[schema(default = 1, minimum = 1, maximum = 50)]
    pub min_choices: u8,
    /// The most choices an answer may hold; at least `min_choices`.
    #[serde(default = "one")]
    #[schema(default = 1, minimum = 1, maximum = 50)]
    pub max_choices: u8,
}

fn one() -> u8 {
    1
}

/// What is wrong with one field of an input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// Where, for instance `questions[0].choices[2]`.
    pub field: String,
    /// What it must be.
    pub detail: String,
}

impl FieldError {
    /// An error of `field`, with what it must be.
    pub fn new(field: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { field: field.into(), detail: detail.into() }
    }
}

impl Draft {
    /// The draft with its texts trimmed, its times as they are kept and its milestones in order, or all that is wrong
    /// with it.
    pub fn validated(mut self, now: DateTime<Utc>) -> Result<Self, Vec<FieldError>> {
        let mut errors = Vec::new();
        trim_and_check(&mut self.title, 1, MAX_TITLE, "title", &mut errors);
        trim_and_check(&mut self.description, 0, MAX_DESCRIPTION, "description", &mut errors);
        self.check_times(now, &mut errors);
        self.check_settings(&mut errors);
        sort_and_check(self.settings.milestones.as_deref_mut().unwrap_or_default(), &mut errors);
        if !(1..=MAX_QUESTIONS).contains(&self.questions.len()) {
            errors.push(FieldError::new("questions", format!("must be 1 to {MAX_QUESTIONS}")));
        }
        for (position, question) in self.questions.iter_mut().take(MAX_QUESTIONS).enumerate() {
            question.trim_and_check(&format!("questions[{position}]"), &mut errors);
        }
        if errors.is_empty() { Ok(self) } else { Err(errors) }
    }

    fn check_settings(&self, errors: &mut Vec<FieldError>) {
        let Settings { voter_identity, allow_vote_change, verified_email, .. } = self.settings;
        if allow_vote_change && voter_identity == VoterIdentity::BrowserAndAddress {
            let detail = "must be false where voter_identity is browser_and_address";
            errors.push(FieldError::new("settings.allow_vote_change", detail));
        }
        if verified_email && voter_identity != VoterIdentity::Account {
            let detail = "must be false unless voter_identity is account";
            errors.push(FieldError::new("settings.verified_email", detail));
        }
    }

    fn check_times(&mut self, now: DateTime<Utc>, errors: &mut Vec<FieldError>) {
        keep_and_check(&mut self.starts_at, "starts_at", errors);
        keep_and_check(&mut self.ends_at, "ends_at", errors);
        let Some(ends_at) = self.ends_at else { return };
        if ends_at <= now {
            errors.push(FieldError::new("ends_at", "must be in the future"));
        }
        if self.starts_at.is_some_and(|starts_at| ends_at <= starts_at) {
            errors.push(FieldError::new("ends_at", "must be after starts_at"));
        }
    }
}

impl DraftQuestion {
    fn trim_and_check(&mut self, field: &str, errors: &mut Vec<FieldError>) {
        trim_and_check(&mut self.text, 1, MAX_TEXT, &format!("{field}.text"), errors);
        let choices = self.choices.len();
        if !(2..=MAX_CHOICES).contains(&choices) {
            errors.push(FieldError::new(format!("{field}.choices"), format!("must be 2 to {MAX_CHOICES}")));
            return;
        }
        for (position, choice) in self.choices.iter_mut().enumerate() {
            trim_and_check(choice, 1, MAX_TEXT, &format!("{field}.choices[{position}]"), errors);
        }
        if self.min_choices < 1 {
            errors.push(FieldError::new(format!("{field}.min_choices"), "must be at least 1"));
        }
        if self.max_choices < self.min_choices || usize::from(self.max_choices) > choices {
            let detail = format!("must be from min_choices to the number of choices, {choices}");
            errors.push(FieldError::new(format!("{field}.max_choices"), detail));
        }
    }
}

fn sort_and_check(milestones: &mut [i64], errors: &mut Vec<FieldError>) {
    const FIELD: &str = "settings.milestones";
    if milestones.len() > MAX_THRESHOLDS {
        errors.push(FieldError::new(FIELD, format!("must be at most {MAX_THRESHOLDS}")));
        return;
    }
    for (position, threshold) in milestones.iter().enumerate() {
        if !THRESHOLD.contains(threshold) {
            let detail = format!("must be {} to {}", THRESHOLD.start(), THRESHOLD.end());
            errors.push(FieldError::new(format!("{FIELD}[{position}]"), detail));
        } else if milestones[..position].contains(threshold) {
            errors.push(FieldError::new(format!("{FIELD}[{position}]"), "must not be there twice"));
        }
    }
    milestones.sort_unstable();
}

fn keep_and_check(time: &mut Option<DateTime<Utc>>, field: &str, errors: &mut Vec<FieldError>) {
    let Some(sent) = *time else { return };
    *time = times::kept(sent);
    if time.is_none() {
        errors.push(FieldError::new(field, times::TAKES));
    }
}

fn trim_and_check(text: &mut String, min: usize, max: usize, field: &str, errors: &mut Vec<FieldError>) {
    *text = text.trim().to_owned();
    if !(min..=max).contains(&text.chars().count()) {
        errors.push(FieldError::new(field, format!("must be {min} to {max} characters")));
    } else if text.contains('\0') {
        // PostgreSQL's text can't hold it.
        errors.push(FieldError::new(field, "must not contain the NUL character"));
    }
}

#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod tests;
