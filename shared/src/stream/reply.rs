//! Redis's replies about stream entries, taken apart without a copy: an aggregator reads every vote so.

use redis::{RedisError, RedisResult, Value};

use super::group::Entry;
use super::{StreamId, Streams};
use crate::traces::{TRACEPARENT, TraceParent};

/// The elements of a list; none of a nil, which stands for an empty one.
pub(super) fn list(value: Value) -> Vec<Value> {
    match value {
        Value::Array(elements) => elements,
        _ => Vec::new(),
    }
}

/// The elements of a list of fixed length.
pub(super) fn tuple<const N: usize>(value: Value) -> RedisResult<[Value; N]> {
    let unexpected = |_| RedisError::from((redis::ErrorKind::UnexpectedReturnType, "not a stream's reply"));
    <[Value; N]>::try_from(list(value)).map_err(unexpected)
}

/// The id that a reply holds.
pub(super) fn stream_id(value: &Value) -> Option<StreamId> {
    let Value::BulkString(id) = value else { return None };
    std::str::from_utf8(id).ok()?.parse().ok()
}

/// The entries of a list of them.
pub(super) fn entries(streams: Streams, shard: u16, value: Value) -> impl Iterator<Item = Entry> {
    list(value).into_iter().filter_map(move |value| entry(streams, shard, value))
}

/// An entry: its id, then its fields and values in turn. An entry without our field is there, but empty.
fn entry(streams: Streams, shard: u16, value: Value) -> Option<Entry> {
    let [id, fields] = tuple(value).ok()?;
    let mut fields = list(fields).into_iter();
    let (mut packed, mut trace) = (Vec::new(), None);
    while let (Some(Value::BulkString(field)), Some(Value::BulkString(value))) =
        (fields.next(), fields.next())
    {
        if field == streams.field().as_bytes() {
            packed = value;
        } else if field == TRACEPARENT.as_bytes() {
            trace = std::str::from_utf8(&value).ok().and_then(TraceParent::read);
        }
    }
    Some(Entry { shard, id: stream_id(&id)?, packed, trace })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Value {
        Value::BulkString(text.into())
    }

    #[test]
    fn an_entry_is_its_id_and_its_packed_field() {
        let fields = Value::Array(vec![text("other"), text("x"), text("v"), text("packed")]);
        let reply = Value::Array(vec![Value::Array(vec![text("5-1"), fields]), Value::Nil]);
        let read: Vec<Entry> = entries(Streams::Votes, 3, reply).collect();
        let id = StreamId { milliseconds: 5, sequence: 1 };
        assert_eq!(read, [Entry { shard: 3, id, packed: b"packed".to_vec(), trace: None }]);
    }

    #[test]
    fn an_entry_of_somebody_else_is_there_but_empty() {
        let fields = Value::Array(vec![text("other"), text("x")]);
        let reply = Value::Array(vec![Value::Array(vec![text("5-1"), fields])]);
        assert_eq!(entries(Streams::Votes, 0, reply).map(|entry| entry.packed).collect::<Vec<_>>(), [b""]);
    }
}
