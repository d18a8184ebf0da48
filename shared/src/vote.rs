//! The domain of a vote: who casts ([`Voter`]) and from where ([`AddressHash`]), what ([`Ballot`]), and the
//! names under which it is known ([`Digest`] inside, [`VoteId`] outside).

mod address;
mod digest;
mod id;
mod voter;

use chrono::{DateTime, Utc};
use uuid::Uuid;

pub use address::AddressHash;
pub use digest::Digest;
pub use id::VoteId;
pub use voter::{HashSecret, Voter};

/// The most questions that a poll may have, so that a set of questions fits a [`VoteId`].
pub const MAX_QUESTIONS: usize = 20;
/// The most choices that a question may have, so that [`Choices`] fits one integer column.
pub const MAX_CHOICES: usize = 50;

/// A set of choices of one question: bit `n` stands for the choice at position `n`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Choices(pub u64);

impl Choices {
    /// The set with the choice at `position` added.
    ///
    /// `position` must be below [`MAX_CHOICES`].
    #[must_use]
    pub fn with(self, position: usize) -> Self {
        debug_assert!(position < MAX_CHOICES);
        Self(self.0 | 1 << position)
    }

    /// Whether the choice at `position` is in the set.
    pub fn contains(self, position: usize) -> bool {
        position < MAX_CHOICES && self.0 & (1 << position) != 0
    }

    /// How many choices the set holds.
    pub fn len(self) -> usize {
        self.0.count_ones() as usize
    }

    /// Whether no choice is in the set.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The positions in the set, ascending.
    pub fn positions(self) -> impl Iterator<Item = usize> {
        (0..MAX_CHOICES).filter(move |&position| self.contains(position))
    }
}

/// The answer to the question at position `question` of its poll.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Answer {
    /// The question's position in its poll, from 0.
    pub question: u8,
    /// What was chosen.
    pub choices: Choices,
}

/// Answers to one or more questions of a poll, that count together or not at all.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Ballot(Vec<Answer>);

impl Ballot {
    /// A ballot in its one canonical form, by question. `None` without answers, or with two to one question.
    pub fn new(mut answers: Vec<Answer>) -> Option<Self> {
        answers.sort_unstable_by_key(|answer| answer.question);
        let distinct = answers.windows(2).all(|pair| pair[0].question != pair[1].question);
        (distinct && !answers.is_empty() && answers.len() <= MAX_QUESTIONS).then_some(Self(answers))
    }

    /// The ballot that answers none of the first `questions` questions: it revokes.
    pub fn empty(questions: usize) -> Self {
        let answer = |question| Answer { question: question as u8, choices: Choices::default() };
        Self((0..questions.min(MAX_QUESTIONS)).map(answer).collect())
    }

    /// The answers, ascending by question.
    pub fn answers(&self) -> &[Answer] {
        &self.0
    }
}

/// What a ballot is to the ones that its voter cast before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The first one: it never replaces another.
    Cast,
    /// Takes the place of whatever the voter answered before.
    Change,
    /// Takes back what the voter answered: its answers hold no choices.
    Revoke,
}

/// A ballot cast: what acceptance enqueues and the commit writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cast {
    /// What it is to earlier ones.
    pub kind: Kind,
    /// The poll's public id.
    pub poll_id: Uuid,
    /// Who cast it.
    pub voter: Voter,
    /// Where it came from, as far as that is known.
    pub address: Option<AddressHash>,
    /// What tells this ballot, sent or delivered again, from a second one.
    pub digest: Digest,
    /// What was answered.
    pub ballot: Ballot,
}

/// A cast with the moment of its acceptance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcceptedCast {
    /// The ballot.
    pub cast: Cast,
    /// When it was accepted, by the clock of who accepted it.
    pub accepted_at: DateTime<Utc>,
    /// Its place among its voter's events: that of its entry in the stream.
    pub order: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ballot_is_the_same_whatever_the_order_of_its_answers() {
        let first = Answer { question: 0, choices: Choices(1) };
        let second = Answer { question: 4, choices: Choices(6) };
        assert_eq!(Ballot::new(vec![second, first]), Ballot::new(vec![first, second]));
    }

    #[test]
    fn a_ballot_answers_at_least_one_question_and_none_twice() {
        let answer = Answer { question: 0, choices: Choices(1) };
        assert_eq!(Ballot::new(vec![]), None);
        assert_eq!(Ballot::new(vec![answer, answer]), None);
    }

    #[test]
    fn choices_are_a_set_of_positions() {
        let choices = Choices::default().with(3).with(49).with(3);
        assert_eq!(choices.positions().collect::<Vec<_>>(), [3, 49]);
        assert_eq!(choices.len(), 2);
        assert!(!choices.contains(64));
    }
}
