//! What a server sends, held to RFC 6455.

/// A message of a server, or the end of the connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Received {
    /// A text.
    Text(String),
    /// A binary message.
    Binary(Vec<u8>),
    /// A ping.
    Ping(Vec<u8>),
    /// A pong.
    Pong(Vec<u8>),
    /// A close with its code, or 1005 for none, as the RFC calls that.
    Close(u16, String),
    /// The end.
    End(TcpEnd),
}

/// How a TCP connection ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TcpEnd {
    /// By FIN: all that was sent arrives.
    Fin,
    /// By RST: what is on its way may be lost.
    Reset,
}

/// Codes that no close frame may carry: they stand for closes without a code, without a frame, without TLS.
const ONLY_LOCAL: [u16; 3] = [1005, 1006, 1015];

/// What has come and is not taken yet.
#[derive(Debug, Default)]
pub(super) struct Incoming {
    buffer: Vec<u8>,
    /// Opcode and payload of a message whose end has not come.
    unfinished: Option<(u8, Vec<u8>)>,
    is_closed: bool,
}

impl Incoming {
    /// For what follows to be added to.
    pub(super) fn buffer(&mut self) -> &mut Vec<u8> {
        &mut self.buffer
    }

    /// # Panics
    /// When a frame or message has begun and not ended.
    pub(super) fn assert_whole(&self) {
        assert!(self.buffer.is_empty(), "the connection ends within a frame: {:?}", self.buffer);
        assert!(self.is_closed || self.unfinished.is_none(), "the connection ends within a message");
    }

    /// Takes the next message that has come wholly.
    ///
    /// # Panics
    /// On what a server must not send.
    pub(super) fn take(&mut self) -> Option<Received> {
        loop {
            let (is_final, opcode, payload) = self.frame()?;
            assert!(!self.is_closed, "nothing may follow a close");
            if opcode >= 8 {
                assert!(is_final && payload.len() <= 125, "control frames are short and whole");
                return Some(self.control(opcode, payload));
            }
            let (kind, message) = match (self.unfinished.take(), opcode) {
                (None, 1 | 2) => (opcode, payload),
                (Some((kind, begun)), 0) => (kind, [begun, payload].concat()),
                (begun, _) => panic!("opcode {opcode} where {begun:?} has begun"),
            };
            if is_final {
                return Some(if kind == 1 {
                    Received::Text(text(message))
                } else {
                    Received::Binary(message)
                });
            }
            self.unfinished = Some((kind, message));
        }
    }

    fn control(&mut self, opcode: u8, payload: Vec<u8>) -> Received {
        match opcode {
            8 => {
                self.is_closed = true;
                close(&payload)
            }
            9 => Received::Ping(payload),
            10 => Received::Pong(payload),
            _ => panic!("opcode {opcode} is reserved"),
        }
    }

    /// The next whole frame: whether it is final, its opcode and payload.
    fn frame(&mut self) -> Option<(bool, u8, Vec<u8>)> {
        let [first, second, rest @ ..] = self.buffer.as_slice() else { return None };
        let (is_final, opcode) = (first & 0x80 != 0, first & 0x0f);
        assert_eq!(first & 0x70, 0, "reserved bits are 0");
        assert!(second & 0x80 == 0, "a server masks nothing");
        let (head, length, least) = match second {
            127 => (10, u64::from_be_bytes(*rest.first_chunk()?), 1 << 16),
            126 => (4, u64::from(u16::from_be_bytes(*rest.first_chunk()?)), 126),
            short => (2, u64::from(*short), 0),
        };
        assert!(length >= least, "a length of {length} is said in as few bytes as it takes");
        let end = head + usize::try_from(length).expect("a length for this machine");
        let payload = self.buffer.get(head..end)?.to_vec();
        self.buffer.drain(..end);
        Some((is_final, opcode, payload))
    }
}

fn close(payload: &[u8]) -> Received {
    let [high, low, reason @ ..] = payload else {
        assert!(payload.is_empty(), "a close has a whole code or none");
        return Received::Close(1005, String::new());
    };
    let code = u16::from_be_bytes([*high, *low]);
    assert!((1000..5000).contains(&code) && !ONLY_LOCAL.contains(&code), "{code} is no code to send");
    Received::Close(code, text(reason.to_vec()))
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).expect("a text is UTF-8")
}
