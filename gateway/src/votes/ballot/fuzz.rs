//! Ballots that are nearly right, or not at all.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate};
use pollster_shared::poll::{Choice, Settings};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::request::json as strict;

/// Questions with as many choices, and with the fewest and most that an answer may hold.
const QUESTIONS: [(u128, u8, u8); 3] = [(2, 1, 1), (4, 2, 3), (50, 1, 50)];

fn question_id(question: usize) -> Uuid {
    Uuid::from_u128((question as u128 + 1) << 64)
}

fn choice_id(question: usize, choice: u128) -> Uuid {
    Uuid::from_u128(((question as u128 + 1) << 64) + choice + 1)
}

fn poll() -> Poll {
    let question = |(position, (choices, min_choices, max_choices)): (usize, (u128, u8, u8))| Question {
        id: position as i64,
        question_id: question_id(position),
        text: String::new(),
        min_choices,
        max_choices,
        choices: (0..choices)
            .map(|choice| Choice { choice_id: choice_id(position, choice), text: String::new() })
            .collect(),
    };
    Poll {
        id: 1,
        poll_id: Uuid::nil(),
        slug: String::new(),
        title: String::new(),
        description: String::new(),
        settings: Settings::default(),
        shards: 1,
        month: NaiveDate::default(),
        created_at: DateTime::UNIX_EPOCH,
        starts_at: None,
        ends_at: None,
        questions: QUESTIONS.into_iter().enumerate().map(question).collect(),
    }
}

/// An answer: to a question of the poll, mostly, with choices of it, mostly.
fn answer() -> impl Strategy<Value = Value> {
    let stray = prop_oneof![
        Just(json!(Uuid::nil())),
        Just(Value::Null),
        any::<i64>().prop_map(Value::from),
        "\\PC{0,4}".prop_map(Value::from)
    ];
    (0..QUESTIONS.len(), vec(0..50_u128, 1..4), any::<bool>(), stray, 0..40u8).prop_map(
        |(question, choices, distinct, stray, place)| {
            let choices =
                choices.into_iter().map(|choice| choice_id(question, choice % QUESTIONS[question].0));
            let mut choices: Vec<Value> = match distinct {
                true => choices.collect::<BTreeSet<_>>().into_iter().map(|id| json!(id)).collect(),
                false => choices.map(|id| json!(id)).collect(),
            };
            match place {
                0 => json!({"question_id": stray, "choice_ids": choices}),
                1 => {
                    choices.push(stray);
                    json!({"question_id": question_id(question), "choice_ids": choices})
                }
                2 => json!({"question_id": question_id(question), "choice_ids": stray}),
                3 => json!({"question_id": question_id(question), "choice_ids": choices, "more": stray}),
                _ => json!({"question_id": question_id(question), "choice_ids": choices}),
            }
        },
    )
}

/// A vote of one answer, or of several.
fn body() -> impl Strategy<Value = Value> {
    let several = vec(answer(), 0..4).prop_map(|answers| json!({"answers": answers}));
    let both = (answer(), answer()).prop_map(|(mut one, other)| {
        one["answers"] = json!([other]);
        one
    });
    prop_oneof![4 => answer(), 8 => several, 1 => both]
}

/// The answers of a body, each its question with the set of its choices.
fn sent(body: &Value) -> BTreeSet<(String, BTreeSet<String>)> {
    let one = [body.clone()];
    let answers = body["answers"].as_array().map_or(one.as_slice(), Vec::as_slice);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let answer = |answer: &Value| {
        (text(&answer["question_id"]), answer["choice_ids"].as_array().unwrap().iter().map(text).collect())
    };
    answers.iter().map(answer).collect()
}

proptest! {
    #[test]
    fn a_ballot_that_is_taken_is_told_back_as_it_was_sent(body in body()) {
        let poll = poll();
        let Ok(vote) = strict::from_slice::<VoteBody>(body.to_string().as_bytes()) else { return Ok(()) };
        let Ok(ballot) = vote.into_ballot(&poll) else { return Ok(()) };
        let told = answers(&poll, &ballot);
        let told_choices: usize = told.iter().map(|answer| answer.choice_ids.len()).sum();
        let told = json!({"answers": told});
        prop_assert_eq!(sent(&told), sent(&body));
        prop_assert_eq!(told_choices, sent(&body).iter().map(|(_, choices)| choices.len()).sum::<usize>());
        for answer in ballot.answers() {
            let (choices, min, max) = QUESTIONS[usize::from(answer.question)];
            prop_assert!((usize::from(min)..=usize::from(max)).contains(&answer.choices.len()));
            prop_assert!(answer.choices.positions().all(|position| (position as u128) < choices));
        }
    }

    #[test]
    fn a_ballot_that_keeps_the_rules_is_taken(
        choices in prop::collection::btree_set(0..50_u128, 1..50), pair in 0..3_u128,
    ) {
        let ids: Vec<Uuid> = choices.iter().map(|choice| choice_id(2, *choice)).collect();
        let pair = [choice_id(1, pair), choice_id(1, pair + 1)];
        let body = json!({"answers": [
            {"question_id": question_id(2), "choice_ids": ids}, {"question_id": question_id(1), "choice_ids": pair},
        ]});
        let vote: VoteBody = strict::from_slice(body.to_string().as_bytes()).unwrap();
        let ballot = vote.into_ballot(&poll()).unwrap();
        prop_assert_eq!(ballot.answers().len(), 2);
        prop_assert_eq!(ballot.answers()[1].choices.len(), choices.len());
    }
}
