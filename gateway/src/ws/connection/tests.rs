use clap::Parser;
use futures_util::{SinkExt, StreamExt};
use pollster_shared::channels::AccountTopic;
use pollster_shared::shutdown::Shutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::yield_now;
use tokio::time::{advance, pause, resume};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::Role;

use super::*;
use crate::config::Config;
use crate::edge::Counted;
use crate::live::subscription;

/// The other side.
type Peer = WebSocketStream<TcpStream>;

const PING: &str = r#"{"type":"ping"}"#;

/// An app that is connected to nothing.
fn app() -> Arc<App> {
    let config = Config::parse_from([
        "pollster-gateway",
        "--database-url=postgres://127.0.0.1:1/none",
        "--redis-url=redis://127.0.0.1:1",
        "--hash-secret=the hash secret of the tests of connections",
        "--jwt-secret=the token secret of the tests of connections",
    ]);
    Arc::new(App::new(config, Shutdown::new()).unwrap().0)
}

/// A connection, and its client.
async fn connection() -> (Box<Connection>, Peer) {
    let app = app();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    let (stream, peer) = listener.accept().await.unwrap();
    let stream = Counted::new(stream, app.edge.connections.accept(peer.ip()).unwrap());
    let socket = Box::new(Socket::new(stream, bytes::Bytes::new()).await);
    let connection = Connection::new(app, Client { address: peer.ip(), device: None }, socket);
    (connection, WebSocketStream::from_raw_socket(client, Role::Client, None).await)
}

/// Lets time pass; it stands still for that alone, since sockets take real time.
async fn after(seconds: u64) {
    pause();
    advance(Duration::from_secs(seconds)).await;
    resume();
}

/// Answers the ping that was sent; the answer is there, unread, when this returns.
async fn pong(client: &mut Peer) {
    assert!(client.next().await.unwrap().unwrap().is_ping());
    client.flush().await.unwrap();
    turns().await;
}

/// More turns than the runtime takes between two looks at its sockets.
async fn turns() {
    for _ in 0..200 {
        yield_now().await;
    }
}

#[tokio::test]
async fn who_does_not_answer_a_ping_is_gone_when_the_answer_is_due() {
    let (mut connection, _client) = connection().await;
    assert_eq!(connection.answer(Call::PONG_DUE).await, Ok(()), "it was not asked yet");
    assert_eq!(connection.answer(Call::PING).await, Ok(()));
    after(10).await;
    assert_eq!(connection.answer(Call::PONG_DUE).await, Err(End::Silent));
}

#[tokio::test]
async fn an_answer_that_is_there_counts_though_it_was_not_read_yet() {
    let (mut connection, mut client) = connection().await;
    for _ in 0..3 {
        connection.answer(Call::PING).await.unwrap();
        pong(&mut client).await;
        after(10).await;
        assert_eq!(connection.answer(Call::PONG_DUE).await, Ok(()));
        after(15).await;
        assert_eq!(connection.answer(Call::PONG_DUE).await, Ok(()), "it is answered");
    }
}

#[tokio::test]
async fn anything_said_answers_a_ping() {
    let (mut connection, _client) = connection().await;
    connection.answer(Call::PING).await.unwrap();
    connection.hear(Message::text(PING)).await.unwrap();
    after(10).await;
    assert_eq!(connection.answer(Call::PONG_DUE).await, Ok(()));
}

#[tokio::test]
async fn who_was_asked_late_has_until_the_next_answer_is_due_and_no_longer() {
    let (mut connection, _client) = connection().await;
    connection.answer(Call::PING).await.unwrap();
    after(5).await;
    assert_eq!(connection.answer(Call::PONG_DUE).await, Ok(()));
    after(15).await;
    connection.answer(Call::PING).await.unwrap();
    after(5).await;
    assert_eq!(connection.answer(Call::PONG_DUE).await, Err(End::Silent));
}

#[tokio::test]
async fn who_watches_nothing_and_says_nothing_is_closed_though_it_answers_pings() {
    let (mut connection, _client) = connection().await;
    for _ in 0..2 {
        after(25).await;
        assert_eq!(connection.answer(Call::PING).await, Ok(()));
        connection.hear(Message::Pong(bytes::Bytes::new())).await.unwrap();
    }
    connection.hear(Message::text(PING)).await.unwrap();
    after(59).await;
    assert_eq!(connection.answer(Call::PING).await, Ok(()));
    connection.hear(Message::Pong(bytes::Bytes::new())).await.unwrap();
    after(2).await;
    assert_eq!(connection.answer(Call::PING).await, Err(End::Close(CloseCode::Policy)));
}

#[tokio::test]
async fn who_watches_a_poll_may_say_nothing_for_ever() {
    let (mut connection, _client) = connection().await;
    let subscription = subscription(&connection.app.hub);
    connection.watching = Watching::unnamed(subscription);
    after(600).await;
    assert_eq!(connection.answer(Call::PING).await, Ok(()));
}

#[tokio::test]
async fn who_says_too_much_is_closed() {
    let (mut connection, _client) = connection().await;
    let mut heard = 0;
    let end = loop {
        match connection.hear(Message::Pong(bytes::Bytes::new())).await {
            Ok(()) => heard += 1,
            Err(end) => break end,
        }
    };
    assert_eq!((heard, end), (200, End::Close(CloseCode::Policy)));
}

#[tokio::test]
async fn a_closing_is_answered_and_nothing_follows() {
    let (mut connection, mut client) = connection().await;
    client.send(Message::Close(None)).await.unwrap();
    let Event::Said(Ok(message)) = connection.wait().await else { panic!("nothing was said") };
    assert_eq!(connection.hear(message).await, Err(End::Closed));
    assert_eq!(client.next().await.unwrap().unwrap(), Message::Close(None));
}

#[tokio::test]
async fn who_is_told_to_leave_does_first_of_all() {
    let (mut connection, _client) = connection().await;
    connection.bell.ring(Call::NEWS);
    connection.bell.ring(Call::PING);
    connection.bell.ring(Call::LEAVE);
    assert_eq!(connection.serve().await, End::Close(CloseCode::Away));
}

#[tokio::test]
async fn what_was_said_before_is_answered_before_who_said_it_is_sent_away() {
    let (mut connection, mut client) = connection().await;
    for _ in 0..3 {
        client.send(Message::text(PING)).await.unwrap();
    }
    turns().await;
    assert_eq!(connection.answer(Call::LEAVE).await, Err(End::Close(CloseCode::Away)));
    for _ in 0..3 {
        assert_eq!(client.next().await.unwrap().unwrap(), Message::text(r#"{"type":"pong"}"#));
    }
}

/// Lets `connection` be an account's, whose token says `exp`, and has it told so many notifications.
fn notified(connection: &mut Connection, exp: &str, notifications: usize) {
    let account = AccountTopic::new(&connection.app.secret, "ann");
    let expiry = serde_json::from_str(exp).unwrap();
    let inbox = connection.app.inboxes.join(account, expiry, connection.bell.clone());
    connection.watching = Watching::with_inbox(inbox);
    (1..=notifications)
        .for_each(|number| connection.app.inboxes.deliver(account, number.to_string().as_bytes()));
}

#[tokio::test]
async fn every_notification_is_sent_in_its_order() {
    let (mut connection, mut client) = connection().await;
    notified(&mut connection, "1e18", 3);
    let Event::Rung(call) = connection.wait().await else { panic!("the bell was not rung") };
    connection.answer(call).await.unwrap();
    for number in 1..=3 {
        let expected = format!(r#"{{"type":"notification","notification":{number}}}"#);
        assert_eq!(client.next().await.unwrap().unwrap(), Message::text(expected));
    }
}

#[tokio::test]
async fn an_expired_token_gets_no_notifications() {
    let (mut connection, mut client) = connection().await;
    notified(&mut connection, "1", 1);
    connection.answer(Call::NOTIFICATIONS).await.unwrap();
    connection.answer(Call::PING).await.unwrap();
    assert!(client.next().await.unwrap().unwrap().is_ping());
}
