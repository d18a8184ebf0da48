use serde_json::json;

use super::*;

/// What is read of `stream`, whole and byte by byte.
fn read(stream: &str) -> EventParser {
    let mut whole = EventParser::default();
    whole.feed(stream.as_bytes());
    let mut torn = EventParser::default();
    stream.bytes().for_each(|byte| torn.feed(&[byte]));
    assert_eq!(whole.events(), torn.events(), "{stream:?}");
    whole
}

fn event(kind: &str, last_event_id: &str, data: Value) -> SentEvent {
    SentEvent { kind: kind.to_owned(), last_event_id: last_event_id.to_owned(), data }
}

#[test]
fn lines_end_in_three_ways() {
    for end in ["\n", "\r", "\r\n"] {
        let stream = ["event: a", "id: 1", "data: 2", "", "data: 3", "", ""].join(end);
        assert_eq!(read(&stream).events(), [event("a", "1", json!(2)), event("message", "1", json!(3))]);
    }
}

#[test]
fn fields_are_read_as_the_standard_has_it() {
    let stream = "\u{feff}data:[1,\ndata: 2]\nunknown: x\nid\n\n: comment\n:\nretry: 20\nretry: 2x\n\n";
    let parser = read(stream);
    assert_eq!(parser.events(), [event("message", "", json!([1, 2]))]);
    assert_eq!((parser.comments(), parser.retry()), (2, Some(20)));
}

#[test]
fn what_has_no_data_or_no_end_is_no_event() {
    let parser = read("event: a\nid: 1\n\ndata: 1\n\nevent: b\ndata: 2\n");
    assert_eq!(parser.events(), [event("message", "1", json!(1))]);
}
