//! The client itself: what it sends is what the RFC's examples show, and what it must not take it does not.

use std::panic::catch_unwind;

use super::frame::{ClientFrame, Length};
use super::received::{Incoming, Received};

fn takes(bytes: &[u8]) -> Vec<Received> {
    let mut incoming = Incoming::default();
    incoming.buffer().extend(bytes);
    let received = std::iter::from_fn(|| incoming.take()).collect();
    incoming.assert_whole();
    received
}

#[test]
fn frames_are_as_in_the_examples_of_the_rfc() {
    assert_eq!(
        ClientFrame::text("Hello").bytes(),
        [0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58]
    );
    let hello = ClientFrame::fragments(["Hel", "lo"]).into_iter().map(|frame| frame.mask(None).bytes());
    assert_eq!(hello.collect::<Vec<_>>(), [vec![0x01, 0x03, 0x48, 0x65, 0x6c], vec![0x80, 0x02, 0x6c, 0x6f]]);
    let head = |length, bytes: usize| {
        ClientFrame::binary(vec![0; bytes]).mask(None).length(length).bytes()[..10].to_vec()
    };
    assert_eq!(head(Length::Shortest, 256)[..4], [0x82, 0x7e, 0x01, 0x00]);
    assert_eq!(head(Length::Shortest, 65536), [0x82, 0x7f, 0, 0, 0, 0, 0, 1, 0, 0]);
    assert_eq!(head(Length::Bits16, 9)[..4], [0x82, 0x7e, 0, 9]);
    assert_eq!(head(Length::Bits64, 9), [0x82, 0x7f, 0, 0, 0, 0, 0, 0, 0, 9]);
    assert_eq!(ClientFrame::ping("").reserved(0b101).more().bytes()[0], 0x59);
}

#[test]
fn what_a_server_may_send_is_taken() {
    let ping = Received::Ping(b"p".to_vec());
    for (bytes, received) in [
        (&b"\x81\x02ab"[..], vec![Received::Text("ab".to_owned())]),
        (b"\x82\x00", vec![Received::Binary(Vec::new())]),
        (b"\x01\x01\xce\x89\x01p\x80\x01\xba", vec![ping, Received::Text("κ".to_owned())]),
        (b"\x88\x00", vec![Received::Close(1005, String::new())]),
        (b"\x88\x05\x03\xe9bye", vec![Received::Close(1001, "bye".to_owned())]),
    ] {
        assert_eq!(takes(bytes), received);
    }
}

#[test]
fn what_a_server_must_not_send_is_no_message() {
    for bytes in [
        &b"\x81\x80\0\0\0\0"[..],
        b"\xc1\x00",
        b"\x83\x00",
        b"\x8b\x00",
        b"\x81\x7e\x00\x05abcde",
        b"\x82\x7f\0\0\0\0\0\0\0\x01a",
        b"\x81\x01\xff",
        b"\x80\x00",
        b"\x01\x00\x81\x00",
        b"\x09\x00",
        &[&b"\x89\x7e\x00\x7e"[..], &[0; 126]].concat(),
        b"\x88\x01\x03",
        b"\x88\x02\x03\xed",
        b"\x88\x02\x13\x88",
        b"\x88\x03\x03\xe8\xff",
        b"\x88\x00\x8a\x00",
        b"\x81\x05ab",
        b"\x01\x02ab",
    ] {
        assert!(catch_unwind(|| takes(bytes)).is_err(), "{bytes:?}");
    }
}
