//! One direction of a connection.

use std::io;
use std::time::Duration;

use bytes::BytesMut;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep_until};

use super::Mode;

/// Read at once.
const CHUNK: usize = 16 * 1024;
/// Chunks that are held at most, before the sender feels it.
const HELD: usize = 64;

/// What was read, and when it may go on; nothing is the end.
type Held = (Instant, BytesMut);

/// Carries what comes, as late as the mode says, until both have ended it.
///
/// # Errors
/// Those of the connections.
pub(super) async fn run(
    from: OwnedReadHalf,
    to: OwnedWriteHalf,
    modes: watch::Receiver<Mode>,
) -> io::Result<()> {
    let (sender, held) = mpsc::channel(HELD);
    tokio::try_join!(take(from, sender, modes.clone()), give(held, to, modes)).map(drop)
}

async fn take(
    mut from: OwnedReadHalf,
    sender: mpsc::Sender<Held>,
    modes: watch::Receiver<Mode>,
) -> io::Result<()> {
    loop {
        let mut chunk = BytesMut::with_capacity(CHUNK);
        let length = from.read_buf(&mut chunk).await?;
        let due = Instant::now() + delay(*modes.borrow());
        if sender.send((due, chunk)).await.is_err() || length == 0 {
            return Ok(());
        }
    }
}

async fn give(
    mut held: mpsc::Receiver<Held>,
    mut to: OwnedWriteHalf,
    mut modes: watch::Receiver<Mode>,
) -> io::Result<()> {
    while let Some((due, chunk)) = held.recv().await {
        sleep_until(due).await;
        let _ = modes.wait_for(|mode| *mode != Mode::Blackhole).await;
        if chunk.is_empty() {
            return to.shutdown().await;
        }
        to.write_all(&chunk).await?;
    }
    Ok(())
}

fn delay(mode: Mode) -> Duration {
    if let Mode::Delay(time) = mode { time } else { Duration::ZERO }
}
