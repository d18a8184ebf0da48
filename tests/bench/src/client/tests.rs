//! The client against a server of a few lines that counts connections and misbehaves on demand.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::*;

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";

/// Reads one request without a body; false at the connection's end.
async fn read_request(stream: &mut TcpStream) -> bool {
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => bytes.push(byte),
            Err(_) => return false,
        }
    }
    true
}

async fn listen() -> (TcpListener, Client) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = Client::new(listener.local_addr().unwrap());
    (listener, client)
}

#[tokio::test]
async fn a_connection_is_kept() {
    let (listener, mut client) = listen().await;
    let server = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        for _ in 0..3 {
            assert!(read_request(&mut stream).await);
            stream.write_all(OK.as_bytes()).await.unwrap();
        }
    };
    let requests = async {
        for _ in 0..3 {
            let reply = client.get("/").await.unwrap();
            assert_eq!((reply.status, &reply.body[..]), (StatusCode::OK, &b"{}"[..]));
        }
    };
    tokio::join!(server, requests);
}

#[tokio::test]
async fn a_connection_closed_meanwhile_is_opened_again() {
    let (listener, mut client) = listen().await;
    let server = async {
        for _ in 0..3 {
            let (mut stream, _) = listener.accept().await.unwrap();
            assert!(read_request(&mut stream).await);
            let closing = OK.replace("\r\n\r\n", "\r\nconnection: close\r\n\r\n");
            stream.write_all(closing.as_bytes()).await.unwrap();
        }
    };
    let requests = async {
        for _ in 0..3 {
            assert_eq!(client.get("/").await.unwrap().status, StatusCode::OK);
        }
    };
    tokio::join!(server, requests);
}

#[tokio::test]
async fn a_request_whose_answer_does_not_come_is_not_sent_again() {
    let (listener, mut client) = listen().await;
    let server = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        assert!(read_request(&mut stream).await);
        drop(stream);
        let (mut stream, _) = listener.accept().await.unwrap();
        assert!(read_request(&mut stream).await);
        stream.write_all(OK.as_bytes()).await.unwrap();
    };
    let requests = async {
        assert!(matches!(client.get("/").await, Err(ClientError::Broken(_))));
        assert_eq!(client.get("/").await.unwrap().status, StatusCode::OK);
    };
    tokio::join!(server, requests);
}

#[tokio::test]
async fn a_late_answer_is_never_taken_for_the_next_one() {
    let (listener, client) = listen().await;
    let mut client = client.with_timeout(Duration::from_millis(50));
    let server = async {
        let (mut slow, _) = listener.accept().await.unwrap();
        assert!(read_request(&mut slow).await);
        let (mut stream, _) = listener.accept().await.unwrap();
        assert!(read_request(&mut stream).await);
        // The first connection may be closed by now.
        let _ = slow.write_all(OK.replace("{}", "no").as_bytes()).await;
        stream.write_all(OK.as_bytes()).await.unwrap();
    };
    let requests = async {
        assert!(matches!(client.get("/").await, Err(ClientError::TimedOut { .. })));
        assert_eq!(client.get("/").await.unwrap().body, "{}");
    };
    tokio::join!(server, requests);
}

#[tokio::test]
async fn a_url_gives_host_and_port() {
    let server = Server::from_url("http://127.0.0.1:8080/").await.unwrap();
    assert_eq!(server.host(), "127.0.0.1:8080");
    for url in ["https://127.0.0.1", "127.0.0.1:8080", "http://127.0.0.1/api", "nonsense"] {
        assert!(matches!(Server::from_url(url).await, Err(ClientError::BadUrl { .. })), "{url}");
    }
}
