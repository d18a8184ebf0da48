//! The poll's counts against the file's.

use std::fmt;

use crate::client::QuestionResults;

/// A choice whose votes are not those of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The choice's text.
    pub choice: String,
    /// Its ballots in the file.
    pub ballots: u64,
    /// Its votes in the poll.
    pub votes: u64,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} ballots, {} votes", self.choice, self.ballots, self.votes)
    }
}

/// Every choice that differs: those of the file in its order, then those that only the poll has.
pub fn differences(choices: &[String], ballots: &[u64], results: &QuestionResults) -> Vec<Difference> {
    let votes = |choice: &str| -> u64 {
        results.choices.iter().filter(|found| found.text == choice).map(|found| found.votes).sum()
    };
    let of_the_file = choices.iter().zip(ballots).map(|(choice, ballots)| Difference {
        choice: choice.clone(),
        ballots: *ballots,
        votes: votes(choice),
    });
    let only_in_the_poll = results
        .choices
        .iter()
        .filter(|found| !choices.contains(&found.text))
        .map(|found| Difference { choice: found.text.clone(), ballots: 0, votes: found.votes });
    of_the_file.chain(only_in_the_poll).filter(|difference| difference.ballots != difference.votes).collect()
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::client::ChoiceResults;

    fn results(votes: &[(&str, u64)]) -> QuestionResults {
        let choice = |(text, votes): &(&str, u64)| ChoiceResults {
            choice_id: Uuid::nil(),
            text: (*text).to_owned(),
            votes: *votes,
            percentage: 0.0,
        };
        QuestionResults {
            question_id: Uuid::nil(),
            total_votes: votes.iter().map(|(_, votes)| votes).sum(),
            choices: votes.iter().map(choice).collect(),
        }
    }

    #[test]
    fn equal_counts_in_any_order_differ_in_nothing() {
        let choices = ["A".to_owned(), "B".to_owned()];
        assert_eq!(differences(&choices, &[2, 1], &results(&[("B", 1), ("A", 2), ("C", 0)])), []);
    }

    #[test]
    fn missing_swapped_and_foreign_votes_are_listed() {
        let choices = ["A".to_owned(), "B".to_owned(), "C".to_owned()];
        let found = differences(&choices, &[3, 2, 1], &results(&[("A", 2), ("B", 3), ("D", 1)]));
        let lines: Vec<String> = found.iter().map(ToString::to_string).collect();
        assert_eq!(
            lines,
            [
                "A: 3 ballots, 2 votes",
                "B: 2 ballots, 3 votes",
                "C: 1 ballots, 0 votes",
                "D: 0 ballots, 1 votes"
            ]
        );
    }
}
