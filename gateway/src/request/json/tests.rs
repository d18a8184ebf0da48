use pollster_shared::accounts::Change;
use pollster_shared::poll::Draft;
use proptest::prelude::*;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::*;
use crate::votes::ballot::VoteBody;

/// All that bodies are made of.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    number: i64,
    #[serde(default)]
    word: Option<Word>,
    #[serde(default)]
    within: Vec<Within>,
    #[serde(default)]
    any: Value,
}

#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Word {
    OneWord,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
struct Within {
    text: String,
    id: Option<Uuid>,
}

fn refused<T: DeserializeOwned>(json: Value) -> bool {
    from_slice::<T>(json.to_string().as_bytes()).is_err()
}

#[test]
fn an_array_is_no_object_at_any_depth() {
    assert!(refused::<Body>(json!([1, null, [], null])));
    assert!(refused::<Body>(json!({"number": 1, "within": [["a", null]]})));
    assert!(!refused::<Body>(json!({"number": 1, "within": [{"text": "a", "id": null}]})));
    assert!(refused::<Change>(json!([null, null])));
    assert!(refused::<Change>(json!({"notification_choices": [true, true, true, "off", false]})));
    let id = Uuid::nil();
    assert!(refused::<VoteBody>(json!([id, [id], null, null])));
    assert!(refused::<VoteBody>(json!({"answers": [[id, [id]]]})));
    let settings = json!(["browser", "always", true, false, false, null]);
    let draft = |settings| json!({"title": "?", "questions": [{"text": "?", "choices": ["a", "b"]}], "settings": settings});
    assert!(refused::<Draft>(draft(settings)));
    assert!(!refused::<Draft>(draft(json!({"voter_identity": "browser"}))));
    assert!(refused::<Draft>(json!({"title": "?", "questions": [["?", ["a", "b"], 1, 1]]})));
}

#[test]
fn a_word_is_a_string() {
    assert!(!refused::<Body>(json!({"number": 1, "word": "one_word"})));
    assert!(refused::<Body>(json!({"number": 1, "word": {"one_word": null}})));
    let error = from_slice::<Body>(br#"{"number": 1, "word": "two"}"#).unwrap_err().to_string();
    assert!(error.starts_with("unknown variant `two`, expected `one_word`"), "{error}");
}

#[test]
fn what_follows_the_value_is_an_error() {
    assert!(from_slice::<Body>(br#"{"number": 1} "#).is_ok());
    assert!(from_slice::<Body>(br#"{"number": 1} {}"#).is_err());
}

/// Any JSON, with the fields' names more often than chance has them.
fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[ -~é\u{0}\u{1f600}]{0,8}".prop_map(Value::from),
        Just(Value::from("one_word")),
        any::<u128>().prop_map(|bits| Value::from(Uuid::from_u128(bits).to_string())),
    ];
    let name =
        prop::sample::select(vec!["number", "word", "within", "any", "text", "id", "one_word", "else"]);
    leaf.prop_recursive(4, 32, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((name.clone(), inner), 0..5).prop_map(|members| {
                Value::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
            }),
        ]
    })
}

proptest! {
    #[test]
    fn any_value_reads_as_itself(value in value()) {
        let json = value.to_string();
        prop_assert_eq!(from_slice::<Value>(json.as_bytes()).unwrap(), serde_json::from_str::<Value>(&json).unwrap());
    }

    #[test]
    fn what_is_read_is_what_serde_reads(value in value()) {
        let json = value.to_string();
        if let Ok(body) = from_slice::<Body>(json.as_bytes()) {
            prop_assert!(value.is_object());
            prop_assert_eq!(body, serde_json::from_str::<Body>(&json).unwrap());
        }
    }

    #[test]
    fn a_body_in_full_is_read(
        number in any::<i64>(),
        within in prop::collection::vec(("[ -~é]{0,8}", any::<Option<u128>>()), 0..4),
        any in value(),
    ) {
        let within: Vec<Value> = within
            .into_iter()
            .map(|(text, id)| json!({"text": text, "id": id.map(|bits| Uuid::from_u128(bits).to_string())}))
            .collect();
        let json = json!({"number": number, "word": "one_word", "within": within, "any": any}).to_string();
        let expected = serde_json::from_str::<Body>(&json).unwrap();
        prop_assert_eq!(from_slice::<Body>(json.as_bytes()).unwrap(), expected);
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        let strict = from_slice::<Value>(&bytes);
        prop_assert_eq!(strict.is_ok(), serde_json::from_slice::<Value>(&bytes).is_ok());
    }
}
