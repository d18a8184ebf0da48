//! What the kernel is told of each client's socket.

use std::io::Result;
use std::time::Duration;

use socket2::SockRef;
use tokio::net::TcpStream;

/// A client that takes nothing for so long is gone, and its connection ends.
const TAKES_NOTHING: Duration = Duration::from_secs(30);
/// What the kernel holds of bytes that were not sent yet. The rest stays with us, where newer counts replace
/// older ones, so that a slow viewer costs little and is not shown what is long past.
const UNSENT: u32 = 16 * 1024;

/// Prepares an accepted connection.
pub(crate) fn prepare(stream: &TcpStream) -> Result<()> {
    // Answers and frames are small and wait for nothing.
    stream.set_nodelay(true)?;
    let socket = SockRef::from(stream);
    socket.set_tcp_user_timeout(Some(TAKES_NOTHING))?;
    socket.set_tcp_notsent_lowat(UNSENT)
}

/// Has the kernel hold whatever it has room for, however much is unsent: for what is written last.
pub(super) fn allow_backlog(stream: &TcpStream) -> Result<()> {
    SockRef::from(stream).set_tcp_notsent_lowat(u32::MAX)
}

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;

    use tokio::net::TcpListener;

    use super::*;

    /// Both ends of a connection, ours prepared.
    async fn pair() -> (TcpStream, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (server, _) = listener.accept().await.unwrap();
        prepare(&server).unwrap();
        (server, client)
    }

    #[tokio::test]
    async fn a_client_that_takes_nothing_does_not_stay_for_ever() {
        let (server, _client) = pair().await;
        assert!(server.nodelay().unwrap());
        assert_eq!(SockRef::from(&server).tcp_user_timeout().unwrap(), Some(TAKES_NOTHING));
    }

    #[tokio::test]
    async fn what_a_slow_client_was_not_sent_stays_with_us() {
        let (server, client) = pair().await;
        // Sent is at most what the other side has room for.
        SockRef::from(&client).set_recv_buffer_size(4 * 1024).unwrap();
        let mut written = 0;
        let full = loop {
            server.writable().await.unwrap();
            match server.try_write(&[0; 1024]) {
                Ok(bytes) => written += bytes,
                Err(error) => break error,
            }
        };
        assert_eq!(full.kind(), ErrorKind::WouldBlock);
        assert!(written < 256 * 1024, "{written} bytes in the kernel's hands");
    }
}
