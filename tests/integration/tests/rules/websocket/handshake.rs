//! The handshake (RFC 6455, section 4.2).

use hyper::Method;
use pollster_integration::{ClientFrame, Handshake, Stack};

use super::{Answer, HELLO, assert_serves, gateway};

#[tokio::test]
async fn a_handshake_may_be_written_in_many_ways() {
    let stack = gateway().await;
    let plain = Handshake::default;
    for handshake in [
        plain(),
        plain().set("Upgrade", "WebSocket"),
        plain().set("Upgrade", "WEBSOCKET"),
        plain().set("Upgrade", "h2c, websocket"),
        plain().with("Upgrade", "h2c"),
        plain().set("Connection", "keep-alive, Upgrade"),
        plain().set("Connection", "keep-alive,upgrade"),
        plain().with("Connection", "keep-alive"),
        plain().without("Connection").with("cOnNeCtIoN", "UPGRADE"),
        plain().set("Sec-WebSocket-Key", " dGhlIHNhbXBsZSBub25jZQ== "),
        plain().request_line("GET http://localhost/ws HTTP/1.1"),
        plain().request_line("GET /ws?version=1 HTTP/1.1"),
        plain().with("Content-Length", "0"),
        plain().with("User-Agent", "x").with("Cookie", "a=b"),
    ] {
        let (reply, mut socket) = handshake.send(stack.gateway(0).address()).await;
        assert_eq!(reply.status, 101, "{handshake:?}: {}", reply.text());
        assert_serves(&format!("{handshake:?}"), &mut socket).await;
    }
}

/// What is offered and not taken is not in the answer: the client sees to that.
#[tokio::test]
async fn extensions_and_subprotocols_are_offered_in_vain() {
    let stack = gateway().await;
    for (name, value) in [
        ("Sec-WebSocket-Extensions", "permessage-deflate"),
        ("Sec-WebSocket-Extensions", "permessage-deflate; client_max_window_bits; server_max_window_bits=10"),
        ("Sec-WebSocket-Extensions", "x-webkit-deflate-frame, permessage-bzip2"),
        ("Sec-WebSocket-Protocol", "graphql-ws, wamp.2.json"),
    ] {
        let (reply, mut socket) =
            Handshake::default().with(name, value).send(stack.gateway(0).address()).await;
        assert_eq!(reply.status, 101, "{value}");
        assert_serves(value, &mut socket).await;
    }
}

#[tokio::test]
async fn frames_that_come_with_the_handshake_are_not_lost() {
    let stack = gateway().await;
    let frames =
        [ClientFrame::text(HELLO), ClientFrame::ping("early"), ClientFrame::text(format!("{HELLO:<5000}"))];
    let bytes: Vec<u8> = frames.iter().flat_map(ClientFrame::bytes).collect();
    // All of them, and a part of the last.
    for cut in [bytes.len(), bytes.len() - 1, 1] {
        let (early, late) = bytes.split_at(cut);
        let (reply, mut socket) =
            Handshake::default().followed_by(early).send(stack.gateway(0).address()).await;
        assert_eq!(reply.status, 101);
        socket.send(late).await;
        for answer in [Answer::Says("pong"), Answer::Pong(b"early".to_vec()), Answer::Says("pong")] {
            answer.assert(&format!("cut at {cut}"), socket.next().await);
        }
        assert_serves("after all", &mut socket).await;
    }
}

/// Sends a handshake that must be refused with 400; returns whether the answer says which version is spoken.
async fn assert_refused(stack: &Stack, handshake: &Handshake) -> bool {
    let (reply, _) = handshake.send(stack.gateway(0).address()).await;
    assert_eq!(reply.status, 400, "{handshake:?}");
    // A HEAD has no body.
    assert!(reply.body.is_empty() || reply.code().as_deref() == Some("malformed_request"), "{handshake:?}");
    reply.headers.get("sec-websocket-version").is_some_and(|version| version == "13")
}

#[tokio::test]
async fn a_handshake_that_lacks_something_is_refused() {
    let stack = gateway().await;
    let plain = Handshake::default;
    for handshake in [
        plain().without("Host"),
        plain().without("Connection"),
        plain().set("Connection", "keep-alive"),
        plain().set("Connection", "Upgraded"),
        plain().without("Upgrade"),
        plain().set("Upgrade", "websockets"),
        plain().set("Upgrade", "h2c"),
        plain().request_line("GET /ws HTTP/1.0"),
        plain().request_line("HEAD /ws HTTP/1.1"),
    ] {
        assert_refused(&stack, &handshake).await;
    }
    let (reply, _) = plain().request_line("POST /ws HTTP/1.1").send(stack.gateway(0).address()).await;
    assert_eq!(reply.status, 405);
    assert_eq!(stack.request(Method::GET, "/livez", &[], "").await.status, 200);
}

#[tokio::test]
async fn a_key_that_is_not_16_bytes_in_base64_is_refused() {
    let stack = gateway().await;
    let refused = [
        "",
        "x",
        "dGhlIHNhbXBsZSBub25jZQ",
        "dGhlIHNhbXBsZSBub25jZQ=",
        "dGhlIHNhbXBsZSBub25jZQ===",
        "dGhlIHNhbXBsZSBub25jZSE=",
        "dGhlIHNhbXBsZSBub25j",
        "dGhlIHNhbXBsZSBub25jZ===",
        "dGhlIHNhbXBsZSBub25j-_==",
        "dGhlIHNhbXBsZSBub25j Q==",
        "SGVsbG8sIHdvcmxkIQ==",
        "dGhlIHNhbXBsZSBub25jZQ==, dGhlIHNhbXBsZSBub25jZQ==",
    ];
    for key in refused {
        assert_refused(&stack, &Handshake::default().set("Sec-WebSocket-Key", key)).await;
    }
    assert_refused(&stack, &Handshake::default().without("Sec-WebSocket-Key")).await;
    let twice = Handshake::default().with("Sec-WebSocket-Key", "AQIDBAUGBwgJCgsMDQ4PEA==");
    assert_refused(&stack, &twice).await;
}

#[tokio::test]
async fn another_version_is_refused_and_told_which_is_spoken() {
    let stack = gateway().await;
    for version in ["0", "8", "12", "14", "130", "013", "13.0", "", "8, 13", "13, 8", "13, 13"] {
        let handshake = Handshake::default().set("Sec-WebSocket-Version", version);
        assert!(assert_refused(&stack, &handshake).await, "{version}");
    }
    let missing = Handshake::default().without("Sec-WebSocket-Version");
    assert!(assert_refused(&stack, &missing).await);
    for more in ["8", "13"] {
        let handshake = Handshake::default().with("Sec-WebSocket-Version", more);
        assert!(assert_refused(&stack, &handshake).await, "13 and {more}");
    }
}

/// Its bytes would be read as frames, or as none: a handshake has nothing to say besides.
#[tokio::test]
async fn a_handshake_with_a_body_is_refused() {
    let stack = gateway().await;
    let ping = ClientFrame::text(HELLO).bytes();
    let chunk = [format!("{:x}\r\n", ping.len()).as_bytes(), &ping, b"\r\n0\r\n\r\n"].concat();
    for handshake in [
        Handshake::default().with("Content-Length", &ping.len().to_string()).followed_by(&ping),
        Handshake::default().with("Transfer-Encoding", "chunked").followed_by(&chunk),
    ] {
        assert_refused(&stack, &handshake).await;
    }
}
