//! What stands in an export for a poll's positions and voters.

use uuid::Uuid;

use super::record::Record;
use crate::poll::{Poll, Question, VoterIdentity};
use crate::vote::{Choices, HashSecret};

/// Texts and ids, made once an export.
#[derive(Debug)]
pub(super) struct Labels {
    questions: Vec<QuestionLabels>,
    voters: Option<VoterNames>,
}

#[derive(Debug)]
struct QuestionLabels {
    question: Label,
    choices: Vec<Label>,
}

#[derive(Debug)]
struct Label {
    id: String,
    text: String,
}

/// Names of voters that tell them apart within one poll, and nowhere else.
#[derive(Debug)]
struct VoterNames {
    secret: HashSecret,
    poll_id: Uuid,
}

impl Labels {
    pub(super) fn new(poll: &Poll, secret: &HashSecret) -> Self {
        let names = || VoterNames { secret: secret.clone(), poll_id: poll.poll_id };
        Self {
            questions: poll.questions.iter().map(QuestionLabels::new).collect(),
            // Browsers vote anonymously; what stands for them is nobody's business.
            voters: (poll.settings.voter_identity == VoterIdentity::Account).then(names),
        }
    }

    pub(super) fn question_id(&self, record: &Record) -> &str {
        &self.of(record).question.id
    }

    pub(super) fn question(&self, record: &Record) -> &str {
        &self.of(record).question.text
    }

    /// The ids of `choices`, in the question's order.
    pub(super) fn choice_ids(&self, record: &Record, choices: Choices) -> Vec<&str> {
        self.chosen(record, choices).map(|choice| choice.id.as_str()).collect()
    }

    /// The texts of `choices`, in the question's order.
    pub(super) fn choices(&self, record: &Record, choices: Choices) -> Vec<&str> {
        self.chosen(record, choices).map(|choice| choice.text.as_str()).collect()
    }

    /// The voter's name, 32 hexadecimal digits; `None` where voters are anonymous.
    pub(super) fn voter(&self, record: &Record) -> Option<String> {
        self.voters.as_ref().map(|names| names.of(record.voter))
    }

    fn chosen(&self, record: &Record, choices: Choices) -> impl Iterator<Item = &Label> {
        let labels = &self.of(record).choices;
        choices.positions().filter_map(|position| labels.get(position))
    }

    fn of(&self, record: &Record) -> &QuestionLabels {
        &self.questions[usize::from(record.question)]
    }
}

impl QuestionLabels {
    fn new(question: &Question) -> Self {
        let label = |id: Uuid, text: &str| Label { id: id.to_string(), text: text.to_owned() };
        Self {
            question: label(question.question_id, &question.text),
            choices: question.choices.iter().map(|choice| label(choice.choice_id, &choice.text)).collect(),
        }
    }
}

impl VoterNames {
    /// A keyed hash of poll and voter.
    fn of(&self, voter: Uuid) -> String {
        let bytes = [self.poll_id.into_bytes(), voter.into_bytes()].concat();
        let hash = self.secret.hash("exported voter", &bytes);
        hash[..16].iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::{poll, record};
    use super::*;

    fn name(secret: &str, poll: &Poll, voter: u128) -> Option<String> {
        Labels::new(poll, &HashSecret::new(secret)).voter(&record(voter, 1))
    }

    #[test]
    fn a_voter_has_one_name_in_a_poll_and_another_in_the_next() {
        let (mut one, mut other) = (poll(), poll());
        one.settings.voter_identity = VoterIdentity::Account;
        other.settings.voter_identity = VoterIdentity::Account;
        let first = name("secret", &one, 1).unwrap();
        assert!(first.len() == 32 && first.bytes().all(|digit| digit.is_ascii_hexdigit()), "{first}");
        assert_eq!(name("secret", &one, 1).as_ref(), Some(&first));
        for differs in [name("secret", &one, 2), name("secret", &other, 1), name("another", &one, 1)] {
            assert_ne!(differs.unwrap(), first);
        }
    }

    #[test]
    fn a_browser_has_no_name() {
        for identity in [VoterIdentity::Browser, VoterIdentity::BrowserAndAddress] {
            let mut poll = poll();
            poll.settings.voter_identity = identity;
            assert_eq!(name("secret", &poll, 1), None);
        }
    }
}
