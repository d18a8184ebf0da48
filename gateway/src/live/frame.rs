//! A message to viewers, encoded once for all of them and each way down.

use std::sync::OnceLock;

use bytes::{BufMut, Bytes, BytesMut};
use serde::Serialize;

/// The longest header of a frame that a server sends: two bytes and a length of eight.
const MAX_HEADER: usize = 10;
/// First byte of a text message in one frame: FIN and opcode 1 (RFC 6455, section 5.2).
const FINAL_TEXT: u8 = 0x81;

/// A message. A server's frames are not masked, so the same bytes serve every viewer.
#[derive(Debug)]
pub(crate) struct Frame {
    /// As a WebSocket sends it.
    socket: Bytes,
    /// Where its text begins.
    text: usize,
    /// The message's type, and what a client of server-sent events resumes after.
    event: &'static str,
    id: Option<Box<str>>,
    /// As a server-sent event, made for the first who wants it.
    sent_event: OnceLock<Bytes>,
}

impl Frame {
    /// Encodes `message`, whose `type` is `event`; who has got it resumes after `id`.
    pub(crate) fn new(event: &'static str, id: Option<Box<str>>, message: &impl Serialize) -> Self {
        let text = serde_json::to_string(message).unwrap_or_else(|_| unreachable!("messages are plain data"));
        let mut socket = BytesMut::with_capacity(MAX_HEADER + text.len());
        socket.put_u8(FINAL_TEXT);
        match text.len() {
            length @ 0..126 => socket.put_u8(length as u8),
            length @ 126..0x1_0000 => {
                socket.put_u8(126);
                socket.put_u16(length as u16);
            }
            length => {
                socket.put_u8(127);
                socket.put_u64(length as u64);
            }
        }
        let header = socket.len();
        socket.put_slice(text.as_bytes());
        Self { socket: socket.freeze(), text: header, event, id, sent_event: OnceLock::new() }
    }

    /// The whole frame as a WebSocket sends it.
    pub(crate) fn for_socket(&self) -> Bytes {
        self.socket.clone()
    }

    /// The message as a server-sent event.
    pub(crate) fn for_event_stream(&self) -> Bytes {
        self.sent_event.get_or_init(|| self.encode_event()).clone()
    }

    /// As the standard has it (HTML, section 9.2.5); JSON has no line breaks.
    fn encode_event(&self) -> Bytes {
        let mut event = format!("event: {}\n", self.event).into_bytes();
        if let Some(id) = &self.id {
            event.extend_from_slice(format!("id: {id}\n").as_bytes());
        }
        event.extend_from_slice(b"data: ");
        event.extend_from_slice(&self.socket[self.text..]);
        event.extend_from_slice(b"\n\n");
        event.into()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use tokio_tungstenite::tungstenite::Message;
    use tokio_tungstenite::tungstenite::protocol::{Role, WebSocket, WebSocketConfig};

    use super::*;

    /// What the protocol's own implementation reads.
    fn read(bytes: Bytes) -> Message {
        let stream = Cursor::new(bytes.to_vec());
        WebSocket::from_raw_socket(stream, Role::Client, Some(WebSocketConfig::default())).read().unwrap()
    }

    #[test]
    fn a_client_reads_what_was_meant_at_every_length_of_header() {
        for length in [0, 1, 123, 124, 125, 126, 65_533, 65_534, 65_535, 100_000] {
            let text = "x".repeat(length);
            let frame = Frame::new("results", None, &text).for_socket();
            let (quoted, header) =
                (length + 2, [2, 4, 10][usize::from(length > 123) + usize::from(length > 65_533)]);
            assert_eq!(frame.len(), quoted + header, "{length}");
            assert_eq!(read(frame), Message::text(format!("\"{text}\"")), "{length}");
        }
    }

    #[test]
    fn an_event_says_its_type_and_where_to_resume() {
        let frame =
            Frame::new("results", Some("12".into()), &serde_json::json!({"total": 1, "text": "two\nlines"}));
        let expected = "event: results\nid: 12\ndata: {\"text\":\"two\\nlines\",\"total\":1}\n\n";
        assert_eq!(frame.for_event_stream(), expected);
        assert_eq!(Frame::new("viewers", None, &1).for_event_stream(), "event: viewers\ndata: 1\n\n");
    }
}
