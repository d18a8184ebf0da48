//! Polls that are refused: how, and that nothing comes of them.

use pollster_integration::{Stack, lunch};
use serde_json::{Value, json};

use crate::errors::{assert_problem, fields, polls, post};

#[tokio::test]
async fn a_poll_that_can_not_be_read_is_refused() {
    let stack = Stack::start().await;
    let mut unknown = lunch();
    unknown["colour"] = json!("red");
    let mut unknown_in_question = lunch();
    unknown_in_question["questions"][0]["colour"] = json!("red");
    let with = |member: &str, value: Value| {
        let mut definition = lunch();
        definition[member] = value;
        definition.to_string()
    };
    let bodies = [
        ("nothing", String::new()),
        ("not JSON", "title=Lunch".to_owned()),
        ("cut JSON", lunch().to_string()[..20].to_owned()),
        ("an array", "[]".to_owned()),
        ("null", "null".to_owned()),
        (
            "an array of what an object has",
            r#"["Lunch?", "", [{"text": "?", "choices": ["a", "b"]}]]"#.to_owned(),
        ),
        ("an array for a question", with("questions", json!([["?", ["a", "b"], 1, 1]]))),
        ("an object for a word", with("settings", json!({"voter_identity": {"browser": null}}))),
        ("two values", format!("{} {}", lunch(), lunch())),
        ("no title", json!({"questions": lunch()["questions"]}).to_string()),
        ("no questions", json!({"title": "Lunch?"}).to_string()),
        ("a number for a title", with("title", json!(1))),
        ("null for a title", with("title", json!(null))),
        ("an object for questions", with("questions", json!({}))),
        ("a choice that is no text", with("questions", json!([{"text": "?", "choices": ["a", 1]}]))),
        ("a time that is none", with("ends_at", json!("tomorrow"))),
        (
            "a negative bound",
            with("questions", json!([{"text": "?", "choices": ["a", "b"], "min_choices": -1}])),
        ),
        ("an unknown field", unknown.to_string()),
        ("an unknown field of a question", unknown_in_question.to_string()),
        ("an unknown setting", with("settings", json!({"colour": "red"}))),
        ("an identity that is none", with("settings", json!({"voter_identity": "face"}))),
        ("a visibility that is none", with("settings", json!({"result_visibility": "never"}))),
        ("a milestone that is no number", with("settings", json!({"milestones": ["100"]}))),
        ("half a milestone", with("settings", json!({"milestones": [1.5]}))),
    ];
    for (what, body) in &bodies {
        let reply = post(&stack, "/api/v1/polls", body).await;
        assert_problem(what, &reply, 400, "malformed_request");
    }
    assert_eq!(polls(&stack).await, 0);
}

#[tokio::test]
async fn a_poll_that_breaks_a_rule_is_refused_with_the_field() {
    let stack = Stack::start().await;
    let with = |pointer: &str, value: Value| {
        let mut definition = lunch();
        definition["description"] = json!("");
        definition["starts_at"] = json!(null);
        definition["ends_at"] = json!(null);
        definition["settings"] = json!({"allow_vote_change": false});
        *definition.pointer_mut(pointer).unwrap() = value;
        definition
    };
    let question = lunch()["questions"][0].clone();
    let many = |number: usize| json!((0..number).map(|n| n.to_string()).collect::<Vec<_>>());
    let table = [
        (with("/title", json!("")), "title"),
        (with("/title", json!(" \n ")), "title"),
        (with("/title", json!("x".repeat(201))), "title"),
        (with("/title", json!("a\u{0}b")), "title"),
        (with("/description", json!("x".repeat(2001))), "description"),
        (with("/questions", json!([])), "questions"),
        (with("/questions", json!(vec![question; 21])), "questions"),
        (with("/questions/0/text", json!("")), "questions[0].text"),
        (with("/questions/0/text", json!("x".repeat(501))), "questions[0].text"),
        (with("/questions/0/choices", json!([])), "questions[0].choices"),
        (with("/questions/0/choices", many(1)), "questions[0].choices"),
        (with("/questions/0/choices", many(51)), "questions[0].choices"),
        (with("/questions/0/choices/1", json!(" ")), "questions[0].choices[1]"),
        (with("/questions/0/choices/0", json!("x".repeat(501))), "questions[0].choices[0]"),
        (
            with("/questions/0", json!({"text": "?", "choices": ["a", "b"], "max_choices": 3})),
            "questions[0].max_choices",
        ),
        (
            with("/questions/0", json!({"text": "?", "choices": ["a", "b"], "min_choices": 2})),
            "questions[0].max_choices",
        ),
        (
            with("/questions/0", json!({"text": "?", "choices": ["a", "b"], "min_choices": 0})),
            "questions[0].min_choices",
        ),
        (with("/ends_at", json!("2020-01-01T00:00:00Z")), "ends_at"),
        (with("/ends_at", json!("+10000-01-01T00:00:00Z")), "ends_at"),
        (with("/starts_at", json!("-4800-01-01T00:00:00Z")), "starts_at"),
        (
            with("/settings", json!({"allow_vote_change": true, "voter_identity": "browser_and_address"})),
            "settings.allow_vote_change",
        ),
        (with("/settings", json!({"verified_email": true})), "settings.verified_email"),
        (with("/settings", json!({"milestones": vec![1; 21]})), "settings.milestones"),
        (with("/settings", json!({"milestones": [100, 0]})), "settings.milestones[1]"),
        (with("/settings", json!({"milestones": [1_000_000_000_001_i64]})), "settings.milestones[0]"),
        (with("/settings", json!({"milestones": [100, 5, 100]})), "settings.milestones[2]"),
    ];
    for (definition, field) in &table {
        let reply = post(&stack, "/api/v1/polls", &definition.to_string()).await;
        let problem = assert_problem(field, &reply, 422, "invalid_poll");
        assert_eq!(fields(&problem), [*field]);
    }
    let mut several = lunch();
    several["title"] = json!("");
    several["questions"][0]["text"] = json!("");
    let problem = assert_problem(
        "two",
        &post(&stack, "/api/v1/polls", &several.to_string()).await,
        422,
        "invalid_poll",
    );
    assert_eq!(fields(&problem), ["title", "questions[0].text"]);
    assert_eq!(polls(&stack).await, 0);
}
