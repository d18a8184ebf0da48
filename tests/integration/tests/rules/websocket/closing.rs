//! Closing (Autobahn 7). The gateway ends the TCP connection: that is held in all of these.

use futures_util::future::join_all;
use pollster_integration::{ClientFrame, RawSocket, Received, TcpEnd};

use super::{HELLO, NO_CODE, Talk, also_chopped, assert_closed, gateway, hold};

/// The codes that may be sent: those of RFC 6455, those registered since, and those of libraries and of
/// applications.
const VALID: [u16; 15] =
    [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 3000, 3999, 4000, 4999];
/// Codes that may not (Autobahn 7.9): below and above all, reserved for local use, not given out. Of those from
/// 5000 on the RFC says nothing (7.13).
const INVALID: [u16; 14] =
    [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 10_000, 32_768, 65_535];

/// A reason of more than ASCII.
const GREEK_AND_MORE: &str = "κόσμε 𤭢";

#[tokio::test]
async fn a_close_is_answered_with_its_code() {
    let mut talks: Vec<Talk> = VALID
        .iter()
        .map(|&code| Talk::new(code).sends(ClientFrame::close(code, "")).closes(&[code]))
        .collect();
    let reasons = ["going", GREEK_AND_MORE, &"x".repeat(123)].map(|reason| {
        Talk::new(format!("because {reason}")).sends(ClientFrame::close(1000, reason)).closes(&[1000])
    });
    talks.extend(reasons);
    talks.push(Talk::new("no code").sends(ClientFrame::close_with("")).closes(&[NO_CODE, 1000]));
    hold(talks.iter().flat_map(|talk| also_chopped(talk, &[1]))).await;
}

#[tokio::test]
async fn a_code_that_may_not_be_sent_is_answered_with_1002() {
    hold(INVALID.iter().flat_map(|&code| {
        let close = |reason| {
            Talk::new(format!("{code} {reason}")).sends(ClientFrame::close(code, reason)).closes(&[1002])
        };
        [close(""), close("because")]
    }))
    .await;
}

#[tokio::test]
async fn what_was_asked_before_the_close_is_answered_and_nothing_after_it() {
    let closed = || {
        Talk::new("a close")
            .sends(ClientFrame::text(HELLO))
            .sends(ClientFrame::close(1000, ""))
            .says("pong")
            .closes(&[1000])
    };
    let talks = [
        closed(),
        closed().sends(ClientFrame::text(HELLO)),
        closed().sends(ClientFrame::ping("p")),
        closed().sends(ClientFrame::close(1001, "")),
        closed().sends(ClientFrame::text(HELLO).reserved(7)),
        Talk::new("within a message")
            .sends(ClientFrame::text("{").more())
            .sends(ClientFrame::close(1000, ""))
            .sends(ClientFrame::continuation("}"))
            .closes(&[1000]),
    ];
    hold(talks).await;
}

/// Of a reason that is no UTF-8 Autobahn takes both codes.
#[tokio::test]
async fn a_close_that_can_not_be_read_fails_with_1002() {
    let long = [&1000_u16.to_be_bytes()[..], &[b'x'; 124]].concat();
    let spoilt = b"\x03\xe8\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xed\xa0\x80edited";
    let talks = [
        Talk::new("half a code").sends(ClientFrame::close_with([3])).fails(&[1002]),
        Talk::new("126 bytes").sends(ClientFrame::close_with(long)).fails(&[1002]),
        Talk::new("no UTF-8").sends(ClientFrame::close_with(spoilt)).fails(&[1002, 1007]),
        Talk::new("half a character").sends(ClientFrame::close(1000, b"\xce")).fails(&[1002, 1007]),
    ];
    hold(talks.iter().flat_map(|talk| also_chopped(talk, &[1]))).await;
}

/// A connection that is closed with something unread is reset, and a reset may overtake the close (RFC 6455,
/// section 7.1.1).
#[tokio::test]
async fn what_follows_an_end_is_dropped_and_takes_no_close_with_it() {
    let flood = ClientFrame::binary(vec![b'x'; 16_000]).bytes().repeat(4);
    let stack = gateway().await;
    let ends = [
        (ClientFrame::text(HELLO).reserved(1), 1002),
        (ClientFrame::text(b"\xff"), 1007),
        (ClientFrame::text(vec![b' '; 60_000]), 1009),
        (ClientFrame::close(1000, ""), 1000),
    ];
    join_all(ends.map(async |(last, code)| {
        let mut socket = RawSocket::connect(stack.gateway(0).address()).await;
        socket.send([last.bytes(), flood.clone()].concat()).await;
        assert_closed("with a flood behind", &[code], socket.next().await);
        assert_eq!(socket.next().await, Received::End(TcpEnd::Fin), "{code}");
    }))
    .await;
}
