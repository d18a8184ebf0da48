use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use super::{Link, Mode};

/// Longer than anything takes that is not held.
const AT_ONCE: Duration = Duration::from_secs(10);
/// How long it is made sure that nothing comes.
const A_WHILE: Duration = Duration::from_millis(200);

/// A server that sends back what it gets.
async fn echo() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            tokio::spawn(async move {
                let (mut from, mut to) = stream.split();
                tokio::io::copy(&mut from, &mut to).await
            });
        }
    });
    address
}

async fn said_back(stream: &mut TcpStream, text: &str) -> Result<(), std::io::Error> {
    stream.write_all(text.as_bytes()).await?;
    heard(stream, text).await
}

async fn heard(stream: &mut TcpStream, text: &str) -> Result<(), std::io::Error> {
    let mut answer = vec![0; text.len()];
    timeout(AT_ONCE, stream.read_exact(&mut answer)).await.expect("an answer or an end")?;
    assert_eq!(answer, text.as_bytes());
    Ok(())
}

async fn linked() -> (Link, TcpStream) {
    let link = Link::to(echo().await).await;
    let mut stream = TcpStream::connect(link.address()).await.unwrap();
    said_back(&mut stream, "hello").await.unwrap();
    (link, stream)
}

#[tokio::test]
async fn a_link_passes_bytes_and_ends_both_ways() {
    let (_link, mut stream) = linked().await;
    stream.shutdown().await.unwrap();
    let mut rest = Vec::new();
    timeout(AT_ONCE, stream.read_to_end(&mut rest)).await.expect("the end is passed on").unwrap();
    assert!(rest.is_empty());
}

#[tokio::test]
async fn a_cut_link_ends_connections_and_refuses_new_ones_until_it_is_healed() {
    let (link, mut stream) = linked().await;
    link.set(Mode::Cut);
    assert!(said_back(&mut stream, "there?").await.is_err());
    // The listener goes before the connections.
    let refused = TcpStream::connect(link.address()).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
    link.set(Mode::Pass);
    let again = timeout(AT_ONCE, async {
        loop {
            if let Ok(stream) = TcpStream::connect(link.address()).await {
                return stream;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    });
    said_back(&mut again.await.expect("it listens again"), "hello").await.unwrap();
}

#[tokio::test]
async fn a_blackhole_holds_bytes_and_new_connections_until_it_is_healed() {
    let (link, mut stream) = linked().await;
    link.set(Mode::Blackhole);
    stream.write_all(b"held").await.unwrap();
    let mut new = TcpStream::connect(link.address()).await.expect("nobody says no");
    new.write_all(b"held too").await.unwrap();
    for stream in [&mut stream, &mut new] {
        assert!(timeout(A_WHILE, stream.read_u8()).await.is_err(), "nothing comes, not even an end");
    }
    link.set(Mode::Pass);
    heard(&mut stream, "held").await.unwrap();
    heard(&mut new, "held too").await.unwrap();
}

#[tokio::test]
async fn a_blackhole_holds_the_end_of_a_connection() {
    let (link, mut stream) = linked().await;
    link.set(Mode::Blackhole);
    stream.shutdown().await.unwrap();
    assert!(timeout(A_WHILE, stream.read_u8()).await.is_err());
    link.set(Mode::Pass);
    let end = timeout(AT_ONCE, stream.read_u8()).await.expect("the end comes").unwrap_err();
    assert_eq!(end.kind(), ErrorKind::UnexpectedEof);
}

#[tokio::test]
async fn a_delay_counts_each_way_and_keeps_the_order() {
    let (link, mut stream) = linked().await;
    link.set(Mode::Delay(Duration::from_millis(100)));
    let start = Instant::now();
    stream.write_all(b"one ").await.unwrap();
    stream.write_all(b"two").await.unwrap();
    heard(&mut stream, "one two").await.unwrap();
    assert!(start.elapsed() >= Duration::from_millis(200));
}
