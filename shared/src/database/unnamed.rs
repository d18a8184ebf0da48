//! Statements without names, for poolers that hand a server's connection to another client after each transaction:
//! a name given to one connection would be missing, or taken, on the next.
//!
//! The client above prepares named statements, and goes on doing so. This stream beneath it keeps each name with its
//! text to itself. Whatever refers to one first prepares the text as the server's unnamed statement, in the same group
//! of messages: nothing is left at the server, and it takes no further round trip. The server's word that it did so is
//! kept from the client, who did not ask.
//!
//! ```text
//! the client sends       Bind s1, Execute, Sync
//! the server gets        Parse (text of s1), Bind, Execute, Sync
//! the server answers     ParseComplete, BindComplete, DataRow…, CommandComplete, ReadyForQuery
//! the client gets                       BindComplete, DataRow…, CommandComplete, ReadyForQuery
//! ```
//!
//! A group ends with `Sync`, and a server's connection is handed on between groups at the soonest. See "Message Flow"
//! and "Message Formats" of PostgreSQL's documentation.

mod answers;
mod awaited;
mod frame;
mod link;
mod requests;
#[cfg(test)]
mod tests;

use std::io;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Buf;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use answers::Answers;
use awaited::Awaited;
use requests::Requests;

pub(super) use link::Linker;

/// What is read of the stream beneath at once.
const READ: usize = 8 * 1024;

/// A stream to a server on which no statement has a name.
pub(super) struct Unnamed<S> {
    beneath: S,
    requests: Requests,
    answers: Answers,
    awaited: Awaited,
}

impl<S> Unnamed<S> {
    /// Over a stream on which nothing was sent yet but what TLS needs.
    pub(super) fn new(beneath: S) -> Self {
        let (requests, answers) = (Requests::default(), Answers::default());
        Self { beneath, requests, answers, awaited: Awaited::default() }
    }
}

impl<S: AsyncWrite + Unpin> Unnamed<S> {
    /// Writes what is ready to be written.
    fn poll_drain(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while self.requests.ready().has_remaining() {
            let written =
                ready!(Pin::new(&mut self.beneath).poll_write(context, self.requests.ready().chunk()))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.requests.ready().advance(written);
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Unnamed<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        // Before it takes more, so that a server that does not read is felt above.
        ready!(self.poll_drain(context))?;
        let Self { requests, awaited, .. } = &mut *self;
        requests.take(bytes, awaited)?;
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_drain(context))?;
        Pin::new(&mut self.beneath).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_drain(context))?;
        Pin::new(&mut self.beneath).poll_shutdown(context)
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Unnamed<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        out: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let Self { beneath, answers, awaited, .. } = &mut *self;
        let before = out.filled().len();
        loop {
            answers.pass(awaited, out)?;
            if out.filled().len() > before || out.remaining() == 0 {
                return Poll::Ready(Ok(()));
            }
            let mut read = [MaybeUninit::uninit(); READ];
            let mut read = ReadBuf::uninit(&mut read);
            ready!(Pin::new(&mut *beneath).poll_read(context, &mut read))?;
            if read.filled().is_empty() {
                return Poll::Ready(Ok(()));
            }
            answers.take(read.filled());
        }
    }
}
