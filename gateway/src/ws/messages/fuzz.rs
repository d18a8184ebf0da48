//! Messages that are nearly right, or not at all.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

const POLL: &str = "01983c5e-7a0f-7d20-8b4e-2f6d1c9e5a01";

/// A message of each type with all its members.
fn full() -> impl Strategy<Value = Value> {
    prop::sample::select(vec![
        json!({"type": "subscribe", "poll_id": POLL, "version": 3, "voter_token": POLL, "access_token": "a",
               "manage_token": "m"}),
        json!({"type": "unsubscribe", "poll_id": POLL}),
        json!({"type": "vote", "request_id": "r", "poll_id": POLL, "question_id": POLL, "choice_ids": [POLL]}),
        json!({"type": "vote", "request_id": "r", "poll_id": POLL,
               "answers": [{"question_id": POLL, "choice_ids": [POLL]}], "captcha_token": "c"}),
        json!({"type": "ping"}),
    ])
}

/// The places in a message that something else is put in.
const PLACES: [&str; 14] = [
    "",
    "/type",
    "/poll_id",
    "/version",
    "/voter_token",
    "/access_token",
    "/request_id",
    "/question_id",
    "/choice_ids",
    "/choice_ids/0",
    "/answers",
    "/answers/0",
    "/answers/0/question_id",
    "/answers/0/choice_ids",
];

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,8}".prop_map(Value::from),
        prop::sample::select(vec!["subscribe", "unsubscribe", "vote", "ping", "Ping", POLL])
            .prop_map(Value::from),
        Just(json!([POLL])),
        Just(json!([POLL, [POLL]])),
        Just(json!({"question_id": POLL, "choice_ids": []})),
        Just(json!(["ping"])),
    ]
}

fn mutated() -> impl Strategy<Value = Value> {
    let change = (prop::sample::select(PLACES.to_vec()), value());
    (full(), prop::collection::vec(change, 0..4), any::<bool>()).prop_map(|(mut message, changes, adds)| {
        for (place, value) in changes {
            if let Some(there) = message.pointer_mut(place) {
                *there = value;
            }
        }
        if let Some(members) = message.as_object_mut().filter(|_| adds) {
            members.insert("extra".to_owned(), Value::Null);
        }
        message
    })
}

/// A message's members as they were read, `None` where nothing was.
fn read_back(message: &ClientMessage) -> Value {
    match message {
        ClientMessage::Subscribe(it) => {
            json!({"type": "subscribe", "poll_id": it.poll_id, "version": it.version,
            "voter_token": it.voter_token, "access_token": it.access_token, "manage_token": it.manage_token})
        }
        ClientMessage::Unsubscribe(it) => json!({"type": "unsubscribe", "poll_id": it.poll_id}),
        ClientMessage::Vote(it) => json!({"type": "vote", "request_id": it.request_id, "poll_id": it.poll_id,
            "question_id": it.question_id, "choice_ids": it.choice_ids, "answers": it.answers,
            "captcha_token": it.captcha_token}),
        ClientMessage::Ping => json!({"type": "ping"}),
    }
}

#[test]
fn an_array_is_no_message_nor_part_of_one() {
    for text in [
        json!(["ping"]),
        json!(["unsubscribe", POLL]),
        json!({"type": {"ping": null}}),
        json!({"type": "vote", "request_id": "r", "poll_id": POLL, "answers": [[POLL, [POLL]]]}),
    ] {
        assert!(ClientMessage::parse(&text.to_string()).is_err(), "{text}");
    }
}

proptest! {
    #[test]
    fn what_is_read_is_what_was_sent(message in mutated()) {
        if let Ok(parsed) = ClientMessage::parse(&message.to_string()) {
            let read = read_back(&parsed);
            for (name, value) in read.as_object().unwrap() {
                prop_assert_eq!(value, &message[name], "{} of {}", name, message);
            }
            let unknown = |name: &&String| read.get(name.as_str()).is_none();
            let is_strict = matches!(parsed, ClientMessage::Vote(_));
            prop_assert!(!is_strict || message.as_object().unwrap().keys().find(unknown).is_none(), "{}", message);
        }
    }

    #[test]
    fn no_text_makes_it_panic(text in prop_oneof!["\\PC{0,64}", "[{}\\[\\]\":,a-z0-9\\\\]{0,64}"]) {
        let id = request_id(&text);
        let is_error = ClientMessage::parse(&text).is_err();
        prop_assert!(is_error || id.is_none() || text.contains("request_id"));
    }
}
