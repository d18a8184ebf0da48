//! One of a crowd's viewers. It costs a connection, a task of some hundred bytes, and a note a frame.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::time::Instant;

use serde_json::json;

use super::backoff;
use super::crowd::Crowded;
use super::error::{FanOutError, Loss};
use super::frames::Frame;
use super::handshake::{PONG, TEXT};
use super::message;
use super::socket::Socket;
use super::tracks::Sighting;

/// A viewer, by its number.
#[derive(Clone, Copy)]
pub(super) struct Viewer<'a> {
    pub(super) number: usize,
    pub(super) crowd: &'a Crowded,
}

impl Viewer<'_> {
    /// Watches until something is wrong. A lost connection is not, where there is another gateway to go to.
    pub(super) async fn watch(self) -> Result<Infallible, FanOutError> {
        let (mut gateway, mut tries) = (self.crowd.audience.gateway, 0);
        loop {
            let connections = self.connections();
            let Err(error) = self.view(gateway).await;
            let Some(refuge) = self.crowd.audience.refuge.filter(|_| matches!(error, FanOutError::Lost(_)))
            else {
                return Err(error);
            };
            gateway = refuge;
            tries = if self.connections() > connections { 0 } else { tries + 1 };
            tokio::time::sleep(backoff::pause(tries)).await;
        }
    }

    /// Subscribes, with the version that it has if any, and notes what it is shown.
    async fn view(self, gateway: SocketAddr) -> Result<Infallible, FanOutError> {
        let turn = self.crowd.turns.acquire().await;
        let mut socket = Socket::open(gateway, None, &self.crowd.buffer).await?;
        self.crowd.tracks.borrow_mut()[self.number].connections += 1;
        let version = self.version();
        socket.send(TEXT, self.subscribe(version).as_bytes()).await?;
        while version.is_none() && self.version().is_none() {
            self.read(&mut socket).await?;
        }
        drop(turn);
        loop {
            self.read(&mut socket).await?;
        }
    }

    fn subscribe(self, version: Option<u64>) -> String {
        let mut message = json!({"type": "subscribe", "poll_id": self.crowd.audience.poll_id});
        if let Some(version) = version {
            message["version"] = version.into();
        }
        message.to_string()
    }

    async fn read(self, socket: &mut Socket) -> Result<(), FanOutError> {
        let mut pong = None;
        socket
            .read(&self.crowd.buffer, |frame| match frame {
                Frame::Text(text) => self.note(text),
                Frame::Ping(payload) => {
                    pong = Some(payload.to_vec());
                    Ok(())
                }
                Frame::Pong => Ok(()),
                Frame::Close(code) => Err(Loss::Closed(code).into()),
            })
            .await?;
        match pong {
            Some(payload) => Ok(socket.send(PONG, &payload).await?),
            None => Ok(()),
        }
    }

    fn note(self, text: &[u8]) -> Result<(), FanOutError> {
        let Some(told) = message::read(text)? else { return Ok(()) };
        self.crowd.ledger.borrow_mut().note(told, text)?;
        let sighting = Sighting { at: Instant::now(), version: told.version };
        self.crowd.tracks.borrow_mut()[self.number].sightings.push(sighting);
        self.crowd.board.tell(self.number, told.total_votes);
        Ok(())
    }

    fn version(self) -> Option<u64> {
        let tracks = self.crowd.tracks.borrow();
        tracks[self.number].sightings.last().map(|last| last.version)
    }

    fn connections(self) -> u32 {
        self.crowd.tracks.borrow()[self.number].connections
    }
}
