//! The request that opens a WebSocket, with every header as it is wanted.

use std::net::SocketAddr;

use bytes::Bytes;
use hyper::header::{CONTENT_LENGTH, HeaderName, HeaderValue};
use hyper::{HeaderMap, Method, StatusCode};
use pollster_bench::client::Reply;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::RawSocket;
use super::received::Incoming;
use crate::conformance::assert_documented;

/// The key and its answer that RFC 6455 has as its example.
const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
const ACCEPT: &str = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

/// A handshake: sound, until it is changed.
#[derive(Debug, Clone)]
pub struct Handshake {
    request_line: String,
    headers: Vec<(String, String)>,
    rest: Vec<u8>,
}

impl Default for Handshake {
    fn default() -> Self {
        let headers = [
            ("Host", "localhost"),
            ("Connection", "Upgrade"),
            ("Upgrade", "websocket"),
            ("Sec-WebSocket-Version", "13"),
            ("Sec-WebSocket-Key", KEY),
        ];
        Self {
            request_line: "GET /ws HTTP/1.1".to_owned(),
            headers: headers.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
            rest: Vec::new(),
        }
    }
}

impl Handshake {
    /// With another first line.
    #[must_use]
    pub fn request_line(mut self, line: &str) -> Self {
        line.clone_into(&mut self.request_line);
        self
    }

    /// With one more header, also one more of a name that is there.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Without the headers of a name.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(there, _)| !there.eq_ignore_ascii_case(name));
        self
    }

    /// With another value of a header.
    #[must_use]
    pub fn set(self, name: &str, value: &str) -> Self {
        self.without(name).with(name, value)
    }

    /// With bytes after the headers, in the same write.
    #[must_use]
    pub fn followed_by(mut self, bytes: impl AsRef<[u8]>) -> Self {
        self.rest.extend(bytes.as_ref());
        self
    }

    /// Sends it to a gateway; returns the answer, and the connection for what it is worth.
    pub async fn send(&self, gateway: SocketAddr) -> (Reply, RawSocket) {
        let stream = TcpStream::connect(gateway).await.expect("the gateway is reached");
        self.send_over(stream).await
    }

    /// The same over a connection that stands.
    ///
    /// # Panics
    /// When no answer comes, one that is not documented, or one that a client must not take as it is.
    pub async fn send_over(&self, mut stream: TcpStream) -> (Reply, RawSocket) {
        // So that a write is a segment.
        stream.set_nodelay(true).expect("a socket's option");
        stream.write_all(&self.bytes()).await.expect("the gateway listens");
        let mut socket = RawSocket { stream, incoming: Incoming::default() };
        let method = self.request_line.split(' ').next().unwrap_or_default();
        let method: Method = method.parse().expect("a method");
        let reply = socket.reply(method != Method::HEAD).await;
        assert_documented(&method, "/ws", &[], &reply);
        assert_switched(&reply);
        (reply, socket)
    }

    fn bytes(&self) -> Vec<u8> {
        let headers: String =
            self.headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        [format!("{}\r\n{headers}\r\n", self.request_line).as_bytes(), &self.rest].concat()
    }
}

/// Holds an answer that switches protocols to the RFC; what was not asked for is not there.
fn assert_switched(reply: &Reply) {
    if reply.status == StatusCode::SWITCHING_PROTOCOLS {
        let value = |name: &str| reply.headers.get(name).map(|value| value.to_str().expect("text"));
        assert!(value("upgrade").is_some_and(|value| value.eq_ignore_ascii_case("websocket")));
        assert!(value("connection").is_some_and(|value| value.eq_ignore_ascii_case("upgrade")));
        assert_eq!(value("sec-websocket-accept"), Some(ACCEPT));
        assert_eq!(value("sec-websocket-extensions"), None);
        assert_eq!(value("sec-websocket-protocol"), None);
    }
}

impl RawSocket {
    /// Reads the answer to a handshake, with the body that it announces or without; what follows it stays.
    async fn reply(&mut self, with_body: bool) -> Reply {
        let head = loop {
            let buffer = self.incoming.buffer();
            if let Some(end) = buffer.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
                break buffer.drain(..end + 4).collect();
            }
            assert_eq!(self.read().await, None, "an answer comes");
        };
        let (status, headers) = parse(&String::from_utf8(head).expect("a head is text"));
        let length = headers.get(CONTENT_LENGTH).filter(|_| with_body).map_or(0, |length| {
            length.to_str().ok().and_then(|length| length.parse().ok()).expect("a length")
        });
        while self.incoming.buffer().len() < length {
            assert_eq!(self.read().await, None, "a body comes");
        }
        let body: Vec<u8> = self.incoming.buffer().drain(..length).collect();
        Reply { status, headers, body: Bytes::from(body) }
    }
}

fn parse(head: &str) -> (StatusCode, HeaderMap) {
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).expect("a status line");
    let headers = lines.take_while(|line| !line.is_empty()).map(|line| {
        let (name, value) = line.split_once(": ").expect("a header");
        let name: HeaderName = name.parse().expect("a header's name");
        (name, HeaderValue::from_str(value).expect("a header's value"))
    });
    (status.parse().expect("a status"), headers.collect())
}
