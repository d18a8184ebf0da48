//! Answers and pauses, and a whole round against a gateway that fails every vote before it takes it.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

use super::*;
use crate::client::IDEMPOTENCY_KEY;
use crate::replay::order;

/// How often each key came.
type Tries = Arc<Mutex<HashMap<String, u32>>>;

/// Answers a key 503 at first, then breaks the connection, then accepts; the last ones it refuses.
fn answer(tries: &Tries, request: &Request<Incoming>) -> Result<Response<Full<Bytes>>, &'static str> {
    let key = request.headers()[IDEMPOTENCY_KEY].to_str().unwrap().to_owned();
    let mut tries = tries.lock().unwrap();
    let known = tries.len();
    let tried = tries.entry(key).or_default();
    *tried += 1;
    let (status, body) = match tried {
        1 => (503, ""),
        2 => return Err("broken on purpose"),
        _ if known > 90 => (409, r#"{"code":"already_voted"}"#),
        _ => (202, ""),
    };
    Ok(Response::builder().status(status).body(body.into()).unwrap())
}

async fn start_failing_gateway(tries: Tries) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let tries = Arc::clone(&tries);
            let service = service_fn(move |request| std::future::ready(answer(&tries, &request)));
            tokio::spawn(
                hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service),
            );
        }
    });
    address
}

#[test]
fn pauses_grow_to_a_bound_and_never_undercut_what_was_asked_for() {
    let voter = Voter::of(1, 0);
    assert!(pause(0, None, &voter) <= FIRST_PAUSE);
    assert!(pause(3, None, &voter) > pause(0, None, &voter));
    assert!(pause(u32::MAX, None, &voter) <= LONGEST_PAUSE);
    assert!(pause(0, Some(Duration::from_secs(60)), &voter) >= Duration::from_secs(60));
}

#[test]
fn only_a_second_vote_is_a_refusal_that_the_replay_goes_on_after() {
    let reply = |status, body: &'static str| Reply {
        status,
        headers: hyper::HeaderMap::new(),
        body: body.as_bytes().into(),
    };
    let conflict = |body| verdict(&reply(StatusCode::CONFLICT, body));
    assert!(matches!(conflict(r#"{"code":"already_voted"}"#), Verdict::AlreadyVoted));
    assert!(matches!(conflict(r#"{"code":"poll_closed"}"#), Verdict::Final));
    assert!(matches!(verdict(&reply(StatusCode::SERVICE_UNAVAILABLE, "")), Verdict::Again(None)));
    assert!(matches!(verdict(&reply(StatusCode::INTERNAL_SERVER_ERROR, "")), Verdict::Final));
}

#[tokio::test]
async fn a_vote_is_sent_again_with_its_key_until_an_answer_stands() {
    let tries = Tries::default();
    let server = Server::from(start_failing_gateway(Arc::clone(&tries)).await);
    let ballots = Ballots { choices: vec!["A".to_owned(), "B".to_owned()], first: vec![0; 100] };
    let target = Target {
        poll: serde_json::from_str(POLL).unwrap(),
        votes_path: "/votes".parse().unwrap(),
        bodies: vec![Bytes::new(), Bytes::new()],
    };
    let order = order(1, 100);
    let casting = Casting {
        server: &server,
        target: &target,
        ballots: &ballots,
        order: &order,
        seed: 1,
        connections: 8,
    };
    let outcome = cast(&casting, &ProgressBar::hidden()).await.unwrap();
    assert_eq!(outcome.accepted + outcome.refused, 100);
    assert_eq!(outcome.sent_again, 200);
    assert!(outcome.refused > 0, "{outcome:?}");
    let tries = tries.lock().unwrap();
    assert_eq!(tries.len(), 100);
    assert!(tries.values().all(|tries| *tries == 3));
}

const POLL: &str = r#"{
    "poll_id": "00000000-0000-0000-0000-000000000000", "slug": "", "url": "", "status": "active", "questions": []
}"#;
