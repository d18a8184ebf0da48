//! What the server answers, without what the client did not ask for.

use std::io;

use bytes::{Buf, BytesMut};
use tokio::io::ReadBuf;

use super::awaited::{Asker, Awaited};
use super::frame::{self, HEAD, TYPE};

/// The messages of a server on their way to the client.
#[derive(Default)]
pub(super) struct Answers {
    /// What has come and is not passed on yet.
    come: BytesMut,
    /// Bytes of the present message that are yet to be passed on.
    passing: usize,
}

impl Answers {
    /// Takes more of what the server sends.
    pub(super) fn take(&mut self, bytes: &[u8]) {
        self.come.extend_from_slice(bytes);
    }

    /// Passes on what is there, as far as there is room: also the beginnings of messages, for some are large.
    ///
    /// # Errors
    /// When a message is not as the protocol has it, or answers nothing.
    pub(super) fn pass(&mut self, awaited: &mut Awaited, out: &mut ReadBuf<'_>) -> io::Result<()> {
        while out.remaining() > 0 {
            if self.passing == 0 && !self.begin(awaited)? {
                return Ok(());
            }
            let step = self.passing.min(self.come.len()).min(out.remaining());
            if step == 0 {
                return Ok(());
            }
            out.put_slice(&self.come[..step]);
            self.come.advance(step);
            self.passing -= step;
        }
        Ok(())
    }

    /// Begins with the next message that is the client's; whether its head is there.
    fn begin(&mut self, awaited: &mut Awaited) -> io::Result<bool> {
        while let Some(length) = frame::length(&self.come, TYPE)? {
            match self.come[0] {
                // It has no body.
                b'1' if length != HEAD => return Err(frame::malformed()),
                b'1' if awaited.parsed()? == Asker::Stream => {
                    self.come.advance(length);
                    continue;
                }
                b'Z' => awaited.ready()?,
                _ => {}
            }
            self.passing = length;
            return Ok(true);
        }
        Ok(false)
    }
}
