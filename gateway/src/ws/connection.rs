//! One viewer's connection: what it asks for, and what it is sent.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use futures_util::FutureExt;
use tokio::task::unconstrained;
use tokio::time::{Instant, Sleep, sleep_until};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use super::messages::{ClientMessage, ServerMessage, Unsubscribe, Vote, error as error_message, request_id};
use super::rate::MessageRate;
use super::socket::{End, Socket};
use super::vote::cast;
use super::watching::Watching;
use crate::app::App;
use crate::error::ApiError;
use crate::guard;
use crate::live::{Beating, Bell, Call, Next, Subscription};
use crate::votes::sender::Client;

/// How long a connection may watch nothing and say nothing; it is looked at with each ping.
const IDLE: Duration = Duration::from_secs(60);
/// How long an answer may take, about; who was sent the ping later, behind what it was slow to read, is judged
/// when the next answer is due.
const PONG_WITHIN: Duration = Duration::from_secs(9);

/// A viewer and what it watches. There may be very many: what is rare is boxed, or made only when needed.
pub(super) struct Connection {
    app: Arc<App>,
    client: Client,
    socket: Box<Socket>,
    bell: Arc<Bell>,
    _beating: Beating,
    watching: Watching,
    rate: MessageRate,
    /// When the client said something of its own.
    heard: Instant,
    /// Since when a ping is not answered.
    asked: Option<Instant>,
    /// For results that came too soon after others.
    delay: Option<Pin<Box<Sleep>>>,
}

/// What a connection waits for.
enum Event {
    Rung(Call),
    Said(Result<Message, End>),
}

impl Connection {
    pub(super) fn new(app: Arc<App>, client: Client, socket: Box<Socket>) -> Box<Self> {
        app.metrics.connections.inc();
        let bell = Arc::new(Bell::default());
        Box::new(Self {
            _beating: app.pulse.join(bell.clone()),
            app,
            client,
            socket,
            bell,
            watching: Watching::default(),
            rate: MessageRate::new(),
            heard: Instant::now(),
            asked: None,
            delay: None,
        })
    }

    /// Serves the viewer until either side ends it.
    pub(super) async fn run(mut self: Box<Self>) {
        let end = self.serve().await;
        self.app.metrics.connections.dec();
        match end {
            End::Gone => {}
            End::Closed => Box::pin(self.socket.end()).await,
            End::Silent => self.app.metrics.closed(CloseCode::Abnormal.into()),
            End::Close(code) => {
                self.app.metrics.closed(code.into());
                Box::pin(self.socket.close(code)).await;
            }
        }
    }

    async fn serve(&mut self) -> End {
        loop {
            let step = match self.wait().await {
                Event::Rung(call) => self.answer(call).await,
                Event::Said(Ok(message)) => self.hear(message).await,
                Event::Said(Err(end)) => Err(end),
            };
            if let Err(end) = step {
                return end;
            }
        }
    }

    async fn wait(&mut self) -> Event {
        poll_fn(|cx| {
            if let Poll::Ready(call) = self.bell.poll_rung(cx) {
                return Poll::Ready(Event::Rung(call));
            }
            if self.delay.as_mut().is_some_and(|delay| delay.as_mut().poll(cx).is_ready()) {
                self.delay = None;
                return Poll::Ready(Event::Rung(Call::NEWS));
            }
            self.socket.poll_next(cx).map(Event::Said)
        })
        .await
    }

    /// Does what the bell was rung for.
    async fn answer(&mut self, call: Call) -> Result<(), End> {
        if call.is(Call::LEAVE) {
            return Box::pin(self.hear_out()).await;
        }
        if call.is(Call::PONG_DUE) && self.is_overdue() {
            Box::pin(self.catch_up()).await?;
        }
        if call.is(Call::PING) {
            if self.watching.is_empty() && self.heard.elapsed() > IDLE {
                return Err(End::Close(CloseCode::Policy));
            }
            self.socket.send(Message::Ping(bytes::Bytes::new())).await?;
            self.asked.get_or_insert_with(Instant::now);
        }
        if call.is(Call::NEWS) {
            self.relay().await?;
        }
        if call.is(Call::NOTIFICATIONS) {
            self.notify().await?;
        }
        Ok(())
    }

    /// Whether a ping should have been answered by now.
    fn is_overdue(&self) -> bool {
        self.asked.is_some_and(|asked| asked.elapsed() >= PONG_WITHIN)
    }

    /// Hears what the viewer said while it was written to; ends it where that is nothing.
    async fn catch_up(&mut self) -> Result<(), End> {
        let said = self.said().ok_or(End::Silent)?;
        self.hear(said?).await
    }

    /// Answers all that the viewer said before it is sent away, or a vote among it would be lost. Who says more than that
    /// meanwhile is stopped by its rate.
    async fn hear_out(&mut self) -> Result<(), End> {
        while let Some(said) = self.said() {
            self.hear(said?).await?;
        }
        Err(End::Close(CloseCode::Away))
    }

    /// What the viewer has said and was not heard yet.
    fn said(&mut self) -> Option<Result<Message, End>> {
        unconstrained(poll_fn(|cx| self.socket.poll_next(cx))).now_or_never()
    }

    /// Sends the viewer what it does not have yet and may see.
    async fn relay(&mut self) -> Result<(), End> {
        let Self { app, socket, watching, delay, .. } = self;
        for subscription in watching.subscriptions() {
            loop {
                match subscription.next(&app.metrics) {
                    Next::Send(message) => socket.send_shared(message.frame().for_socket()).await?,
                    Next::NotBefore(moment) => {
                        delay.get_or_insert_with(|| Box::pin(sleep_until(moment)));
                        break;
                    }
                    Next::Nothing => break,
                }
            }
        }
        watching.leave_deleted();
        Ok(())
    }

    /// Sends the viewer its account's notifications, each for itself: none takes the place of another.
    async fn notify(&mut self) -> Result<(), End> {
        while let Some(frame) = self.watching.next_notification() {
            self.socket.send_shared(frame).await?;
        }
        Ok(())
    }

    async fn hear(&mut self, message: Message) -> Result<(), End> {
        self.asked = None;
        if !self.rate.admit() {
            return Err(End::Close(CloseCode::Policy));
        }
        if !matches!(message, Message::Pong(_)) {
            self.heard = Instant::now();
        }
        match message {
            Message::Text(text) => Box::pin(self.obey(&text)).await,
            Message::Binary(_) => Box::pin(self.refuse("Messages are text.", None)).await,
            // Answered beneath; nothing may follow.
            Message::Close(_) => self.socket.flush().await.and(Err(End::Closed)),
            _ => Ok(()),
        }
    }

    async fn obey(&mut self, text: &str) -> Result<(), End> {
        match ClientMessage::parse(text) {
            Ok(ClientMessage::Subscribe(message)) => {
                let name = message.poll_id.clone();
                match guard::run(self.watching.subscribe(&self.app, &self.bell, message)).await {
                    Ok(()) => Ok(()),
                    Err(error) => {
                        self.watching.doubt(&name, &error);
                        self.tell(error, None).await
                    }
                }
            }
            Ok(ClientMessage::Unsubscribe(Unsubscribe { poll_id })) => {
                self.watching.unsubscribe(poll_id);
                self.say(&ServerMessage::Unsubscribed { poll_id }).await
            }
            Ok(ClientMessage::Vote(vote)) => self.vote(vote).await,
            Ok(ClientMessage::Ping) => self.say(&ServerMessage::Pong).await,
            Err(error) => self.refuse(&format!("The message: {error}."), request_id(text).as_deref()).await,
        }
    }

    /// Casts a vote; whom that shows the results gets them at once.
    async fn vote(&mut self, vote: Vote) -> Result<(), End> {
        let poll_id = vote.poll_id;
        let identity = self.watching.identity(poll_id);
        let answer = cast(&self.app, self.client, identity, vote).await;
        self.socket.send(Message::Text(answer.message)).await?;
        if answer.is_accepted {
            let voted = self.watching.subscriptions().find(|subscription| subscription.poll_id() == poll_id);
            voted.into_iter().for_each(Subscription::voted);
            self.relay().await?;
        }
        Ok(())
    }

    async fn refuse(&mut self, detail: &str, request_id: Option<&str>) -> Result<(), End> {
        self.tell(ApiError::Malformed(detail.to_owned()), request_id).await
    }

    async fn tell(&mut self, error: ApiError, request_id: Option<&str>) -> Result<(), End> {
        self.socket.send(Message::Text(error_message(error, request_id, None))).await
    }

    async fn say(&mut self, message: &ServerMessage<'_>) -> Result<(), End> {
        self.socket.send(Message::Text(message.encode())).await
    }
}

#[cfg(test)]
mod tests;
