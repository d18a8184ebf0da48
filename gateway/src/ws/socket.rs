//! The transport of a connection: messages in, frames out, neither without bounds.

use std::io;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_util::{FutureExt, SinkExt, StreamExt};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message, Utf8Bytes, error::ProtocolError};

use super::shared_frames::SharedFrames;
use crate::edge::Counted;

/// Room to read a message into, a connection; the library's default is 128 KiB. It grows for a message that
/// is longer.
const READ_BUFFER: usize = 1024;
/// Room for our own messages that wait to be written. They answer the client's, of which none is read
/// before; this is for pongs besides.
const MAX_WRITE_BUFFER: usize = 64 * 1024;
/// The longest message that a client may send, in bytes: more than a vote on twenty questions with fifty choices
/// each takes.
const MAX_MESSAGE: usize = 48 * 1024;
/// How long a viewer may take to read what is written to it.
const WRITE_WITHIN: Duration = Duration::from_secs(10);
/// How long the other side may take to answer our closing.
const CLOSE_WITHIN: Duration = Duration::from_secs(1);
/// Close code of a viewer that does not read.
pub(super) const TOO_SLOW: CloseCode = CloseCode::Iana(3008);

/// Why a connection ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// The other side went.
    Gone,
    /// The other side closed it.
    Closed,
    /// The other side does not answer.
    Silent,
    /// We close it.
    Close(CloseCode),
}

/// A WebSocket over an accepted connection.
#[derive(Debug)]
pub(super) struct Socket(WebSocketStream<SharedFrames<Counted>>);

impl Socket {
    /// A socket on `stream`, of which `read` was read already.
    pub(super) async fn new(stream: Counted, read: Bytes) -> Self {
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER)
            .write_buffer_size(0)
            .max_write_buffer_size(MAX_WRITE_BUFFER)
            .max_message_size(Some(MAX_MESSAGE))
            .max_frame_size(Some(MAX_MESSAGE));
        // Copied: as it is, it would keep all of the buffer that HTTP was read into.
        let (stream, read) = (SharedFrames::new(stream), read.to_vec());
        Self(WebSocketStream::from_partially_read(stream, read, Role::Server, Some(config)).await)
    }

    /// Waits for the next message, or for why there is none. Pings and closings are answered beneath.
    pub(super) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Result<Message, End>> {
        self.0.poll_next_unpin(cx).map(|message| match message {
            Some(Ok(message)) => Ok(message),
            Some(Err(error)) => Err(end_of(&error)),
            None => Err(End::Closed),
        })
    }

    /// Sends a frame that others are sent too.
    pub(super) async fn send_shared(&mut self, frame: Bytes) -> Result<(), End> {
        // Nothing of the protocol's own may be under way.
        self.flush().await?;
        self.0.get_mut().put(frame);
        self.flush().await
    }

    /// Sends a message of the connection's own.
    pub(super) async fn send(&mut self, message: Message) -> Result<(), End> {
        self.0.feed(message).await.map_err(|error| end_of(&error))?;
        self.flush().await
    }

    /// Writes what is still to be written.
    pub(super) async fn flush(&mut self) -> Result<(), End> {
        // Almost always at once: only who is slow gets a timer.
        let flushed = match self.0.flush().now_or_never() {
            Some(flushed) => Ok(flushed),
            None => Box::pin(timeout(WRITE_WITHIN, self.0.flush())).await,
        };
        match flushed {
            Ok(flushed) => flushed.map_err(|error| end_of(&error)),
            Err(_) => Err(End::Close(TOO_SLOW)),
        }
    }

    /// Closes it. A side that does not answer is not waited for.
    pub(super) async fn close(&mut self, code: CloseCode) {
        // What a slow viewer has not read must not keep this from it.
        self.0.get_ref().get_ref().allow_backlog();
        let frame = CloseFrame { code, reason: Utf8Bytes::default() };
        let closing = async {
            self.0.send(Message::Close(Some(frame))).await.ok()?;
            while let Some(Ok(_)) = self.0.next().await {}
            self.part().await.ok()
        };
        let _ = timeout(CLOSE_WITHIN, closing).await;
    }

    /// Ends it after the other side closed it.
    pub(super) async fn end(&mut self) {
        let _ = timeout(CLOSE_WITHIN, self.part()).await;
    }

    /// Ends the connection beneath. What the other side still sends is read, whatever it is: a connection that is
    /// closed with something unread is reset, and that may take our last frame with it.
    async fn part(&mut self) -> io::Result<()> {
        let stream = self.0.get_mut();
        stream.shutdown().await?;
        while stream.read(&mut [0; 512]).await? > 0 {}
        Ok(())
    }
}

/// What an error of the protocol means for the connection (RFC 6455, section 7.4.1).
fn end_of(error: &Error) -> End {
    match error {
        Error::Capacity(_) => End::Close(CloseCode::Size),
        Error::Utf8(_) => End::Close(CloseCode::Invalid),
        Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => End::Gone,
        Error::Protocol(_) => End::Close(CloseCode::Protocol),
        Error::WriteBufferFull(_) => End::Close(TOO_SLOW),
        _ => End::Gone,
    }
}

#[cfg(test)]
mod tests;
