//! A viewer's WebSocket: little more than its TCP connection.

use std::cell::RefCell;
use std::future::poll_fn;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Poll, ready};

use tokio::io::{AsyncRead, AsyncWriteExt, ReadBuf};
use tokio::net::{TcpSocket, TcpStream};

use super::error::{FanOutError, Loss};
use super::frames::{Frame, Frames};
use super::handshake::{length_of_answer, masked, request};

/// Room for what is read at once.
const READ_BUFFER: usize = 64 * 1024;

/// Where all viewers of a thread read into, one at a time.
#[derive(Debug)]
pub(super) struct Buffer(RefCell<Vec<u8>>);

/// An open WebSocket.
#[derive(Debug)]
pub(super) struct Socket {
    stream: TcpStream,
    frames: Frames,
}

impl Default for Buffer {
    fn default() -> Self {
        Self(RefCell::new(vec![0; READ_BUFFER]))
    }
}

impl Socket {
    /// Connects to a gateway; the system keeps as much as it likes for us to read, or no more than
    /// `receive_buffer`.
    pub(super) async fn open(
        gateway: SocketAddr,
        receive_buffer: Option<u32>,
        buffer: &Buffer,
    ) -> Result<Self, FanOutError> {
        let mut stream = connect(gateway, receive_buffer).await.map_err(Loss::Broken)?;
        stream.write_all(request(gateway).as_bytes()).await.map_err(Loss::Broken)?;
        let mut answer = Vec::new();
        loop {
            read(&mut stream, buffer, |bytes| answer.extend_from_slice(bytes)).await?;
            if let Some(length) = length_of_answer(&answer)? {
                return Ok(Self { stream, frames: Frames::begun(&answer[length..]) });
            }
        }
    }

    /// Sends a frame.
    pub(super) async fn send(&mut self, kind: u8, payload: &[u8]) -> Result<(), Loss> {
        Ok(self.stream.write_all(&masked(kind, payload)).await?)
    }

    /// Waits for bytes, and calls `each` with every frame that is whole with them.
    pub(super) async fn read(
        &mut self,
        buffer: &Buffer,
        mut each: impl FnMut(Frame<'_>) -> Result<(), FanOutError>,
    ) -> Result<(), FanOutError> {
        let frames = &mut self.frames;
        let mut found = Ok(());
        let read = read(&mut self.stream, buffer, |bytes| found = frames.read(bytes, &mut each)).await;
        // A frame that came before the end tells more of it.
        found.and(read.map_err(FanOutError::from))
    }
}

async fn connect(gateway: SocketAddr, receive_buffer: Option<u32>) -> std::io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    if let Some(size) = receive_buffer {
        socket.set_recv_buffer_size(size)?;
    }
    let stream = socket.connect(gateway).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// Waits for bytes and shows them to `look`, also at the end, when there are none.
async fn read(stream: &mut TcpStream, buffer: &Buffer, mut look: impl FnMut(&[u8])) -> Result<(), Loss> {
    poll_fn(|context| {
        // Borrowed for this moment only, so that one buffer is enough for all.
        let mut buffer = buffer.0.borrow_mut();
        let mut bytes = ReadBuf::new(&mut buffer);
        ready!(Pin::new(&mut *stream).poll_read(context, &mut bytes))?;
        look(bytes.filled());
        Poll::Ready(if bytes.filled().is_empty() { Err(Loss::Ended) } else { Ok(()) })
    })
    .await
}
