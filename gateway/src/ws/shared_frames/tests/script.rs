//! A stream that does as it is told.

use std::collections::VecDeque;
use std::io::{ErrorKind, Result};
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// What a write of the stream beneath does.
#[derive(Debug, Clone, Copy)]
pub(super) enum Write {
    /// Takes at most so many bytes.
    Takes(usize),
    /// Has room a moment later.
    Waits,
    Fails,
}

/// A stream that writes as it is told, over and over, and reads what it is given.
#[derive(Debug)]
pub(super) struct Script {
    writes: VecDeque<Write>,
    pub(super) written: Vec<u8>,
    pub(super) input: VecDeque<u8>,
}

impl Script {
    pub(super) fn new(writes: impl Into<VecDeque<Write>>) -> Self {
        Self { writes: writes.into(), written: Vec::new(), input: VecDeque::new() }
    }
}

impl AsyncWrite for Script {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<Result<usize>> {
        self.writes.rotate_left(1);
        match self.writes[0] {
            Write::Takes(most) => {
                let taken = most.min(bytes.len());
                self.written.extend_from_slice(&bytes[..taken]);
                Poll::Ready(Ok(taken))
            }
            Write::Waits => {
                cx.waker().wake_by_ref();
                Poll::Pending
            }
            Write::Fails => Poll::Ready(Err(ErrorKind::BrokenPipe.into())),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<()>> {
        Poll::Ready(Ok(()))
    }
}

impl AsyncRead for Script {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<Result<()>> {
        if self.input.is_empty() {
            return Poll::Pending;
        }
        while let Some(byte) = (buffer.remaining() > 0).then(|| self.input.pop_front()).flatten() {
            buffer.put_slice(&[byte]);
        }
        Poll::Ready(Ok(()))
    }
}
