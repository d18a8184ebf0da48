//! What must come of frames, by RFC 6455 and our limits.

use super::{Drawn, HELLO, Length, TOO_LONG};

const PROTOCOL_ERROR: u16 = 1002;
const NOT_UTF_8: u16 = 1007;
const TOO_BIG: u16 = 1009;
/// Codes that a close may carry, of those that are drawn (section 7.4, and the registry that it founds).
const CODES: [u16; 11] = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013];
/// Registered last: whoever does not know it may refuse it.
const BAD_GATEWAY: u16 = 1014;

/// What must come of frames that a close follows.
#[derive(Debug, Default)]
pub(super) struct Expected {
    /// The codes that the connection may be closed with.
    pub(super) codes: Vec<u16>,
    /// Messages that are answered, each with one text.
    pub(super) messages: usize,
    /// What is pinged.
    pub(super) pings: Vec<Vec<u8>>,
}

impl Expected {
    pub(super) fn of(frames: &[Drawn]) -> Self {
        let mut expected = Self::default();
        // Whether it is a text, and its bytes so far.
        let mut begun: Option<(bool, Vec<u8>)> = None;
        for frame in frames {
            if let Some(end) = expected.take(frame, &mut begun) {
                expected.codes = end;
                return expected;
            }
        }
        expected.codes = vec![1000];
        expected
    }

    /// Whether the gateway must end the connection by itself.
    pub(super) fn fails(&self) -> bool {
        self.codes.contains(&PROTOCOL_ERROR)
            || self.codes.contains(&NOT_UTF_8)
            || self.codes.contains(&TOO_BIG)
    }

    /// Takes a frame; gives the codes that end the connection, where it does.
    fn take(&mut self, frame: &Drawn, begun: &mut Option<(bool, Vec<u8>)>) -> Option<Vec<u16>> {
        let failed = |code: u16| Some(vec![code, PROTOCOL_ERROR, TOO_BIG]);
        let is_control = frame.opcode >= 8;
        let is_claimed = matches!(frame.length, Length::Claimed(_));
        if frame.reserved != 0
            || frame.masked.is_none()
            || !matches!(frame.opcode, 0..=2 | 8..=10)
            || is_claimed
        {
            return failed(PROTOCOL_ERROR);
        }
        if is_control {
            if !frame.is_final || frame.payload.len() > 125 {
                return failed(PROTOCOL_ERROR);
            }
            return match frame.opcode {
                8 => Some(closed(&frame.payload)),
                9 => {
                    self.pings.push(frame.payload.clone());
                    None
                }
                _ => None,
            };
        }
        let (is_text, mut message) = match (begun.take(), frame.opcode) {
            (None, 0) | (Some(_), 1 | 2) => return failed(PROTOCOL_ERROR),
            (None, opcode) => (opcode == 1, Vec::new()),
            (Some(begun), _) => begun,
        };
        message.extend(&frame.payload);
        if message.len() >= TOO_LONG {
            return failed(TOO_BIG);
        }
        if is_text && !is_beginning_of_text(&message, frame.is_final) {
            return failed(NOT_UTF_8);
        }
        if frame.is_final {
            self.messages += 1;
        } else {
            *begun = Some((is_text, message));
        }
        None
    }
}

/// The codes that answer a close with this payload.
fn closed(payload: &[u8]) -> Vec<u16> {
    let Some((code, reason)) = payload.split_first_chunk() else {
        return if payload.is_empty() { vec![1005, 1000] } else { vec![PROTOCOL_ERROR] };
    };
    let code = u16::from_be_bytes(*code);
    let is_sound = (CODES.contains(&code) || (3000..5000).contains(&code)) && str::from_utf8(reason).is_ok();
    match code {
        BAD_GATEWAY => vec![code, 1000, PROTOCOL_ERROR, NOT_UTF_8],
        _ if is_sound => vec![code, 1000],
        _ => vec![PROTOCOL_ERROR, NOT_UTF_8],
    }
}

/// Whether the bytes are UTF-8; of a message that goes on, the last character may be cut.
fn is_beginning_of_text(bytes: &[u8], is_whole: bool) -> bool {
    match str::from_utf8(bytes) {
        Ok(_) => true,
        Err(error) => !is_whole && error.error_len().is_none(),
    }
}

#[test]
fn a_text_in_two_frames_is_one_message() {
    let frame = |opcode, is_final, payload: &[u8]| Drawn {
        is_final,
        reserved: 0,
        opcode,
        masked: Some([1; 4]),
        payload: payload.to_vec(),
        length: Length::Shortest,
    };
    let halves = HELLO.as_bytes().split_at(4);
    let expected = Expected::of(&[frame(1, false, halves.0), frame(9, true, b"p"), frame(0, true, halves.1)]);
    assert_eq!((expected.codes, expected.messages, expected.pings.len()), (vec![1000], 1, 1));
    assert!(Expected::of(&[frame(0, true, b"")]).fails());
}
