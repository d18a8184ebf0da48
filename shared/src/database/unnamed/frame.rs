//! The heads of messages.

use std::io;

/// Bytes of a message's type.
pub(super) const TYPE: usize = 1;
/// Bytes of a message's length, which count in it.
pub(super) const LENGTH: usize = 4;
/// Bytes before a message's body.
pub(super) const HEAD: usize = TYPE + LENGTH;

/// How many bytes a message has whose length stands at `at`; `None` while that is not there.
///
/// # Errors
/// When the length is too short to count itself.
pub(super) fn length(bytes: &[u8], at: usize) -> io::Result<Option<usize>> {
    let Some(length) = bytes.get(at..).and_then(|rest| rest.first_chunk::<LENGTH>()) else { return Ok(None) };
    let length = u32::from_be_bytes(*length) as usize;
    if length < LENGTH { Err(malformed()) } else { Ok(Some(at + length)) }
}

/// The text up to the first zero, and what comes after that.
///
/// # Errors
/// When there is no zero.
pub(super) fn split_text(bytes: &[u8]) -> io::Result<(&[u8], &[u8])> {
    let end = bytes.iter().position(|byte| *byte == 0).ok_or_else(malformed)?;
    Ok((&bytes[..end], &bytes[end + 1..]))
}

/// The two sides don't speak the protocol.
pub(super) fn malformed() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "a message that the PostgreSQL protocol does not know")
}
