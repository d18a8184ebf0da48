//! Frames as a client sends them, with every bit as it is wanted.

const CONTINUATION: u8 = 0;
const TEXT: u8 = 1;
const BINARY: u8 = 2;
const CLOSE: u8 = 8;
const PING: u8 = 9;
const PONG: u8 = 10;

/// How a frame says its length.
#[derive(Debug, Clone, Copy)]
pub enum Length {
    /// In as few bytes as it takes, as it should be.
    Shortest,
    /// In 16 bits.
    Bits16,
    /// In 64 bits.
    Bits64,
    /// In 64 bits, and not the payload's.
    Claimed(u64),
}

/// A frame: final, masked and sound, until it is changed.
#[derive(Debug, Clone)]
pub struct ClientFrame {
    is_final: bool,
    reserved: u8,
    opcode: u8,
    mask: Option<[u8; 4]>,
    length: Length,
    payload: Vec<u8>,
}

impl ClientFrame {
    /// A frame of any opcode from 0 to 15.
    pub fn new(opcode: u8, payload: impl AsRef<[u8]>) -> Self {
        Self {
            is_final: true,
            reserved: 0,
            opcode,
            mask: Some([0x37, 0xfa, 0x21, 0x3d]),
            length: Length::Shortest,
            payload: payload.as_ref().to_vec(),
        }
    }

    /// A text, or the start of one.
    pub fn text(payload: impl AsRef<[u8]>) -> Self {
        Self::new(TEXT, payload)
    }

    /// A binary message, or the start of one.
    pub fn binary(payload: impl AsRef<[u8]>) -> Self {
        Self::new(BINARY, payload)
    }

    /// What continues a message.
    pub fn continuation(payload: impl AsRef<[u8]>) -> Self {
        Self::new(CONTINUATION, payload)
    }

    /// A ping.
    pub fn ping(payload: impl AsRef<[u8]>) -> Self {
        Self::new(PING, payload)
    }

    /// A pong.
    pub fn pong(payload: impl AsRef<[u8]>) -> Self {
        Self::new(PONG, payload)
    }

    /// A close with a code and a reason.
    pub fn close(code: u16, reason: impl AsRef<[u8]>) -> Self {
        Self::close_with([&code.to_be_bytes(), reason.as_ref()].concat())
    }

    /// A close with any payload.
    pub fn close_with(payload: impl AsRef<[u8]>) -> Self {
        Self::new(CLOSE, payload)
    }

    /// A message in as many frames as it has pieces.
    pub fn fragments<P: AsRef<[u8]>>(pieces: impl IntoIterator<Item = P>) -> Vec<Self> {
        let mut frames: Vec<Self> =
            pieces.into_iter().map(|piece| Self::continuation(piece).more()).collect();
        if let Some(first) = frames.first_mut() {
            first.opcode = TEXT;
        }
        if let Some(last) = frames.last_mut() {
            last.is_final = true;
        }
        frames
    }

    /// Not the last of its message.
    #[must_use]
    pub fn more(mut self) -> Self {
        self.is_final = false;
        self
    }

    /// With these reserved bits, from 0 to 7: RSV1 is worth 4, RSV2 2, RSV3 1.
    #[must_use]
    pub fn reserved(mut self, bits: u8) -> Self {
        self.reserved = bits;
        self
    }

    /// With this mask, or none.
    #[must_use]
    pub fn mask(mut self, mask: Option<[u8; 4]>) -> Self {
        self.mask = mask;
        self
    }

    /// With its length said this way.
    #[must_use]
    pub fn length(mut self, length: Length) -> Self {
        self.length = length;
        self
    }

    /// What goes over the line.
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = vec![u8::from(self.is_final) << 7 | self.reserved << 4 | self.opcode];
        let (short, long) = self.said_length();
        bytes.push(u8::from(self.mask.is_some()) << 7 | short);
        bytes.extend(long);
        bytes.extend(self.mask.iter().flatten());
        let mask = self.mask.unwrap_or_default();
        bytes.extend(self.payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask));
        bytes
    }

    /// The length in the second byte, and what follows it.
    fn said_length(&self) -> (u8, Vec<u8>) {
        let length = self.payload.len() as u64;
        let in_16_bits = (126, (length as u16).to_be_bytes().to_vec());
        match self.length {
            Length::Shortest if length < 126 => (length as u8, Vec::new()),
            Length::Shortest if length < 1 << 16 => in_16_bits,
            Length::Bits16 => in_16_bits,
            Length::Shortest | Length::Bits64 => (127, length.to_be_bytes().to_vec()),
            Length::Claimed(claimed) => (127, claimed.to_be_bytes().to_vec()),
        }
    }
}
