//! Votes that a frame tells apart. A frame holds counts, not votes; but a choice that has a vote only now and
//! then, always of the same connection, one at a time, tells by its count which of them are in. Every tenth
//! vote is such a marked one, and marked choices take turns, so that two votes of a choice are 250 votes apart:
//! as long as a vote is seen before that many more are sent, its lag is exact. Beyond that, votes of a choice
//! that overtake each other would be taken for one another.

use serde_json::json;
use uuid::Uuid;

use crate::client::{Client, ClientError, PollView};

/// Choices for marked votes; all others are for the first one.
pub(super) const MARKS: usize = 25;
/// One vote in so many is marked.
const EVERY: usize = 10;

/// Makes a poll with a choice for each mark.
pub(super) async fn create_poll(client: &mut Client) -> Result<PollView, ClientError> {
    let choices: Vec<String> = (0..=MARKS).map(|choice| format!("Choice {choice}")).collect();
    let question = json!({"text": "Which?", "choices": choices, "min_choices": 1, "max_choices": 1});
    client.create_poll(&json!({"title": "Benchmark", "questions": [question]})).await
}

/// The choices of marked votes.
pub(super) fn choices(poll: &PollView) -> Vec<Uuid> {
    let choices = poll.questions.iter().flat_map(|question| &question.choices);
    choices.skip(1).map(|choice| choice.choice_id).collect()
}

/// Which choice the vote of this number is for, by its place.
pub(super) fn choice_of(vote: usize) -> usize {
    if vote.is_multiple_of(EVERY) { 1 + vote / EVERY % MARKS } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_take_turns_among_the_tenth_votes() {
        assert_eq!([0, 1, 9, 10, 11, 240, 250].map(choice_of), [1, 0, 0, 2, 0, 25, 1]);
    }
}
