//! A WebSocket client (RFC 6455) that sends what it is told, right or wrong, and is strict with what it gets.

mod frame;
mod handshake;
mod received;
#[cfg(test)]
mod tests;

use std::io::ErrorKind;
use std::net::SocketAddr;

use hyper::StatusCode;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::DEADLINE;
use received::Incoming;

pub use frame::{ClientFrame, Length};
pub use handshake::Handshake;
pub use received::{Received, TcpEnd};

/// An open connection.
#[derive(Debug)]
pub struct RawSocket {
    stream: TcpStream,
    incoming: Incoming,
}

impl RawSocket {
    /// Connects to a gateway.
    ///
    /// # Panics
    /// When it refuses.
    pub async fn connect(gateway: SocketAddr) -> Self {
        let (reply, socket) = Handshake::default().send(gateway).await;
        assert_eq!(reply.status, StatusCode::SWITCHING_PROTOCOLS, "{}", reply.text());
        socket
    }

    /// Sends bytes in one write.
    pub async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.send_chopped(bytes, usize::MAX).await;
    }

    /// Sends bytes in writes of `size` bytes each. If the gateway ends the connection meanwhile the rest is
    /// not sent: what comes back tells.
    pub async fn send_chopped(&mut self, bytes: impl AsRef<[u8]>, size: usize) {
        for piece in bytes.as_ref().chunks(size) {
            if self.stream.write_all(piece).await.is_err() {
                return;
            }
        }
    }

    /// The next message, or the end. Pings are answered on the way and not returned.
    ///
    /// # Panics
    /// When nothing comes, or what a server must not send.
    pub async fn next(&mut self) -> Received {
        loop {
            match self.incoming.take() {
                Some(Received::Ping(payload)) => self.send(ClientFrame::pong(payload).bytes()).await,
                Some(received) => return received,
                None => {
                    if let Some(end) = self.read().await {
                        self.incoming.assert_whole();
                        return Received::End(end);
                    }
                }
            }
        }
    }

    /// Reads what is there, or finds the end.
    async fn read(&mut self) -> Option<TcpEnd> {
        let read = self.stream.read_buf(self.incoming.buffer());
        match timeout(DEADLINE, read).await.expect("something comes") {
            Ok(0) => Some(TcpEnd::Fin),
            Ok(_) => None,
            Err(error) if error.kind() == ErrorKind::ConnectionReset => Some(TcpEnd::Reset),
            Err(error) => panic!("reading: {error}"),
        }
    }
}
