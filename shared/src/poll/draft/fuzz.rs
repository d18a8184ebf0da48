//! Drafts that are nearly right, or not at all.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

/// A draft with everything in it.
fn full() -> Value {
    json!({
        "title": "Lunch?", "description": "Today.",
        "questions": [
            {"text": "Where?", "choices": ["Thai", "Pizza"], "min_choices": 1, "max_choices": 2},
            {"text": "When?", "choices": ["12", "13"]},
        ],
        "starts_at": "2030-01-01T00:00:00Z", "ends_at": "2030-02-01T00:00:00.5Z",
        "settings": {"voter_identity": "account", "result_visibility": "always", "allow_vote_change": true,
                     "captcha": false, "verified_email": true, "milestones": [5, 10]},
    })
}

/// The places in a draft that something else is put in.
const PLACES: [&str; 17] = [
    "",
    "/title",
    "/description",
    "/questions",
    "/questions/0",
    "/questions/0/text",
    "/questions/0/choices",
    "/questions/0/choices/1",
    "/questions/0/min_choices",
    "/questions/0/max_choices",
    "/starts_at",
    "/ends_at",
    "/settings",
    "/settings/voter_identity",
    "/settings/allow_vote_change",
    "/settings/milestones",
    "/settings/milestones/0",
];

/// What is put there: of the right type more often than chance has it.
fn value() -> impl Strategy<Value = Value> {
    let year = prop_oneof![0..10_000i32, -262_143..262_142i32];
    let time = (year, 1..13u8, 1..29u8, 0..62u8, "|\\.[0-9]{1,12}").prop_map(
        |(year, month, day, second, fraction)| {
            let year = if (0..10_000).contains(&year) { format!("{year:04}") } else { format!("{year:+05}") };
            json!(format!("{year}-{month:02}-{day:02}T23:59:{second:02}{fraction}Z"))
        },
    );
    let text = prop_oneof!["\\PC{0,4}", " {0,3}", "\u{0}", "x{199,202}", "ü{499,502}"].prop_map(Value::from);
    let list = prop::collection::vec(
        prop_oneof!["\\PC{0,4}".prop_map(Value::from), any::<i64>().prop_map(Value::from)],
        0..53,
    );
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (0..60).prop_map(Value::from),
        (0..5).prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        time,
        text,
        list.prop_map(Value::from),
        prop::sample::select(vec!["browser", "account", "browser_and_address"]).prop_map(Value::from),
    ]
}

/// Valid drafts in which some places hold something else.
fn mutated() -> impl Strategy<Value = Value> {
    let change = (prop::sample::select(PLACES.to_vec()), value());
    prop::collection::vec(change, 0..4).prop_map(|changes| {
        let mut draft = full();
        for (place, value) in changes {
            if let Some(there) = draft.pointer_mut(place) {
                *there = value;
            }
        }
        draft
    })
}

fn is_text(text: &str, lengths: std::ops::RangeInclusive<usize>) -> bool {
    lengths.contains(&text.chars().count()) && text == text.trim() && !text.contains('\0')
}

fn keeps_the_rules(draft: &Draft, now: DateTime<Utc>) -> bool {
    let is_question = |question: &DraftQuestion| {
        let (min, max) = (usize::from(question.min_choices), usize::from(question.max_choices));
        is_text(&question.text, 1..=MAX_TEXT)
            && (2..=MAX_CHOICES).contains(&question.choices.len())
            && question.choices.iter().all(|choice| is_text(choice, 1..=MAX_TEXT))
            && (1 <= min && min <= max && max <= question.choices.len())
    };
    let is_kept = |time: &DateTime<Utc>| times::kept(*time) == Some(*time);
    is_text(&draft.title, 1..=MAX_TITLE)
        && is_text(&draft.description, 0..=MAX_DESCRIPTION)
        && (1..=MAX_QUESTIONS).contains(&draft.questions.len())
        && draft.questions.iter().all(is_question)
        && draft.starts_at.iter().chain(&draft.ends_at).all(is_kept)
        && draft.ends_at.is_none_or(|ends_at| ends_at > now && draft.starts_at.is_none_or(|at| at < ends_at))
        && draft.settings.milestones.iter().flatten().all(|threshold| THRESHOLD.contains(threshold))
}

proptest! {
    #[test]
    fn what_is_valid_keeps_the_rules_and_stays_valid(draft in mutated()) {
        let now = "2026-01-01T00:00:00Z".parse().unwrap();
        let Ok(draft) = serde_json::from_value::<Draft>(draft) else { return Ok(()) };
        match draft.validated(now) {
            Ok(valid) => {
                prop_assert!(keeps_the_rules(&valid, now), "{:?}", valid);
                let again = valid.clone().validated(now).unwrap();
                prop_assert_eq!(format!("{again:?}"), format!("{valid:?}"));
            }
            Err(errors) => prop_assert!(!errors.is_empty()),
        }
    }

    #[test]
    fn what_is_told_of_a_draft_is_what_was_sent(
        title in "\\PC{1,20}", choices in prop::collection::vec("\\PC{1,20}", 2..50),
    ) {
        let mut draft = full();
        draft["title"] = json!(title);
        draft["questions"][0]["choices"] = json!(choices);
        let draft: Draft = serde_json::from_value(draft).unwrap();
        let Ok(valid) = draft.validated("2026-01-01T00:00:00Z".parse().unwrap()) else { return Ok(()) };
        prop_assert_eq!(&valid.title, title.trim());
        let trimmed: Vec<&str> = choices.iter().map(|choice| choice.trim()).collect();
        prop_assert_eq!(&valid.questions[0].choices, &trimmed);
    }

    #[test]
    fn bounds_are_taken_where_an_answer_can_keep_them(min in 0..6u8, max in 0..6u8, choices in 0..6usize) {
        let mut draft = full();
        draft["questions"][0] = json!({
            "text": "?", "choices": vec!["a choice"; choices], "min_choices": min, "max_choices": max,
        });
        let draft: Draft = serde_json::from_value(draft).unwrap();
        let is_taken = draft.validated("2026-01-01T00:00:00Z".parse().unwrap()).is_ok();
        prop_assert_eq!(is_taken, choices >= 2 && 1 <= min && min <= max && usize::from(max) <= choices);
    }
}
