//! Frames at random, held against the protocol's rules: the connection serves, or fails as it must, and others go on.
//!
//! `PROPTEST_CASES` and `PROPTEST_RNG_SEED` give more or others.

mod expected;

use pollster_integration::{Length, Viewer, lunch, token};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestRunner};
use tokio::runtime::Runtime;

use super::*;
use expected::Expected;

const CASES: u32 = 300;
const SEED: u64 = 20_261_128;
/// More than a message may have.
const TOO_LONG: usize = 48 * 1024 + 1;

/// A frame as it is drawn.
#[derive(Debug, Clone)]
pub(super) struct Drawn {
    is_final: bool,
    /// Rarely any.
    reserved: u8,
    opcode: u8,
    masked: Option<[u8; 4]>,
    payload: Vec<u8>,
    length: Length,
}

impl Drawn {
    fn bytes(&self) -> Vec<u8> {
        let frame = ClientFrame::new(self.opcode, &self.payload).reserved(self.reserved).mask(self.masked);
        let frame = frame.length(self.length);
        if self.is_final { frame.bytes() } else { frame.more().bytes() }
    }
}

fn payload() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        4 => vec(any::<u8>(), 0..140),
        4 => "\\PC{0,40}".prop_map(String::into_bytes),
        4 => prop::sample::select(vec![HELLO, r#"{"type":"vote"}"#, "[]", "{"]).prop_map(|text| text.as_bytes().to_vec()),
        2 => (1000..1016u16).prop_map(|code| code.to_be_bytes().to_vec()),
        1 => (TOO_LONG - 3..TOO_LONG + 2).prop_map(|length| vec![b' '; length]),
        1 => (TOO_LONG / 2..TOO_LONG).prop_map(|length| vec![b' '; length]),
    ]
}

fn frame() -> impl Strategy<Value = Drawn> {
    let opcode = prop_oneof![6 => 0..3u8, 3 => 8..11u8, 1 => 0..16u8];
    let length = prop_oneof![
        16 => Just(Length::Shortest),
        1 => Just(Length::Bits64),
        // Of less than is awaited the rest would be.
        1 => (TOO_LONG as u64..).prop_map(Length::Claimed),
    ];
    let mask = prop::option::weighted(0.97, any::<[u8; 4]>());
    let reserved = prop_oneof![30 => Just(0), 1 => 1..8u8];
    (any::<bool>(), prop::bool::weighted(0.5), reserved, opcode, mask, payload(), length).prop_map(
        |(is_final, also_final, reserved, opcode, masked, payload, length)| Drawn {
            // Control frames are final, mostly.
            is_final: is_final || also_final || opcode >= 8 && !payload.is_empty(),
            reserved,
            opcode,
            masked,
            payload,
            length,
        },
    )
}

/// Sends the frames, then a close, and holds all that comes against what must.
async fn hold_frames(gateway: SocketAddr, frames: &[Drawn], chop: usize) {
    let expected = Expected::of(frames);
    let mut socket = RawSocket::connect(gateway).await;
    let mut sent: Vec<u8> = frames.iter().flat_map(Drawn::bytes).collect();
    sent.extend(ClientFrame::close(1000, "").bytes());
    socket.send_chopped(&sent, chop).await;
    let mut pongs = Vec::new();
    let mut texts = 0;
    let code = loop {
        match socket.next().await {
            Received::Text(text) => {
                serde_json::from_str::<Value>(&text).unwrap();
                texts += 1;
            }
            Received::Pong(payload) => pongs.push(payload),
            Received::Close(code, _) => break code,
            // What came after the end was never read, so that the end came by a reset.
            Received::End(TcpEnd::Reset) if expected.fails() => return,
            other => panic!("{other:?} of {frames:?}"),
        }
    };
    assert!(expected.codes.contains(&code), "closed with {code}, not {expected:?}: {frames:?}");
    assert_eq!(texts, expected.messages, "answers to {frames:?}");
    // Of pings that come together the last may be answered alone (RFC 6455, section 5.5.3).
    assert!(pongs.iter().all(|pong| expected.pings.contains(pong)), "{pongs:?} to {frames:?}");
    assert!(expected.fails() || pongs.last() == expected.pings.last(), "{pongs:?} to {frames:?}");
}

/// Sends any bytes and goes away.
async fn send_bytes(gateway: SocketAddr, bytes: &[u8]) {
    let mut socket = RawSocket::connect(gateway).await;
    socket.send(bytes).await;
}

#[test]
fn frames_at_random_are_served_or_fail_as_they_must_and_others_go_on() {
    let mut config = Config { max_shrink_iters: 300, failure_persistence: None, ..Config::default() };
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = CASES;
    }
    if config.rng_seed == RngSeed::Random {
        config.rng_seed = RngSeed::Fixed(SEED);
    }
    let runtime = Runtime::new().unwrap();
    let stack = runtime.block_on(Stack::builder().without_background().start());
    let address = stack.gateway(0).address();
    let (poll, mut viewer) = runtime.block_on(async {
        let poll = stack.create_poll(&lunch()).await;
        let mut viewer = Viewer::connect(address).await;
        viewer.subscribe(poll.poll_id, None).await;
        viewer.next("results").await;
        (poll, viewer)
    });
    let chop = prop_oneof![3 => Just(usize::MAX), 1 => 1..200usize];
    let cases = (vec(frame(), 1..8), chop, vec(any::<u8>(), 0..64));
    let outcome = TestRunner::new(config).run(&cases, |(frames, chop, bytes)| {
        runtime.block_on(async {
            hold_frames(address, &frames, chop).await;
            send_bytes(address, &bytes).await;
            viewer.frames().iter().for_each(|frame| assert_ne!(frame["type"], "error", "{frame}"));
        });
        Ok(())
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
    runtime.block_on(async {
        stack.accepted(&poll, &token(), None, poll.ballot(0, 0)).await;
        viewer.next_where("the vote", |frame| frame["total_votes"] == 1).await;
    });
}
