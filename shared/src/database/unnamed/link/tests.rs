//! What a server sees first, as `sslmode` and `sslnegotiation` have it.

use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_postgres::Config;
use tokio_postgres_rustls::MakeRustlsConnect;

use super::{Linker, SSL_REQUEST};

/// The first byte of a TLS handshake.
const HANDSHAKE: u8 = 0x16;
/// After the length of the first message: the protocol's version.
const VERSION: [u8; 4] = [0, 3, 0, 0];

fn tls() -> MakeRustlsConnect {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    MakeRustlsConnect::new(config)
}

/// Lets a client connect with these settings to a server that does what `serve` says with it. Returns what the client
/// fails with: no server here goes through with it.
async fn failure<F: Future>(settings: &str, serve: impl FnOnce(TcpStream) -> F) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let config: Config = format!("hostaddr=127.0.0.1 port={port} user=ann {settings}").parse().unwrap();
    let (linker, config) = Linker::new(&config, tls());
    let server = async { drop(serve(listener.accept().await.unwrap().0).await) };
    let (client, ()) = tokio::join!(config.connect(linker), server);
    let error = client.err().unwrap();
    let cause = std::error::Error::source(&error).map(ToString::to_string);
    format!("{error}: {}", cause.unwrap_or_default())
}

async fn expect_first_message(stream: &mut TcpStream) {
    let mut head = [0; 8];
    stream.read_exact(&mut head).await.unwrap();
    assert_eq!(head[4..], VERSION);
}

async fn expect_request(stream: &mut TcpStream, answer: u8) {
    let mut request = [0; SSL_REQUEST.len()];
    stream.read_exact(&mut request).await.unwrap();
    assert_eq!(request, SSL_REQUEST);
    stream.write_u8(answer).await.unwrap();
}

async fn expect_handshake(stream: &mut TcpStream) {
    assert_eq!(stream.read_u8().await.unwrap(), HANDSHAKE);
}

#[tokio::test]
async fn without_tls_the_client_begins_at_once() {
    failure("sslmode=disable", async |mut stream| expect_first_message(&mut stream).await).await;
}

#[tokio::test]
async fn a_server_without_tls_is_taken_as_it_is_where_that_is_allowed() {
    failure("sslmode=prefer", async |mut stream| {
        expect_request(&mut stream, b'N').await;
        expect_first_message(&mut stream).await;
    })
    .await;
}

#[tokio::test]
async fn a_server_without_tls_is_not_spoken_to_where_tls_is_required() {
    let why = failure("sslmode=require", async |mut stream| {
        expect_request(&mut stream, b'N').await;
        assert_eq!(stream.read(&mut [0]).await.unwrap(), 0);
    });
    assert!(why.await.contains("the server does not do TLS"));
}

#[tokio::test]
async fn a_server_that_does_tls_is_spoken_to_by_it() {
    for mode in ["prefer", "require"] {
        failure(&format!("sslmode={mode}"), async |mut stream| {
            expect_request(&mut stream, b'S').await;
            expect_handshake(&mut stream).await;
        })
        .await;
    }
    failure("sslmode=require sslnegotiation=direct", async |mut stream| expect_handshake(&mut stream).await)
        .await;
}
