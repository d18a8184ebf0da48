mod script;

use std::collections::VecDeque;
use std::io::{Cursor, ErrorKind};

use futures_util::{FutureExt, SinkExt, StreamExt};
use proptest::prelude::*;
use tokio::runtime::Builder;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocket, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message};

use super::*;
use script::{Script, Write};

/// A server's socket over a script.
async fn socket(writes: impl Into<VecDeque<Write>>) -> WebSocketStream<SharedFrames<Script>> {
    let config = WebSocketConfig::default().write_buffer_size(0);
    WebSocketStream::from_raw_socket(SharedFrames::new(Script::new(writes)), Role::Server, Some(config)).await
}

/// The messages in what was written, as the protocol's own implementation reads them.
fn read_back(written: &[u8]) -> Vec<Message> {
    let mut client = WebSocket::from_raw_socket(Cursor::new(written.to_vec()), Role::Client, None);
    let mut messages = Vec::new();
    loop {
        match client.read() {
            Ok(message) => messages.push(message),
            Err(error) => {
                assert!(client.get_ref().position() == written.len() as u64, "{error}: {written:?}");
                return messages;
            }
        }
    }
}

/// What is done to a socket.
#[derive(Debug, Clone)]
enum Step {
    /// A shared frame is sent, with this before it is written.
    Shared(usize, Vec<Meanwhile>),
    /// A message of the socket's own is sent.
    Own(usize),
    /// The client pings; sooner or later it gets a pong.
    Pinged(u8),
}

/// What is done while a shared frame is under way.
#[derive(Debug, Clone)]
enum Meanwhile {
    Flushed,
    Pinged(u8),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let length = || prop_oneof![0..300usize, 65_500..65_600usize];
    let meanwhile = prop_oneof![Just(Meanwhile::Flushed), any::<u8>().prop_map(Meanwhile::Pinged)];
    let step = prop_oneof![
        (length(), prop::collection::vec(meanwhile, 0..6))
            .prop_map(|(length, meanwhile)| Step::Shared(length, meanwhile)),
        length().prop_map(Step::Own),
        any::<u8>().prop_map(Step::Pinged),
    ];
    prop::collection::vec(step, 1..12)
}

fn writes() -> impl Strategy<Value = Vec<Write>> {
    let takes = prop_oneof![1..8usize, 1..40_000usize].prop_map(Write::Takes);
    // It must get on somehow.
    (prop::collection::vec(prop_oneof![2 => takes, 1 => Just(Write::Waits)], 0..8)).prop_map(|mut writes| {
        writes.push(Write::Takes(4000));
        writes
    })
}

fn text(number: usize, length: usize) -> String {
    format!("\"{number} {}\"", "x".repeat(length))
}

/// A frame as it is shared.
fn shared(text: String) -> Bytes {
    let mut frame = Vec::new();
    Frame::message(text, OpCode::Data(Data::Text), true).format(&mut frame).unwrap();
    frame.into()
}

/// Has the client ping; the socket reads that, and begins to answer.
fn ping(socket: &mut WebSocketStream<SharedFrames<Script>>, payload: u8) {
    // Masked with nothing.
    socket.get_mut().stream.input.extend([0x89, 0x81, 0, 0, 0, 0, payload]);
    for _ in 0..2 {
        let _ = socket.next().now_or_never();
    }
}

/// What was done to a socket.
#[derive(Debug, Default)]
struct Done {
    /// The messages that it was to send.
    sent: Vec<Message>,
    pings: Vec<u8>,
    written: Vec<u8>,
}

/// Does the steps, and flushes in the end.
async fn run(steps: Vec<Step>, writes: Vec<Write>) -> Done {
    let mut socket = socket(writes).await;
    let mut done = Done::default();
    for (number, step) in steps.into_iter().enumerate() {
        match step {
            Step::Shared(length, meanwhile) => {
                let text = text(number, length);
                socket.flush().await.unwrap();
                socket.get_mut().put(shared(text.clone()));
                for event in meanwhile {
                    match event {
                        Meanwhile::Flushed => _ = socket.flush().now_or_never(),
                        Meanwhile::Pinged(payload) => {
                            ping(&mut socket, payload);
                            done.pings.push(payload);
                        }
                    }
                }
                socket.flush().await.unwrap();
                done.sent.push(Message::text(text));
            }
            Step::Own(length) => {
                let text = text(number, length);
                socket.send(Message::text(text.clone())).await.unwrap();
                done.sent.push(Message::text(text));
            }
            Step::Pinged(payload) => {
                ping(&mut socket, payload);
                done.pings.push(payload);
            }
        }
    }
    socket.flush().await.unwrap();
    done.written = std::mem::take(&mut socket.get_mut().stream.written);
    done
}

proptest! {
    #[test]
    fn frames_come_out_whole_and_in_order_however_they_are_written(steps in steps(), writes in writes()) {
        let runtime = Builder::new_current_thread().build().unwrap();
        let done = runtime.block_on(run(steps, writes));
        let (pongs, messages): (Vec<_>, Vec<_>) =
            read_back(&done.written).into_iter().partition(Message::is_pong);
        prop_assert_eq!(messages, done.sent);
        // To some pings the answer to a later one is enough (RFC 6455, section 5.5.3).
        prop_assert!(pongs.len() <= done.pings.len());
        let last = pongs.last().map(|pong| pong.clone().into_data().to_vec());
        prop_assert_eq!(last, done.pings.last().map(|&ping| vec![ping]));
    }
}

#[tokio::test]
async fn a_frame_is_let_go_of_once_it_is_written() {
    let mut socket = socket([Write::Takes(10), Write::Waits]).await;
    let frame = shared(text(1, 100));
    socket.get_mut().put(frame.clone());
    assert!(socket.flush().now_or_never().is_none());
    assert!(!frame.is_unique());
    socket.flush().await.unwrap();
    assert!(frame.is_unique());
}

#[tokio::test]
async fn a_stream_that_fails_ends_it_and_no_part_is_written_twice() {
    for (last, kind) in [(Write::Fails, ErrorKind::BrokenPipe), (Write::Takes(0), ErrorKind::WriteZero)] {
        let mut socket = socket([last, Write::Takes(10)]).await;
        let frame = shared(text(1, 100));
        socket.get_mut().put(frame.clone());
        let Err(Error::Io(error)) = socket.flush().await else { panic!("it was flushed") };
        assert_eq!(error.kind(), kind);
        assert_eq!(socket.get_ref().stream.written, frame[..10]);
    }
}

#[tokio::test]
async fn shutting_down_writes_the_rest_first() {
    let mut stream = SharedFrames::new(Script::new([Write::Waits, Write::Takes(7)]));
    let frame = shared(text(1, 100));
    stream.put(frame.clone());
    std::future::poll_fn(|cx| Pin::new(&mut stream).poll_shutdown(cx)).await.unwrap();
    assert_eq!(stream.stream.written, frame);
}
