//! Requests whose headers and bodies hold anything: each is answered, and none by an error of the server's.
//!
//! `PROPTEST_CASES` and `PROPTEST_RNG_SEED` give more or others.

use std::net::SocketAddr;

use pollster_integration::{DEADLINE, Stack, lunch, token};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestRunner};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio::time::timeout;

const CASES: u32 = 1000;
const SEED: u64 = 20_261_128;

const HEADERS: [&str; 19] = [
    "idempotency-key",
    "x-voter-token",
    "x-manage-token",
    "x-device-fingerprint",
    "authorization",
    "if-none-match",
    "last-event-id",
    "accept",
    "accept-encoding",
    "accept-language",
    "x-forwarded-for",
    "forwarded",
    "x-request-id",
    "origin",
    "cookie",
    "range",
    "content-type",
    "user-agent",
    "access-control-request-method",
];

/// Methods and paths; the poll's slug is put in.
const ROUTES: [(&str, &str); 19] = [
    ("POST", "/api/v1/polls"),
    ("GET", "/api/v1/polls?mine=true"),
    ("GET", "/api/v1/polls/{}"),
    ("GET", "/api/v1/polls/{}/results"),
    ("GET", "/api/v1/polls/{}/events"),
    ("GET", "/api/v1/polls/{}/stats"),
    ("GET", "/api/v1/polls/{}/export?format=csv"),
    ("POST", "/api/v1/polls/{}/votes"),
    ("PUT", "/api/v1/polls/{}/votes"),
    ("DELETE", "/api/v1/polls/{}/votes"),
    ("GET", "/api/v1/polls/{}/votes/01983c60-1f3e-7b52-8c11-3c9a4b7d0f10"),
    ("POST", "/api/v1/polls/{}/webhooks"),
    ("POST", "/api/v1/polls/{}/claim"),
    ("GET", "/api/v1/me"),
    ("POST", "/api/v1/accounts/verify"),
    ("POST", "/api/v1/sessions"),
    ("GET", "/api/v1/openapi.json"),
    ("GET", "/p/{}"),
    ("OPTIONS", "/api/v1/polls"),
];

/// A request's head but for its first line, and its body.
#[derive(Debug, Clone)]
struct Drawn {
    route: (&'static str, &'static str),
    /// Put behind the path.
    tail: String,
    headers: Vec<(&'static str, Vec<u8>)>,
    body: Vec<u8>,
}

/// What a header may hold (RFC 9110, section 5.5).
fn value() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![8 => 0x20..0x7fu8, 1 => 0x80..=0xffu8, 1 => Just(b'\t')];
    let sound = prop::sample::select(vec![
        "application/json",
        "Bearer a.b.c",
        "bearer ",
        "*",
        "\"1-1\"",
        "W/\"1-1\", \"2-1\"",
        "br;q=0.5, gzip",
        "0",
        "-1",
        "closed",
        "9223372036854775808",
        "for=192.0.2.1;proto=https",
        "192.0.2.1, [2001:db8::1]:80",
        "https://example.org",
        "01983c5e-7a0f-7d20-8b4e-2f6d1c9e5a01",
        "{01983c5e-7a0f-7d20-8b4e-2f6d1c9e5a01}",
        "bytes=0-",
        "de-AT,en;q=0.9",
    ]);
    let sound = sound.prop_map(|text| text.as_bytes().to_vec());
    prop_oneof![2 => vec(byte, 0..80), 3 => sound.clone(), 1 => vec(sound, 2..4).prop_map(|values| values.join(&b','))]
}

fn drawn() -> impl Strategy<Value = Drawn> {
    let body = prop_oneof![
        Just(Vec::new()),
        vec(any::<u8>(), 0..100),
        prop::sample::select(vec![
            "{}",
            "null",
            "[]",
            "{\"answers\":[]}",
            "{\"token\":\"\\u0000\"}",
            "{\"title\":1e999}"
        ])
        .prop_map(|json| json.as_bytes().to_vec()),
        "[\\[{]{1,200}".prop_map(String::into_bytes),
        Just(lunch().to_string().into_bytes()),
    ];
    let tail = prop_oneof![6 => Just(String::new()), 1 => "[a-z0-9%/?&=.~-]{0,12}", 1 => "%[0-9a-f]{2}"];
    let header = (prop::sample::select(HEADERS.to_vec()), value());
    (prop::sample::select(ROUTES.to_vec()), tail, vec(header, 0..8), body, prop::bool::weighted(0.7))
        .prop_map(|(route, tail, mut headers, body, is_json)| {
            if is_json {
                headers.retain(|(name, _)| *name != "content-type");
                headers.push(("content-type", b"application/json".to_vec()));
            }
            Drawn { route, tail, headers, body }
        })
}

/// The status that answers it.
async fn status(gateway: SocketAddr, slug: &str, drawn: &Drawn) -> u16 {
    let (method, path) = drawn.route;
    let path = path.replace("{}", slug);
    let mut request = format!("{method} {path}{} HTTP/1.1\r\nhost: localhost\r\n", drawn.tail).into_bytes();
    for (name, value) in &drawn.headers {
        request.extend([name.as_bytes(), b": ", value, b"\r\n"].concat());
    }
    request.extend(format!("content-length: {}\r\n\r\n", drawn.body.len()).bytes());
    request.extend(&drawn.body);
    let mut stream = TcpStream::connect(gateway).await.unwrap();
    stream.write_all(&request).await.unwrap();
    let mut answer = [0; 12];
    timeout(DEADLINE, stream.read_exact(&mut answer)).await.expect("it is answered").unwrap();
    let answer = str::from_utf8(&answer).unwrap();
    answer.strip_prefix("HTTP/1.1 ").unwrap().parse().unwrap()
}

#[test]
fn no_headers_nor_body_make_it_a_server_s_error() {
    let mut config = Config { failure_persistence: None, ..Config::default() };
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = CASES;
    }
    if config.rng_seed == RngSeed::Random {
        config.rng_seed = RngSeed::Fixed(SEED);
    }
    let runtime = Runtime::new().unwrap();
    // Whatever proxies might say is read.
    let builder = Stack::builder().aggregators(0).without_background().env("TRUSTED_PROXIES", "127.0.0.0/8");
    let stack = runtime.block_on(builder.env("ALLOWED_ORIGINS", "https://example.org").start());
    let poll = runtime.block_on(stack.create_poll(&lunch()));
    let address = stack.gateway(0).address();
    let outcome = TestRunner::new(config).run(&drawn(), |drawn| {
        let status = runtime.block_on(status(address, &poll.slug, &drawn));
        prop_assert!((200..500).contains(&status), "{}", status);
        Ok(())
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
    runtime.block_on(async {
        stack.accepted(&poll, &token(), None, poll.ballot(0, 0)).await;
    });
}
