use clap::Parser;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::time::{Instant, pause, resume};
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

use super::*;
use crate::config::Config;
use crate::edge::Edge;

/// A socket, and a client that has little room for what it does not read.
async fn socket() -> (Socket, WebSocketStream<TcpStream>) {
    let config = Config::parse_from([
        "pollster-gateway",
        "--database-url=postgres://127.0.0.1:1/none",
        "--redis-url=redis://127.0.0.1:1",
        "--hash-secret=the hash secret of the tests of sockets",
    ]);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = TcpSocket::new_v4().unwrap();
    client.set_recv_buffer_size(4096).unwrap();
    let client = client.connect(listener.local_addr().unwrap()).await.unwrap();
    let (stream, peer) = listener.accept().await.unwrap();
    crate::edge::socket::prepare(&stream).unwrap();
    let stream = Counted::new(stream, Edge::new(&config).connections.accept(peer.ip()).unwrap());
    let client = WebSocketStream::from_raw_socket(client, Role::Client, None).await;
    (Socket::new(stream, Bytes::new()).await, client)
}

/// A frame of 50 KB, as big as results get.
fn frame() -> Bytes {
    let mut frame = Vec::new();
    Frame::message("x".repeat(50_000), OpCode::Data(Data::Text), true).format(&mut frame).unwrap();
    frame.into()
}

/// Sends frames until that fails; returns how many were sent before, and why it ends.
async fn send_until_it_ends(socket: &mut Socket) -> (usize, End) {
    let frame = frame();
    for sent in 0.. {
        if let Err(end) = socket.send_shared(frame.clone()).await {
            return (sent, end);
        }
    }
    unreachable!("buffers have bounds");
}

#[tokio::test]
async fn who_takes_nothing_costs_little_and_learns_later_why_it_was_left() {
    let (mut socket, mut client) = socket().await;
    // Nothing moves any more once the buffers are full: only then the clock does.
    pause();
    let start = Instant::now();
    let (sent, end) = send_until_it_ends(&mut socket).await;
    assert_eq!(end, End::Close(TOO_SLOW));
    assert!(start.elapsed() >= WRITE_WITHIN && start.elapsed() < 2 * WRITE_WITHIN, "{:?}", start.elapsed());
    assert!(sent < 10, "{sent} frames in the kernel's hands");
    socket.close(TOO_SLOW).await;
    resume();
    for _ in 0..=sent {
        assert_eq!(client.next().await.unwrap().unwrap().into_data().len(), 50_000);
    }
    let Message::Close(Some(reason)) = client.next().await.unwrap().unwrap() else { panic!("not closed") };
    assert_eq!(reason.code, TOO_SLOW);
}

#[tokio::test]
async fn who_is_slow_but_reads_gets_whole_frames() {
    const FRAMES: usize = 20;
    let (mut socket, mut client) = socket().await;
    let reading = tokio::spawn(async move {
        for _ in 0..FRAMES {
            assert_eq!(client.next().await.unwrap().unwrap().into_data().len(), 50_000);
        }
    });
    let frame = frame();
    for _ in 0..FRAMES {
        assert_eq!(socket.send_shared(frame.clone()).await, Ok(()));
    }
    reading.await.unwrap();
}

#[tokio::test]
async fn who_is_gone_is_found_out_by_writing() {
    let (mut socket, client) = socket().await;
    drop(client);
    assert_eq!(send_until_it_ends(&mut socket).await.1, End::Gone);
}
