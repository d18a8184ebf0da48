//! Held against a server that knows names, and one that keeps nothing beyond a group of messages.

mod client;
mod server;

use proptest::prelude::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex, split};

use super::Unnamed;
use client::{Step, message, script, started};
use server::{Keeps, Server};

/// What the client gets for what it sends, over streams of this capacity, written in pieces of these sizes in turn.
fn answers(sent: &[u8], server: Server, capacity: usize, pieces: &[usize]) -> std::io::Result<Vec<u8>> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let (near, far) = duplex(capacity);
        let (mut reading, mut writing) = split(Unnamed::new(near));
        let write = async {
            let (mut rest, mut sizes) = (sent, pieces.iter().cycle());
            while !rest.is_empty() {
                let piece;
                (piece, rest) = rest.split_at(rest.len().min(*sizes.next().unwrap()));
                writing.write_all(piece).await?;
                writing.flush().await?;
            }
            writing.shutdown().await
        };
        let read = async {
            let mut got = Vec::new();
            reading.read_to_end(&mut got).await.map(|_| got)
        };
        let ((), (), got) = tokio::try_join!(write, serve(far, server, pieces), read)?;
        Ok(got)
    })
}

async fn serve(mut stream: DuplexStream, mut server: Server, pieces: &[usize]) -> std::io::Result<()> {
    let mut sizes = pieces.iter().cycle();
    loop {
        let mut piece = vec![0; *sizes.next().unwrap()];
        let read = stream.read(&mut piece).await?;
        stream.write_all(&server.take(&piece[..read])).await?;
        if read == 0 {
            return Ok(());
        }
    }
}

/// What it gets from a server that knows names.
fn answers_by_name(sent: &[u8]) -> Vec<u8> {
    Server::new(Keeps::Statements).take(sent)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn a_client_sees_no_difference_to_named_statements_however_the_bytes_are_cut(
        steps in prop::collection::vec(client::step(), 1..40),
        capacity in 1..400_usize,
        pieces in prop::collection::vec(1..90_usize, 1..6),
    ) {
        let sent = script(&steps);
        let got = answers(&sent, Server::new(Keeps::Nothing), capacity, &pieces).unwrap();
        prop_assert_eq!(got, answers_by_name(&sent));
    }
}

#[test]
fn a_statement_is_prepared_in_the_group_that_uses_it_and_under_no_name() {
    let mut awaited = super::Awaited::default();
    let mut requests = super::Requests::default();
    let sent = [
        started(),
        message(b'P', b"s1\0SELECT $1\0\0\x01\0\0\0\x17"),
        message(b'D', b"Ss1\0"),
        message(b'S', b""),
        message(b'B', b"\0s1\0\0\0parameters"),
        message(b'E', b"\0\0\0\0\0"),
        message(b'S', b""),
        message(b'C', b"Ss1\0"),
        message(b'S', b""),
    ];
    requests.take(&sent.concat(), &mut awaited).unwrap();
    let expected = [
        started(),
        message(b'P', b"\0SELECT $1\0\0\x01\0\0\0\x17"),
        message(b'D', b"S\0"),
        message(b'S', b""),
        message(b'P', b"\0SELECT $1\0\0\x01\0\0\0\x17"),
        message(b'B', b"\0\0\0\0parameters"),
        message(b'E', b"\0\0\0\0\0"),
        message(b'S', b""),
        message(b'C', b"S\0"),
        message(b'S', b""),
    ];
    assert_eq!(bytes::Buf::chunk(requests.ready()), expected.concat());
}

#[test]
fn a_large_row_passes() {
    let steps = [Step::Prepare, Step::End, Step::Run { which: 0, parameters: vec![7; 3_000_000] }, Step::End];
    let sent = script(&steps);
    let got = answers(&sent, Server::new(Keeps::Nothing), 100_000, &[70_000]).unwrap();
    assert!(got == answers_by_name(&sent));
}

#[test]
fn a_statement_that_is_not_there_is_an_error_and_never_another_one() {
    let prepared = message(b'P', b"s1\0SELECT 1\0\0\0");
    for used in [b"\0s2\0\0\0\0\0".as_slice(), b"\0\0\0\0\0\0"] {
        let sent = [started(), prepared.clone(), message(b'B', used), message(b'S', b"")].concat();
        assert!(answers(&sent, Server::new(Keeps::Nothing), 1000, &[1000]).is_err());
    }
}

#[test]
fn a_server_that_answers_what_was_not_asked_is_an_error() {
    for answer in [message(b'1', b""), message(b'1', b"body"), vec![b'D', 0, 0, 0, 3]] {
        let mut unasked = super::Answers::default();
        unasked.take(&answer);
        let (mut awaited, mut out) = (super::Awaited::default(), [0; 100]);
        let passed = unasked.pass(&mut awaited, &mut tokio::io::ReadBuf::new(&mut out));
        assert!(passed.is_err(), "{answer:?}");
    }
}
