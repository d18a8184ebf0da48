//! Clients are who they are, not nginx.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use pollster_integration::{DEADLINE, NginxServer, PollView, Stack, Viewer, lunch, token, wait_until};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

/// What nginx is to the gateway.
const NGINX: &str = "127.0.0.1";
const ANN: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);
const BOB: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 3);
/// What a client may claim.
const CLAIMS: [(&str, &str); 2] = [("x-forwarded-for", "198.51.100.1"), ("forwarded", "for=198.51.100.1")];

/// A connection of a client at `address`.
async fn connection(nginx: &NginxServer, address: Ipv4Addr) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(SocketAddr::new(IpAddr::V4(address), 0)).unwrap();
    socket.connect(nginx.address()).await.unwrap()
}

/// A WebSocket of a client at `address` that claims to be others.
async fn viewer(nginx: &NginxServer, address: Ipv4Addr) -> Viewer {
    Viewer::over(connection(nginx, address).await, &CLAIMS).await.unwrap()
}

/// The status of a vote by a new browser at `address` that claims to be others.
async fn vote(nginx: &NginxServer, poll: &PollView, address: Ipv4Addr) -> String {
    let body = poll.ballot(0, 0);
    let claims = CLAIMS.map(|(name, value)| format!("{name}: {value}\r\n")).concat();
    let head = format!(
        "POST {} HTTP/1.1\r\nhost: test\r\nconnection: close\r\n{claims}content-type: application/json\r\n\
         x-voter-token: {}\r\ncontent-length: {}\r\n\r\n",
        poll.votes_path(),
        token(),
        body.len()
    );
    let mut stream = connection(nginx, address).await;
    stream.write_all(&[head.as_bytes(), &body].concat()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer.split(' ').nth(1).unwrap().to_owned()
}

#[tokio::test]
async fn connections_are_counted_for_each_client() {
    let builder = Stack::builder().aggregators(0).without_background();
    let builder = builder.env("TRUSTED_PROXIES", NGINX).env("MAX_CONNECTIONS_PER_ADDRESS", 2);
    let stack = builder.start().await;
    let nginx = NginxServer::before(&stack).await;
    let mut both = [viewer(&nginx, ANN).await, viewer(&nginx, ANN).await];
    for viewer in &mut both {
        viewer.ping().await;
    }
    assert_eq!(viewer(&nginx, ANN).await.closed().await, Some(1008));
    viewer(&nginx, BOB).await.ping().await;
    let [first, mut second] = both;
    drop(first);
    wait_until("there is room", DEADLINE, async || viewer(&nginx, ANN).await.try_ping().await.then_some(()))
        .await;
    second.ping().await;
}

#[tokio::test]
async fn a_client_s_address_votes_once() {
    let stack = Stack::builder().gateways(2).env("TRUSTED_PROXIES", NGINX).start().await;
    let nginx = NginxServer::before(&stack).await;
    let mut definition = lunch();
    definition["settings"] = json!({"voter_identity": "browser_and_address"});
    let poll = stack.create_poll(&definition).await;
    for (address, status) in [(ANN, "202"), (ANN, "409"), (BOB, "202"), (BOB, "409")] {
        assert_eq!(vote(&nginx, &poll, address).await, status, "{address}");
    }
    assert_eq!(stack.assert_exact(&poll).await.total, 2);
}
