//! Dead letters that somebody else wrote.

use std::collections::HashMap;

use proptest::collection::{hash_map, vec};
use proptest::prelude::*;
use redis::Value;

use super::*;
use crate::queues::Queue;

/// A letter with some of the fields of ours, and others; any of them may hold anything.
fn reply() -> impl Strategy<Value = Reply> {
    let names = ["id", "v", "event", "error", "deliveries", "other"].map(str::to_owned).to_vec();
    let text =
        prop_oneof!["[0-9]{1,24}", "[0-9]{1,24}-[0-9]{1,24}", "\\PC{0,8}"].prop_map(String::into_bytes);
    let bytes = prop_oneof![vec(any::<u8>(), 0..16), text];
    let value = prop_oneof![
        8 => bytes.prop_map(Value::BulkString),
        1 => any::<i64>().prop_map(Value::Int),
        1 => Just(Value::Nil),
        1 => Just(Value::Array(vec![Value::Nil])),
    ];
    let map = hash_map(prop::sample::select(names), value, 0..6);
    ("[0-9]{1,22}-[0-9]{1,22}|\\PC{0,8}", map).prop_map(|(id, map)| Reply { id, map, ..Reply::default() })
}

fn written(letter: &DeadLetter, field: &str) -> HashMap<String, Value> {
    let text = |value: &str| Value::BulkString(value.as_bytes().to_vec());
    HashMap::from([
        ("id".to_owned(), text(&letter.entry.id.to_string())),
        ("error".to_owned(), text(&letter.error)),
        ("deliveries".to_owned(), text(&letter.deliveries.to_string())),
        (field.to_owned(), Value::BulkString(letter.entry.packed.clone())),
    ])
}

proptest! {
    #[test]
    fn whatever_a_letter_holds_it_is_listed(reply in reply(), shard in any::<u16>()) {
        for streams in [Streams::Votes, Streams::Jobs(Queue::Milestones)] {
            let kept = read(streams, shard, &reply);
            prop_assert_eq!(kept.letter.entry.shard, shard);
            let raw = reply.get::<Vec<u8>>(streams.field()).unwrap_or_default();
            prop_assert_eq!(kept.letter.entry.packed, raw);
        }
    }

    #[test]
    fn a_letter_is_read_as_it_was_set_aside(
        ids in any::<[u64; 4]>(),
        packed in vec(any::<u8>(), 0..64),
        error in "\\PC{0,32}",
        deliveries in any::<u32>(),
    ) {
        let id = |milliseconds, sequence| StreamId { milliseconds, sequence };
        let entry = Entry { shard: 3, id: id(ids[0], ids[1]), packed, trace: None };
        let kept = Kept { id: id(ids[2], ids[3]), letter: DeadLetter { entry, error, deliveries } };
        for streams in [Streams::Votes, Streams::Jobs(Queue::Archival)] {
            let map = written(&kept.letter, streams.field());
            let reply = Reply { id: kept.id.to_string(), map, ..Reply::default() };
            prop_assert_eq!(&read(streams, 3, &reply), &kept);
        }
    }
}
