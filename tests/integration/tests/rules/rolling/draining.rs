//! What a gateway that ends owes to those who still use it.

use std::time::Duration;

use hyper::StatusCode;
use pollster_integration::{Client, DEADLINE, Stack, cast, lunch, token, wait_until};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Waits until the gateway has heard the signal.
async fn drains(stack: &Stack) {
    let mut admin = Client::new(stack.gateway(0).admin());
    wait_until("it says that it drains", DEADLINE, async || {
        let ready = admin.get("/readyz").await.unwrap();
        (ready.status == StatusCode::SERVICE_UNAVAILABLE && ready.text().contains("draining")).then_some(())
    })
    .await;
}

#[tokio::test]
async fn who_comes_while_it_says_that_it_is_not_ready_is_answered_and_sent_elsewhere() {
    let stack = Stack::builder().env("DRAIN_DELAY", "3s").start().await;
    let poll = stack.create_poll(&lunch()).await;
    let gateway = stack.gateway(0);
    let mut kept = Client::connect(gateway.address()).await.unwrap();
    let before = cast(&mut kept, &poll, &token(), None, poll.ballot(0, 0)).await;
    assert!(!before.headers.contains_key("connection"), "{:?}", before.headers);
    gateway.ask_to_end().await;
    drains(&stack).await;

    // Over the connection that was kept, and over new ones.
    let public = Client::new(gateway.address()).get("/readyz").await.unwrap();
    assert_eq!(public.status, StatusCode::SERVICE_UNAVAILABLE);
    for mut client in [kept, Client::new(gateway.address())] {
        let reply = cast(&mut client, &poll, &token(), None, poll.ballot(0, 0)).await;
        assert_eq!(
            (reply.status, &reply.headers["connection"]),
            (StatusCode::ACCEPTED, &"close".parse().unwrap())
        );
    }
    assert!(gateway.ended().await.success());
    gateway.restart().await;
    assert_eq!(stack.assert_exact(&poll).await.total, 3);
}

#[tokio::test]
async fn a_connection_that_is_kept_is_not_closed_before_it_had_the_time_to_be_given_up() {
    let stack = Stack::builder().env("DRAIN_DELAY", "3s").start().await;
    let gateway = stack.gateway(0);
    let mut stream = TcpStream::connect(gateway.address()).await.unwrap();
    stream.write_all(b"GET /livez HTTP/1.1\r\nhost: test\r\n\r\n").await.unwrap();
    let mut answer = [0; 15];
    stream.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 200 OK");
    let asked = std::time::Instant::now();
    gateway.ask_to_end().await;
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).await.unwrap();
    assert!(asked.elapsed() >= Duration::from_secs(3), "closed after {:?}", asked.elapsed());
    assert!(gateway.ended().await.success());
}

#[tokio::test]
async fn the_first_request_of_a_new_connection_is_answered_though_the_gateway_ends_meanwhile() {
    let stack = Stack::start().await;
    let gateway = stack.gateway(0);
    let mut streams = Vec::new();
    for _ in 0..20 {
        streams.push(TcpStream::connect(gateway.address()).await.unwrap());
    }
    gateway.ask_to_end().await;
    drains(&stack).await;
    for mut stream in streams {
        stream.write_all(b"GET /livez HTTP/1.1\r\nhost: test\r\n\r\n").await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer:?}");
    }
    assert!(gateway.ended().await.success());
}

#[tokio::test]
async fn connections_that_wait_to_be_accepted_are_served_before_the_listener_is_closed() {
    let stack = Stack::start().await;
    let gateway = stack.gateway(0);
    // It stands still: the system takes connections, nobody accepts them, and the signal waits as well. They are more
    // than it accepts before it hears the signal.
    gateway.stop().await;
    let mut streams = Vec::new();
    for _ in 0..1000 {
        let mut stream = TcpStream::connect(gateway.address()).await.unwrap();
        stream.write_all(b"GET /livez HTTP/1.1\r\nhost: test\r\n\r\n").await.unwrap();
        streams.push(stream);
    }
    gateway.ask_to_end().await;
    gateway.cont().await;
    for mut stream in streams {
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer:?}");
    }
    assert!(gateway.ended().await.success());
}
