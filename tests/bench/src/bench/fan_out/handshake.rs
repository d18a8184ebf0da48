//! What a viewer sends: the opening handshake and masked frames.

use std::net::SocketAddr;

use super::error::FanOutError;

/// The key of RFC 6455, section 1.3: any does, and this one's answer is known.
const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
const ACCEPT: &str = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
/// Behind the headers.
const END: &[u8] = b"\r\n\r\n";

/// The last (only) piece of a text.
pub(super) const TEXT: u8 = 0x81;
/// The answer to a ping.
pub(super) const PONG: u8 = 0x8a;

/// The request.
pub(super) fn request(host: SocketAddr) -> String {
    format!(
        "GET /ws HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {KEY}\r\n\r\n"
    )
}

/// Looks at what has come of the answer: once it is whole, how long it is. Frames may follow it.
pub(super) fn length_of_answer(bytes: &[u8]) -> Result<Option<usize>, FanOutError> {
    let Some(end) = bytes.windows(END.len()).position(|bytes| bytes == END) else { return Ok(None) };
    let head = String::from_utf8_lossy(&bytes[..end]);
    if head.starts_with("HTTP/1.1 101 ") && head.contains(ACCEPT) {
        return Ok(Some(end + END.len()));
    }
    Err(FanOutError::NoWebSocket(head.lines().next().unwrap_or_default().to_owned()))
}

/// A frame of a client. Its mask is zero, which leaves the payload as it is.
pub(super) fn masked(kind: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![kind];
    match payload.len() {
        short @ 0..126 => frame.push(0x80 | short as u8),
        // Nothing that a viewer sends is longer.
        long => {
            frame.push(0x80 | 126);
            frame.extend((long as u16).to_be_bytes());
        }
    }
    frame.extend([0; 4]);
    frame.extend_from_slice(payload);
    frame
}

#[cfg(test)]
mod tests {
    use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

    use super::*;

    #[test]
    fn the_answer_ends_where_its_headers_do() {
        assert_eq!(derive_accept_key(KEY.as_bytes()), ACCEPT);
        let answer = format!("HTTP/1.1 101 Switching Protocols\r\nsec-websocket-accept: {ACCEPT}\r\n\r\n");
        let bytes = [answer.as_bytes(), &[0x8a, 0]].concat();
        assert_eq!(length_of_answer(&bytes).unwrap(), Some(answer.len()));
        assert_eq!(length_of_answer(&bytes[..answer.len() - 1]).unwrap(), None);
    }

    #[test]
    fn another_answer_is_an_error_that_says_so() {
        for (status, accept) in [("429 Too Many Requests", ""), ("200 OK", ACCEPT), ("101 Switching", "?")] {
            let answer = format!("HTTP/1.1 {status}\r\nsec-websocket-accept: {accept}\r\n\r\n");
            let error = length_of_answer(answer.as_bytes()).unwrap_err();
            assert!(error.to_string().contains(status), "{error}");
        }
    }

    #[test]
    fn frames_are_masked_by_nothing() {
        assert_eq!(masked(PONG, b"ab"), [0x8a, 0x82, 0, 0, 0, 0, b'a', b'b']);
        let long = masked(TEXT, &[7; 300]);
        assert_eq!(long[..8], [0x81, 0xfe, 1, 44, 0, 0, 0, 0]);
        assert_eq!(long.len(), 308);
    }
}
