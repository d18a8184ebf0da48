//! The WebSocket protocol (RFC 6455) of `GET /ws`, bit by bit: the cases of Autobahn's test suite, whose sections
//! the files are, and the handshake. A text `{"type":"ping"}`, which is answered, stands for its echo.

mod closing;
mod fragmentation;
mod framing;
mod handshake;
mod interleaving;
mod limits;
mod pings;
mod random;
mod reserved;
mod utf8;

use std::fmt::Display;
use std::net::SocketAddr;

use futures_util::future::join_all;
use pollster_integration::{ClientFrame, DEADLINE, RawSocket, Received, Stack, TcpEnd};
use serde_json::Value;
use tokio::time::timeout;

/// A text that is answered.
const HELLO: &str = r#"{"type":"ping"}"#;
/// What stands for a close without a code (RFC 6455, section 7.4.1).
const NO_CODE: u16 = 1005;

/// A gateway alone.
async fn gateway() -> Stack {
    Stack::builder().aggregators(0).without_background().start().await
}

/// What is sent over a connection, and what must come of it.
#[derive(Debug, Clone)]
struct Talk {
    name: String,
    sent: Vec<u8>,
    /// The bytes of a write.
    chop: usize,
    answers: Vec<Answer>,
    end: End,
}

/// What answers a message.
#[derive(Debug, Clone)]
enum Answer {
    /// A JSON text of this type.
    Says(&'static str),
    /// A pong with this payload.
    Pong(Vec<u8>),
}

/// How the connection goes on.
#[derive(Debug, Clone)]
enum End {
    /// It serves as before.
    Stands,
    /// The gateway ends it, with one of these codes.
    Fails(&'static [u16]),
    /// The gateway answers our close, with one of these codes.
    Closes(Vec<u16>),
}

impl Talk {
    fn new(name: impl Display) -> Self {
        let (sent, answers) = (Vec::new(), Vec::new());
        Self { name: name.to_string(), sent, chop: usize::MAX, answers, end: End::Stands }
    }

    fn sends(mut self, frame: ClientFrame) -> Self {
        self.sent.extend(frame.bytes());
        self
    }

    fn sends_all(self, frames: impl IntoIterator<Item = ClientFrame>) -> Self {
        frames.into_iter().fold(self, Self::sends)
    }

    fn says(mut self, kind: &'static str) -> Self {
        self.answers.push(Answer::Says(kind));
        self
    }

    fn pongs(mut self, payload: impl AsRef<[u8]>) -> Self {
        self.answers.push(Answer::Pong(payload.as_ref().to_vec()));
        self
    }

    fn fails(mut self, codes: &'static [u16]) -> Self {
        self.end = End::Fails(codes);
        self
    }

    fn closes(mut self, codes: &[u16]) -> Self {
        self.end = End::Closes(codes.to_vec());
        self
    }

    async fn hold(&self, gateway: SocketAddr) {
        let Self { name, sent, chop, answers, end } = self;
        let mut socket = RawSocket::connect(gateway).await;
        socket.send_chopped(sent, *chop).await;
        for answer in answers {
            answer.assert(name, socket.next().await);
        }
        match end {
            End::Stands => assert_serves(name, &mut socket).await,
            End::Fails(codes) => {
                assert_closed(name, codes, socket.next().await);
                // As browsers do, though nothing needs it.
                socket.send(ClientFrame::close_with("").bytes()).await;
                let end = socket.next().await;
                assert!(matches!(end, Received::End(_)), "{name}: {end:?} after the close");
            }
            End::Closes(codes) => {
                assert_closed(name, codes, socket.next().await);
                assert_eq!(socket.next().await, Received::End(TcpEnd::Fin), "{name}");
            }
        }
    }
}

impl Answer {
    fn assert(&self, name: &str, received: Received) {
        match (self, &received) {
            (Self::Says(kind), Received::Text(text)) => {
                let message: Value = serde_json::from_str(text).unwrap();
                assert_eq!(message["type"], *kind, "{name}: {message}");
            }
            (Self::Pong(payload), Received::Pong(answered)) => assert_eq!(payload, answered, "{name}"),
            _ => panic!("{name}: {received:?}, not {self:?}"),
        }
    }
}

fn assert_closed(name: &str, codes: &[u16], received: Received) {
    let is_one = matches!(received, Received::Close(code, _) if codes.contains(&code));
    assert!(is_one, "{name}: {received:?}, not closed with {codes:?}");
}

/// Holds that the next message is answered, and then that the connection ends as it is closed.
async fn assert_serves(name: &str, socket: &mut RawSocket) {
    socket.send(ClientFrame::text(HELLO).bytes()).await;
    Answer::Says("pong").assert(name, socket.next().await);
    socket.send(ClientFrame::close(1000, "").bytes()).await;
    assert_closed(name, &[1000], socket.next().await);
    assert_eq!(socket.next().await, Received::End(TcpEnd::Fin), "{name}");
}

/// Holds talks side by side, each over a connection of its own.
async fn hold(talks: impl IntoIterator<Item = Talk>) {
    let stack = gateway().await;
    let address = stack.gateway(0).address();
    let talks: Vec<Talk> = talks.into_iter().collect();
    let all_hold = join_all(talks.iter().map(|talk| talk.hold(address)));
    // The server's pings would keep a talk that does not end going for ever.
    timeout(2 * DEADLINE, all_hold).await.expect("all talks end");
}

/// The talk in one write, and in writes of these sizes.
fn also_chopped(talk: &Talk, sizes: &[usize]) -> Vec<Talk> {
    let chopped = sizes.iter().map(|size| {
        let name = format!("{}, {size} bytes a write", talk.name);
        Talk { name, chop: *size, ..talk.clone() }
    });
    [talk.clone()].into_iter().chain(chopped).collect()
}
