//! A viewer of one poll over WebSocket.

use std::collections::HashMap;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde::Deserialize;
use serde_json::json;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{WebSocketStream, client_async};
use uuid::Uuid;

use crate::client::{ClientError, Server};

/// How long a frame is awaited; far more than any lag that is worth a number.
const FRAME_TIMEOUT: Duration = Duration::from_secs(10);

/// A subscription.
#[derive(Debug)]
pub(super) struct Viewer(WebSocketStream<TcpStream>);

/// Why a viewer sees nothing.
#[derive(Debug, thiserror::Error)]
pub enum ViewerError {
    /// No connection.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// The WebSocket failed.
    #[error("the viewer's WebSocket failed: {0}")]
    WebSocket(#[from] Box<tungstenite::Error>),
    /// The server ended it.
    #[error("the gateway closed the viewer's WebSocket")]
    Closed,
    /// The server refused.
    #[error("the gateway sent its viewer an error: {0}")]
    Refused(String),
    /// A vote was not seen.
    #[error("a viewer did not see a vote within {} s; is the aggregator running?", FRAME_TIMEOUT.as_secs())]
    TooSlow,
}

impl From<tungstenite::Error> for ViewerError {
    fn from(error: tungstenite::Error) -> Self {
        Self::WebSocket(Box::new(error))
    }
}

/// What a frame with results tells.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct Shown {
    /// Votes over all choices.
    pub(super) total_votes: u64,
    /// Votes of `choice:<id>`, responses of `question:<id>`.
    pub(super) results: HashMap<String, u64>,
}

#[derive(Deserialize)]
struct Frame<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
}

impl Viewer {
    /// Subscribes, and waits for the results that come at once.
    pub(super) async fn subscribe(server: &Server, poll_id: Uuid) -> Result<Self, ViewerError> {
        let stream = server.open_stream().await?;
        let host = String::from_utf8_lossy(server.host().as_bytes()).into_owned();
        let (socket, _) = client_async(format!("ws://{host}/ws"), stream).await?;
        let mut viewer = Self(socket);
        let subscribe = json!({"type": "subscribe", "poll_id": poll_id});
        viewer.0.send(Message::text(subscribe.to_string())).await?;
        viewer.wait_for(0).await?;
        Ok(viewer)
    }

    /// Waits for results with at least so many votes.
    pub(super) async fn wait_for(&mut self, votes: u64) -> Result<(), ViewerError> {
        let seen = async {
            while self.next().await?.is_none_or(|shown| shown.total_votes < votes) {}
            Ok(())
        };
        tokio::time::timeout(FRAME_TIMEOUT, seen).await.unwrap_or(Err(ViewerError::TooSlow))
    }

    /// The next frame; none where it carries no results. Waits as long as it takes.
    pub(super) async fn next(&mut self) -> Result<Option<Shown>, ViewerError> {
        let message = self.0.next().await.ok_or(ViewerError::Closed)??;
        let Message::Text(text) = message else { return Ok(None) };
        match serde_json::from_str::<Frame<'_>>(&text).map(|frame| frame.kind) {
            Ok("results") => Ok(serde_json::from_str(&text).ok()),
            Ok("error") => Err(ViewerError::Refused(text.to_string())),
            _ => Ok(None),
        }
    }
}
