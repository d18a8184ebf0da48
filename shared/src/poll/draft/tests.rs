use serde_json::{Value, json};

use super::*;

fn valid() -> Value {
    json!({"title": "Lunch?", "questions": [{"text": "Where?", "choices": ["Thai", "Pizza"]}]})
}

/// The fields at fault once `change` was made to a valid draft.
fn faults(change: impl FnOnce(&mut Value)) -> Vec<String> {
    let mut draft = valid();
    change(&mut draft);
    let draft: Draft = serde_json::from_value(draft).unwrap();
    let now = "2026-01-01T00:00:00Z".parse().unwrap();
    draft.validated(now).err().unwrap_or_default().into_iter().map(|error| error.field).collect()
}

#[test]
fn a_valid_draft_is_trimmed() {
    let mut draft = valid();
    draft["title"] = json!("  Lunch?\n");
    let draft: Draft = serde_json::from_value(draft).unwrap();
    assert_eq!(draft.validated(Utc::now()).unwrap().title, "Lunch?");
}

#[test]
fn texts_are_neither_empty_nor_too_long() {
    assert_eq!(faults(|d| d["title"] = json!(" ")), ["title"]);
    assert_eq!(faults(|d| d["title"] = json!("x".repeat(201))), ["title"]);
    assert!(faults(|d| d["title"] = json!("ü".repeat(200))).is_empty());
    assert_eq!(faults(|d| d["description"] = json!("x".repeat(2001))), ["description"]);
    assert_eq!(faults(|d| d["questions"][0]["text"] = json!("")), ["questions[0].text"]);
    assert_eq!(faults(|d| d["questions"][0]["choices"][1] = json!("")), ["questions[0].choices[1]"]);
    assert_eq!(faults(|d| d["title"] = json!("a\0b")), ["title"]);
}

#[test]
fn there_are_1_to_20_questions_of_2_to_50_choices() {
    assert_eq!(faults(|d| d["questions"] = json!([])), ["questions"]);
    assert_eq!(faults(|d| d["questions"] = json!(vec![d["questions"][0].clone(); 21])), ["questions"]);
    assert_eq!(faults(|d| d["questions"][0]["choices"] = json!(["a"])), ["questions[0].choices"]);
    assert_eq!(faults(|d| d["questions"][0]["choices"] = json!(vec!["a"; 51])), ["questions[0].choices"]);
}

#[test]
fn bounds_of_choices_fit_the_choices() {
    assert_eq!(faults(|d| d["questions"][0]["min_choices"] = json!(0)), ["questions[0].min_choices"]);
    assert_eq!(faults(|d| d["questions"][0]["min_choices"] = json!(2)), ["questions[0].max_choices"]);
    assert_eq!(faults(|d| d["questions"][0]["max_choices"] = json!(3)), ["questions[0].max_choices"]);
}

#[test]
fn the_end_is_in_the_future_and_after_the_start() {
    assert_eq!(faults(|d| d["ends_at"] = json!("2025-12-31T23:59:59Z")), ["ends_at"]);
    let backwards = faults(|d| {
        d["starts_at"] = json!("2026-02-02T00:00:00Z");
        d["ends_at"] = json!("2026-02-01T00:00:00Z");
    });
    assert_eq!(backwards, ["ends_at"]);
}

#[test]
fn settings_that_exclude_each_other_are_refused() {
    let both = json!({"allow_vote_change": true, "voter_identity": "browser_and_address"});
    assert_eq!(faults(|d| d["settings"] = both), ["settings.allow_vote_change"]);
    assert!(faults(|d| d["settings"] = json!({"allow_vote_change": true})).is_empty());
    assert_eq!(faults(|d| d["settings"] = json!({"verified_email": true})), ["settings.verified_email"]);
    let account = json!({"verified_email": true, "voter_identity": "account"});
    assert!(faults(|d| d["settings"] = account).is_empty());
}

#[test]
fn milestones_are_distinct_and_in_range() {
    let faults = |milestones: Value| faults(|d| d["settings"] = json!({"milestones": milestones}));
    let many: Vec<i64> = (1..=21).collect();
    for good in [json!(null), json!([]), json!([1]), json!(many[..20]), json!([1_000_000_000_000_i64])] {
        assert!(faults(good.clone()).is_empty(), "{good}");
    }
    assert_eq!(faults(json!(many)), ["settings.milestones"]);
    let each = ["settings.milestones[0]", "settings.milestones[2]", "settings.milestones[3]"];
    assert_eq!(faults(json!([0, 5, -1, 1_000_000_000_001_i64])), each);
    assert_eq!(faults(json!([5, 6, 5])), ["settings.milestones[2]"]);
}

#[test]
fn milestones_are_kept_in_order_and_none_are_not_the_same_as_no_word_of_them() {
    let kept = |settings: Value| {
        let mut draft = valid();
        draft["settings"] = settings;
        let draft: Draft = serde_json::from_value(draft).unwrap();
        let settings = draft.validated(Utc::now()).unwrap().settings;
        let stored = serde_json::to_value(&settings).unwrap();
        assert_eq!(serde_json::from_value::<Settings>(stored).unwrap(), settings);
        settings.milestones
    };
    assert_eq!(kept(json!({"milestones": [500, 20, 100]})), Some(vec![20, 100, 500]));
    assert_eq!(kept(json!({"milestones": []})), Some(vec![]));
    assert_eq!(kept(json!({})), None);
}
