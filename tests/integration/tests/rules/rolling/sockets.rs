//! Those of the crowd who vote over WebSocket.

use std::net::SocketAddr;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use pollster_integration::token;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::sleep;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

use super::crowd::Member;
use crate::socket_votes::message;

/// A client's side of a socket.
pub(super) type Socket = WebSocketStream<TcpStream>;

/// Between two votes at least: a connection may send 20 messages a second, of which each vote here takes two.
const PAUSE: Duration = Duration::from_millis(150);
/// Before the next attempt to connect.
const RETRY: Duration = Duration::from_millis(50);

/// Why a socket ended: the code that it was closed with, if it was.
pub(super) type Closed = Option<u16>;

/// Votes, as somebody else each time, over one socket as long as it holds, then over one to the next of `servers`.
pub(super) async fn votes(member: Member, mut servers: Vec<SocketAddr>) {
    let mut socket = connected(&mut servers).await;
    for number in 0.. {
        let (voter, request_id, choice) = (token(), token(), number % 2);
        let subscribe =
            json!({"type": "subscribe", "poll_id": member.world.poll.poll_id, "voter_token": voter});
        let vote = message(&member.world.poll, &request_id, &member.world.poll.ballot(0, choice));
        while let Err(closed) = vote_over(&mut socket, &subscribe, &vote).await {
            member.met.was_closed(closed);
            member.met.sent_again.fetch_add(1, Ordering::Relaxed);
            socket = connected(&mut servers).await;
        }
        member.met.voted(choice);
        let Some(waited) = member.end.run_until_cancelled(idle(&mut socket, member.pause.max(PAUSE))).await
        else {
            return;
        };
        if let Err(closed) = waited {
            member.met.was_closed(closed);
            socket = connected(&mut servers).await;
        }
    }
}

/// Says who votes, and votes; anything but acceptance fails, if it is an answer.
async fn vote_over(socket: &mut Socket, subscribe: &Value, vote: &Value) -> Result<(), Closed> {
    for message in [subscribe, vote] {
        // Where that fails there may still be a close to be read.
        let _ = socket.send(Message::text(message.to_string())).await;
    }
    loop {
        let frame = next(socket).await?;
        if frame["request_id"] == vote["request_id"] {
            assert_eq!(frame["type"], "vote_accepted", "{frame}");
            return Ok(());
        }
    }
}

/// Reads for so long.
async fn idle(socket: &mut Socket, pause: Duration) -> Result<(), Closed> {
    let pause = sleep(pause);
    tokio::pin!(pause);
    loop {
        tokio::select! {
            () = &mut pause => return Ok(()),
            read = next(socket) => { read?; }
        }
    }
}

/// The next frame.
pub(super) async fn next(socket: &mut Socket) -> Result<Value, Closed> {
    loop {
        match socket.next().await {
            Some(Ok(Message::Text(text))) => return Ok(serde_json::from_str(&text).unwrap()),
            Some(Ok(Message::Close(frame))) => return Err(frame.map(|frame| frame.code.into())),
            Some(Ok(_)) => {}
            Some(Err(_)) | None => return Err(None),
        }
    }
}

/// A socket to the first of `servers` that takes one; that one is the last to be asked the next time.
pub(super) async fn connected(servers: &mut [SocketAddr]) -> Socket {
    loop {
        let server = servers[0];
        servers.rotate_left(1);
        if let Ok(socket) = connect(server).await {
            return socket;
        }
        sleep(RETRY).await;
    }
}

async fn connect(server: SocketAddr) -> Result<Socket, Error> {
    let stream = TcpStream::connect(server).await?;
    Ok(client_async(format!("ws://{server}/ws"), stream).await?.0)
}
