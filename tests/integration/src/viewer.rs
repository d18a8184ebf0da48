//! Somebody who watches polls over WebSocket.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::stream::SplitSink;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};

use crate::{DEADLINE, wait_until};

/// A connection that collects all it is sent.
#[derive(Debug)]
pub struct Viewer {
    sink: SplitSink<WebSocketStream<TcpStream>, Message>,
    seen: Arc<Mutex<Seen>>,
    /// Frames that a wait has passed.
    passed: usize,
    reader: JoinHandle<()>,
}

#[derive(Debug, Default)]
struct Seen {
    frames: Vec<Value>,
    ended: bool,
    code: Option<u16>,
}

impl Viewer {
    /// Connects to a gateway.
    ///
    /// # Panics
    /// When it refuses.
    pub async fn connect(gateway: SocketAddr) -> Self {
        Self::connect_with(gateway, &[]).await
    }

    /// Connects to a gateway with these headers besides.
    ///
    /// # Panics
    /// When it refuses.
    pub async fn connect_with(gateway: SocketAddr, headers: &[(&'static str, &str)]) -> Self {
        let stream = TcpStream::connect(gateway).await.expect("the gateway is reached");
        Self::over(stream, headers).await.expect("the gateway speaks WebSocket")
    }

    /// Opens a WebSocket over a connection, with these headers besides.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn over(stream: TcpStream, headers: &[(&'static str, &str)]) -> Result<Self, Error> {
        let mut request = format!("ws://{}/ws", stream.peer_addr()?).into_client_request()?;
        for (name, value) in headers {
            request.headers_mut().append(*name, value.parse().expect("a header's value"));
        }
        let (socket, _) = tokio_tungstenite::client_async(request, stream).await?;
        let (sink, mut messages) = socket.split();
        let seen: Arc<Mutex<Seen>> = Arc::default();
        let seen_here = seen.clone();
        let reader = tokio::spawn(async move {
            while let Some(Ok(message)) = messages.next().await {
                let mut seen = lock(&seen_here);
                match message {
                    Message::Text(text) => {
                        seen.frames.push(serde_json::from_str(&text).expect("frames are JSON"));
                    }
                    Message::Close(frame) => seen.code = frame.map(|frame| frame.code.into()),
                    _ => {}
                }
            }
            lock(&seen_here).ended = true;
        });
        Ok(Self { sink, seen, passed: 0, reader })
    }

    /// Sends a message as it is.
    ///
    /// # Panics
    /// When the connection has ended.
    pub async fn send(&mut self, message: Message) {
        assert!(self.try_send(message).await, "the connection has ended");
    }

    /// Sends a message as it is; returns whether the connection still took it.
    pub async fn try_send(&mut self, message: Message) -> bool {
        self.sink.send(message).await.is_ok()
    }

    /// Sends JSON.
    pub async fn say(&mut self, message: Value) {
        self.send(Message::text(message.to_string())).await;
    }

    /// Subscribes to a poll, with the version known if any.
    pub async fn subscribe(&mut self, poll: impl ToString, version: Option<i64>) {
        self.say(json!({"type": "subscribe", "poll_id": poll.to_string(), "version": version})).await;
    }

    /// All frames so far.
    pub fn frames(&self) -> Vec<Value> {
        lock(&self.seen).frames.clone()
    }

    /// The frames of this type so far.
    pub fn frames_of(&self, kind: &str) -> Vec<Value> {
        self.frames().into_iter().filter(|frame| frame["type"] == kind).collect()
    }

    /// Waits for the next frame that fits, after the one that the last wait ended with.
    pub async fn next_where(&mut self, what: &str, fits: impl Fn(&Value) -> bool) -> Value {
        let seen = self.seen.clone();
        let passed = &mut self.passed;
        wait_until(what, DEADLINE, async || {
            let seen = lock(&seen);
            let found = seen.frames.iter().skip(*passed).position(&fits)?;
            *passed += found + 1;
            Some(seen.frames[*passed - 1].clone())
        })
        .await
    }

    /// Waits for the next frame of this type.
    pub async fn next(&mut self, kind: &str) -> Value {
        self.next_where(&format!("a frame {kind}"), |frame| frame["type"] == kind).await
    }

    /// Says ping and waits for the pong: whatever was caused before has been sent by then.
    pub async fn ping(&mut self) {
        self.say(json!({"type": "ping"})).await;
        self.next("pong").await;
    }

    /// Says ping and waits for the pong, or for the connection's end: whether it still stands.
    pub async fn try_ping(&mut self) -> bool {
        let before = self.frames_of("pong").len();
        let sent = self.try_send(Message::text(r#"{"type":"ping"}"#)).await;
        let answered = || (self.frames_of("pong").len() > before).then_some(true);
        sent && wait_until("a pong or the end", DEADLINE, async || {
            answered().or_else(|| self.has_ended().then_some(false))
        })
        .await
    }

    /// Whether the connection has ended.
    pub fn has_ended(&self) -> bool {
        lock(&self.seen).ended
    }

    /// Waits for its end; returns the code that it was closed with.
    pub async fn closed(&self) -> Option<u16> {
        wait_until("the connection ends", DEADLINE, async || self.has_ended().then_some(())).await;
        lock(&self.seen).code
    }
}

impl Drop for Viewer {
    fn drop(&mut self) {
        // It holds the other half of the connection, which ends with both.
        self.reader.abort();
    }
}

fn lock(seen: &Mutex<Seen>) -> MutexGuard<'_, Seen> {
    seen.lock().unwrap_or_else(PoisonError::into_inner)
}
