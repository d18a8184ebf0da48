//! Frames of a server (RFC 6455, section 5), taken apart where they lie: unmasked, in one piece, without
//! extensions, as a server sends them that was offered none.

/// What a frame carries.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Frame<'a> {
    Text(&'a [u8]),
    Ping(&'a [u8]),
    Pong,
    /// With its close code, where it has one.
    Close(Option<u16>),
}

/// Something that such a server does not send.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no frame of a server begins with the bytes {0:02x} {1:02x}")]
pub struct Malformed(u8, u8);

/// Finds frames in what is read, piece by piece.
#[derive(Debug, Default)]
pub(super) struct Frames {
    /// The beginning of a frame whose rest has not come yet. Mostly there is none, and nothing is copied.
    begun: Vec<u8>,
}

impl Frames {
    /// After bytes that came earlier, behind the handshake's answer.
    pub(super) fn begun(bytes: &[u8]) -> Self {
        Self { begun: bytes.to_vec() }
    }

    /// Calls `each` with every frame that is whole with these bytes.
    pub(super) fn read<E: From<Malformed>>(
        &mut self,
        bytes: &[u8],
        each: impl FnMut(Frame<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        if self.begun.is_empty() {
            let rest = read_whole(bytes, each)?;
            self.begun.extend_from_slice(rest);
        } else {
            let mut joined = std::mem::take(&mut self.begun);
            joined.extend_from_slice(bytes);
            let rest = read_whole(&joined, each)?;
            self.begun.extend_from_slice(rest);
        }
        Ok(())
    }
}

/// Calls `each` with every whole frame; returns what is behind the last one.
fn read_whole<E: From<Malformed>>(
    mut bytes: &[u8],
    mut each: impl FnMut(Frame<'_>) -> Result<(), E>,
) -> Result<&[u8], E> {
    while let Some((kind, payload, rest)) = split(bytes) {
        each(frame(kind, payload)?)?;
        bytes = rest;
    }
    Ok(bytes)
}

/// The first two bytes of the first frame, its payload, and what follows; `None` until it is whole.
fn split(bytes: &[u8]) -> Option<([u8; 2], &[u8], &[u8])> {
    let (&kind, bytes) = bytes.split_first_chunk::<2>()?;
    let (length, bytes) = match kind[1] & 0x7f {
        126 => bytes.split_first_chunk().map(|(length, rest)| (u64::from(u16::from_be_bytes(*length)), rest)),
        127 => bytes.split_first_chunk().map(|(length, rest)| (u64::from_be_bytes(*length), rest)),
        short => Some((u64::from(short), bytes)),
    }?;
    let (payload, rest) = bytes.split_at_checked(usize::try_from(length).ok()?)?;
    Some((kind, payload, rest))
}

fn frame(kind: [u8; 2], payload: &[u8]) -> Result<Frame<'_>, Malformed> {
    let is_masked = kind[1] & 0x80 != 0;
    match kind[0] {
        // The last piece of a message, no reserved bit, and the opcode.
        0x81 if !is_masked => Ok(Frame::Text(payload)),
        0x88 if !is_masked => Ok(Frame::Close(payload.first_chunk().map(|code| u16::from_be_bytes(*code)))),
        0x89 if !is_masked => Ok(Frame::Ping(payload)),
        0x8a if !is_masked => Ok(Frame::Pong),
        _ => Err(Malformed(kind[0], kind[1])),
    }
}

#[cfg(test)]
mod tests;
