//! A client's WebSocket, each step of it within a time: the connection may be a black hole.

use std::net::SocketAddr;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

use super::hand::PATIENCE;

/// An open WebSocket.
pub(super) struct Socket(WebSocketStream<TcpStream>);

/// The connection is gone, or nothing came in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Lost;

impl Socket {
    pub(super) async fn open(gateway: SocketAddr) -> Result<Self, Lost> {
        let open = async {
            let stream = TcpStream::connect(gateway).await.map_err(|_| Lost)?;
            let url = format!("ws://{gateway}/ws");
            let (socket, _) = tokio_tungstenite::client_async(url, stream).await.map_err(|_| Lost)?;
            Ok(Self(socket))
        };
        tokio::time::timeout(PATIENCE, open).await.map_err(|_| Lost)?
    }

    pub(super) async fn say(&mut self, message: &Value) -> Result<(), Lost> {
        let said = tokio::time::timeout(PATIENCE, self.0.send(Message::text(message.to_string()))).await;
        said.map_err(|_| Lost)?.map_err(|_| Lost)
    }

    /// The next message within `time`; `None` when that has passed.
    pub(super) async fn next(&mut self, time: Duration) -> Result<Option<Value>, Lost> {
        let next = async {
            loop {
                match self.0.next().await {
                    Some(Ok(Message::Text(text))) => {
                        return Ok(serde_json::from_str(&text).expect("messages are JSON"));
                    }
                    // Pings are answered by the protocol's own implementation.
                    Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                    _ => return Err(Lost),
                }
            }
        };
        match tokio::time::timeout(time, next).await {
            Ok(message) => message.map(Some),
            Err(_) => Ok(None),
        }
    }
}
