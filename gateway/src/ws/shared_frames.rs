//! The stream beneath the protocol, into which frames that many viewers share are written as they are: the
//! protocol's own implementation would copy each of them into a buffer of every connection.

use std::io::{self, Result};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// A stream that writes one shared frame at a time, whole, between what the protocol writes.
#[derive(Debug)]
pub(super) struct SharedFrames<S> {
    stream: S,
    /// What is left of the frame under way.
    frame: Bytes,
}

impl<S> SharedFrames<S> {
    pub(super) fn new(stream: S) -> Self {
        Self { stream, frame: Bytes::new() }
    }

    pub(super) fn get_ref(&self) -> &S {
        &self.stream
    }

    /// Puts a whole frame next; flushing writes it. The protocol must have been flushed, so that none of its
    /// own frames is written in part.
    pub(super) fn put(&mut self, frame: Bytes) {
        debug_assert!(self.frame.is_empty(), "one frame at a time");
        self.frame = frame;
    }
}

impl<S: AsyncWrite + Unpin> SharedFrames<S> {
    fn poll_frame(&mut self, cx: &mut Context<'_>) -> Poll<Result<()>> {
        while !self.frame.is_empty() {
            let written = ready!(Pin::new(&mut self.stream).poll_write(cx, &self.frame))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.frame.advance(written);
        }
        // What others share is not held on to by who has it.
        self.frame = Bytes::new();
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for SharedFrames<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

/// Whatever else is to be written waits for the frame under way.
impl<S: AsyncWrite + Unpin> AsyncWrite for SharedFrames<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<Result<usize>> {
        ready!(self.poll_frame(cx))?;
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        ready!(self.poll_frame(cx))?;
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        ready!(self.poll_frame(cx))?;
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests;
