//! One viewer's connection.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::SinkExt;
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio::time::{Instant, interval_at, sleep_until, timeout};
use tokio_stream::wrappers::WatchStream;
use tokio_stream::{Stream, StreamExt, StreamMap};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{Error, Message, Utf8Bytes};
use uuid::Uuid;

use super::hub::Update;
use super::messages::{ClientMessage, ServerMessage, Subscribe, error as error_message};
use super::subscription::Subscription;
use crate::app::App;
use crate::credentials::Credentials;
use crate::error::ApiError;
use crate::results;

const PING_EVERY: Duration = Duration::from_secs(25);
const PONG_WITHIN: Duration = Duration::from_secs(10);
/// How long a viewer may take to read what is written to it.
const WRITE_WITHIN: Duration = Duration::from_secs(10);
/// How long the other side may take to answer our closing.
const CLOSE_WITHIN: Duration = Duration::from_secs(1);
/// Close code of a viewer that does not read.
const TOO_SLOW: CloseCode = CloseCode::Library(3008);

/// Why a connection ends.
enum End {
    /// The other side went, or broke the protocol.
    Gone,
    /// We close it.
    Close(CloseCode),
}

/// A poll's updates, no more often than the viewer should get them; of what came between only the newest.
type Updates = Pin<Box<dyn Stream<Item = Option<Update>> + Send>>;

/// A viewer and what it watches.
pub(crate) struct Connection {
    app: Arc<App>,
    socket: WebSocketStream<TokioIo<Upgraded>>,
    updates: StreamMap<Uuid, Updates>,
    subscriptions: HashMap<Uuid, Subscription>,
}

impl Connection {
    pub(crate) fn new(app: Arc<App>, socket: WebSocketStream<TokioIo<Upgraded>>) -> Self {
        Self { app, socket, updates: StreamMap::new(), subscriptions: HashMap::new() }
    }

    /// Serves the viewer until either side ends it.
    pub(crate) async fn run(mut self) {
        self.app.metrics.connections.inc();
        if let End::Close(code) = self.serve().await {
            self.close(code).await;
        }
        let watched: Vec<Uuid> = self.subscriptions.keys().copied().collect();
        watched.into_iter().for_each(|poll_id| self.forget(poll_id));
        self.app.metrics.connections.dec();
    }

    /// Closes it at once: who opened it may not.
    pub(crate) async fn turn_away(mut self) {
        self.close(CloseCode::Policy).await;
    }

    async fn serve(&mut self) -> End {
        let shutdown = self.app.shutdown.clone();
        let mut ping = interval_at(Instant::now() + PING_EVERY, PING_EVERY);
        let mut pong_due: Option<Instant> = None;
        loop {
            let step = tokio::select! {
                () = shutdown.cancelled() => return End::Close(CloseCode::Away),
                () = sleep_until(pong_due.unwrap_or_else(Instant::now)), if pong_due.is_some() => return End::Gone,
                message = self.socket.next() => match message {
                    Some(Ok(Message::Text(text))) => self.obey(&text).await,
                    Some(Ok(Message::Binary(_))) => self.refuse("Messages are text.").await,
                    Some(Ok(Message::Pong(_))) => {
                        pong_due = None;
                        Ok(())
                    }
                    Some(Ok(_)) => Ok(()),
                    Some(Err(Error::Capacity(_))) => return End::Close(CloseCode::Size),
                    Some(Err(_)) | None => return End::Gone,
                },
                Some((poll_id, update)) = self.updates.next(), if !self.updates.is_empty() => {
                    self.relay(poll_id, update).await
                }
                _ = ping.tick() => {
                    pong_due = pong_due.or(Some(Instant::now() + PONG_WITHIN));
                    self.send(Message::Ping(bytes::Bytes::new())).await
                }
            };
            if let Err(end) = step {
                return end;
            }
        }
    }

    async fn obey(&mut self, text: &str) -> Result<(), End> {
        match serde_json::from_str(text) {
            Ok(ClientMessage::Subscribe(message)) => match self.subscribe(message).await {
                Ok(None) => Ok(()),
                Ok(Some(poll_id)) => self.tell(&ApiError::ResultsHidden, Some(poll_id)).await,
                Err(error) => self.tell(&error, None).await,
            },
            Ok(ClientMessage::Unsubscribe { poll_id }) => {
                self.forget(poll_id);
                self.say(&ServerMessage::Unsubscribed { poll_id }).await
            }
            Ok(ClientMessage::Ping {}) => self.say(&ServerMessage::Pong).await,
            Err(error) => self.refuse(&format!("The message: {error}.")).await,
        }
    }

    /// Watches a poll, anew if it is watched already. Returns its id where its results are hidden for now.
    async fn subscribe(&mut self, message: Subscribe) -> Result<Option<Uuid>, ApiError> {
        let Subscribe { poll_id: name, version, voter_token, access_token, manage_token } = message;
        let tokens = [access_token.as_deref(), voter_token.as_deref(), manage_token.as_deref()];
        let [access_token, voter_token, manage_token] = tokens;
        let credentials = Credentials::read(&self.app.tokens, access_token, voter_token, manage_token)?;
        let poll = self.app.definitions.get(&name).await?;
        let is_watched = self.subscriptions.contains_key(&poll.poll_id);
        if !is_watched && self.subscriptions.len() >= self.app.config.max_subscriptions as usize {
            let detail = "This connection watches as many polls as it may.";
            return Err(ApiError::Malformed(detail.to_owned()));
        }
        let subscription = Subscription::new(&self.app, &poll, &credentials, version).await?;
        let receiver = self.app.hub.watch(poll.poll_id);
        // The feed reads the counts too once it is subscribed; this is for the first viewer not to wait.
        if receiver.borrow().is_none()
            && let Ok(counts) = results::load(&self.app, &poll).await
        {
            self.app.hub.offer(&counts);
        }
        let shown = subscription.shows(receiver.borrow().as_ref());
        let updates = WatchStream::new(receiver).throttle(self.app.config.results_interval());
        self.updates.insert(poll.poll_id, Box::pin(updates));
        self.subscriptions.insert(poll.poll_id, subscription);
        Ok((!shown).then_some(poll.poll_id))
    }

    fn forget(&mut self, poll_id: Uuid) {
        if self.subscriptions.remove(&poll_id).is_some() {
            self.updates.remove(&poll_id);
            self.app.hub.leave(poll_id);
        }
    }

    /// Sends the viewer what it does not have yet and may see.
    async fn relay(&mut self, poll_id: Uuid, update: Option<Update>) -> Result<(), End> {
        // Nothing is known of the poll yet.
        let Some(update) = update else { return Ok(()) };
        let Some(subscription) = self.subscriptions.get_mut(&poll_id) else { return Ok(()) };
        if !subscription.shows(Some(&update)) {
            return match update.finalized {
                true => self.send(Message::Text(update.poll_closed_hidden)).await,
                false => Ok(()),
            };
        }
        let had = subscription.version;
        subscription.version = had.max(update.version);
        if update.version > had {
            self.app.metrics.frames.inc();
            if had >= 0 {
                self.app.metrics.skipped.inc_by((update.version - had - 1) as u64);
            }
            self.send(Message::Text(update.results)).await?;
        }
        if update.finalized {
            self.send(Message::Text(update.poll_closed)).await?;
        }
        Ok(())
    }

    async fn refuse(&mut self, detail: &str) -> Result<(), End> {
        self.tell(&ApiError::Malformed(detail.to_owned()), None).await
    }

    async fn tell(&mut self, error: &ApiError, poll_id: Option<Uuid>) -> Result<(), End> {
        self.send(Message::Text(error_message(error, poll_id))).await
    }

    async fn say(&mut self, message: &ServerMessage<'_>) -> Result<(), End> {
        self.send(Message::Text(message.encode())).await
    }

    async fn send(&mut self, message: Message) -> Result<(), End> {
        match timeout(WRITE_WITHIN, self.socket.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(Error::WriteBufferFull(_))) | Err(_) => Err(End::Close(TOO_SLOW)),
            Ok(Err(_)) => Err(End::Gone),
        }
    }

    async fn close(&mut self, code: CloseCode) {
        self.app.metrics.closed(code.into());
        // A viewer that does not answer is not waited for.
        let _ = timeout(CLOSE_WITHIN, self.closing_handshake(code)).await;
    }

    /// Our frame, then theirs.
    async fn closing_handshake(&mut self, code: CloseCode) -> Result<(), Error> {
        self.socket.send(Message::Close(Some(CloseFrame { code, reason: Utf8Bytes::default() }))).await?;
        while self.socket.next().await.is_some_and(|message| message.is_ok()) {}
        Ok(())
    }
}
