//! The edge: whose addresses and origins are believed, what browsers are told, how many may connect.

use std::net::SocketAddr;

use hyper::http::HeaderName;
use hyper::{HeaderMap, Method};
use pollster_integration::{Builder, DEADLINE, Stack, Viewer, lunch, token, wait_until};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::captcha::verifier::{SECRET, Verifier};
use crate::captcha::{solved, with_captcha};
use crate::errors::assert_problem;

const APP: &str = "https://app.example";
const EVIL: &str = "https://app.example.evil.net";

/// A gateway alone.
fn gateway() -> Builder {
    Stack::builder().aggregators(0).without_background()
}

fn address(stack: &Stack) -> SocketAddr {
    stack.gateway(0).address()
}

/// The address that a vote with these headers comes from, as the captcha's verifier is told.
async fn seen_address(stack: &Stack, verifier: &Verifier, more: &[(&str, &str)]) -> String {
    let poll = stack.create_poll(&with_captcha(lunch())).await;
    let voter = token();
    let body = solved(&poll.ballot(0, 0), &format!("solved-{voter}"));
    let mut headers = vec![("content-type", "application/json"), ("x-voter-token", voter.as_str())];
    headers.extend(more);
    let path = poll.votes_path().to_string();
    let reply = stack.client(0).request(Method::POST, &path, &headers, body).await.unwrap();
    assert_eq!(reply.status, 202, "{}", reply.text());
    verifier.asked().last().unwrap()["remoteip"].clone()
}

#[tokio::test]
async fn only_trusted_proxies_are_believed_and_read_from_the_right() {
    let verifier = Verifier::start().await;
    let captcha = || Stack::builder().env("CAPTCHA_VERIFY_URL", verifier.url()).env("CAPTCHA_SECRET", SECRET);
    let spoofed = [("x-forwarded-for", "198.51.100.1"), ("forwarded", "for=198.51.100.1")];
    let proxied = captcha().env("TRUSTED_PROXIES", "127.0.0.0/8, 10.0.0.0/8");
    let (stranger, proxied) = tokio::join!(captcha().start(), proxied.start());
    assert_eq!(seen_address(&stranger, &verifier, &spoofed).await, "127.0.0.1");
    for (lines, client) in [
        (&[][..], "127.0.0.1"),
        (&[("x-forwarded-for", "198.51.100.1")], "198.51.100.1"),
        (&[("x-forwarded-for", "203.0.113.5, 198.51.100.1, 10.0.0.4")], "198.51.100.1"),
        (&[("x-forwarded-for", "203.0.113.5"), ("x-forwarded-for", "198.51.100.1")], "198.51.100.1"),
        (&[("x-forwarded-for", "198.51.100.1, unknown")], "127.0.0.1"),
        (&[("forwarded", "for=203.0.113.5, for=\"[2001:db8::1]:4711\";proto=https")], "2001:db8::1"),
    ] {
        assert_eq!(seen_address(&proxied, &verifier, lines).await, client, "{lines:?}");
    }
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).map(|value| value.to_str().unwrap())
}

fn cors_headers(headers: &HeaderMap) -> Vec<&str> {
    headers.keys().map(HeaderName::as_str).filter(|name| name.starts_with("access-control-")).collect()
}

#[tokio::test]
async fn pages_of_allowed_origins_may_use_the_api() {
    let stack = gateway().env("ALLOWED_ORIGINS", format!("{APP}, http://localhost:3000")).start().await;
    let preflight = [
        ("origin", APP),
        ("access-control-request-method", "POST"),
        ("access-control-request-headers", "content-type,x-voter-token,idempotency-key"),
    ];
    let reply = stack.request(Method::OPTIONS, "/api/v1/polls/x/votes", &preflight, "").await;
    assert!(reply.status.is_success());
    assert_eq!(header(&reply.headers, "access-control-allow-origin"), Some(APP));
    assert_eq!(header(&reply.headers, "access-control-allow-credentials"), None);
    assert!(header(&reply.headers, "access-control-max-age").is_some());
    let listed = |name: &str| -> Vec<String> {
        let list = header(&reply.headers, name).unwrap().split(',');
        list.map(|item| item.trim().to_ascii_lowercase()).collect()
    };
    for method in ["get", "head", "post", "put", "patch", "delete"] {
        assert!(listed("access-control-allow-methods").iter().any(|listed| listed == method), "{method}");
    }
    for name in [
        "content-type",
        "authorization",
        "x-voter-token",
        "idempotency-key",
        "x-manage-token",
        "x-device-fingerprint",
        "if-none-match",
        "x-request-id",
        "last-event-id",
    ] {
        assert!(listed("access-control-allow-headers").iter().any(|listed| listed == name), "{name}");
    }

    // Errors are told to pages too.
    for (path, status) in [("/livez", 200), ("/api/v1/polls/none", 404), ("/api/v1/sessions", 405)] {
        let reply = stack.request(Method::GET, path, &[("origin", APP)], "").await;
        assert_eq!(reply.status, status, "{path}");
        assert_eq!(header(&reply.headers, "access-control-allow-origin"), Some(APP), "{path}");
        let exposed = header(&reply.headers, "access-control-expose-headers").unwrap().to_ascii_lowercase();
        for name in ["etag", "location", "retry-after", "ratelimit", "ratelimit-policy", "x-request-id"] {
            assert!(exposed.split(',').any(|listed| listed.trim() == name), "{path}: {name}");
        }
        assert!(header(&reply.headers, "vary").unwrap().to_ascii_lowercase().contains("origin"), "{path}");
    }
    for origin in [EVIL, "null", "https://localhost:3000"] {
        let mut asked = preflight;
        asked[0] = ("origin", origin);
        let reply = stack.request(Method::OPTIONS, "/api/v1/polls", &asked, "").await;
        assert_eq!(header(&reply.headers, "access-control-allow-origin"), None, "{origin}");
        let reply = stack.request(Method::GET, "/livez", &[("origin", origin)], "").await;
        assert_eq!(header(&reply.headers, "access-control-allow-origin"), None, "{origin}");
    }
}

#[tokio::test]
async fn a_star_allows_the_pages_of_all_origins() {
    let stack = gateway().env("ALLOWED_ORIGINS", "*").start().await;
    let reply = stack.request(Method::GET, "/livez", &[("origin", EVIL)], "").await;
    assert_eq!(header(&reply.headers, "access-control-allow-origin"), Some("*"));
    Viewer::connect_with(address(&stack), &[("origin", EVIL)]).await.ping().await;
}

#[tokio::test]
async fn without_allowed_origins_no_page_of_another_is_told_anything() {
    let stack = gateway().start().await;
    let preflight = [("origin", APP), ("access-control-request-method", "GET")];
    for (method, path) in [(Method::OPTIONS, "/livez"), (Method::GET, "/livez"), (Method::GET, "/none")] {
        let reply = stack.request(method.clone(), path, &preflight, "").await;
        assert!(cors_headers(&reply.headers).is_empty(), "{method} {path}: {:?}", reply.headers);
    }
}

#[tokio::test]
async fn a_socket_opened_by_a_page_of_another_origin_is_closed_with_1008() {
    let env = gateway().env("ALLOWED_ORIGINS", APP).env("PUBLIC_URL", "https://polls.example/app");
    let stack = env.start().await;
    let own = format!("http://{}", address(&stack));
    for headers in [&[][..], &[("origin", APP)], &[("origin", "https://polls.example")], &[("origin", &own)]]
    {
        Viewer::connect_with(address(&stack), headers).await.ping().await;
    }
    for origin in [EVIL, "null", "http://polls.example", "https://127.0.0.1", ""] {
        let viewer = Viewer::connect_with(address(&stack), &[("origin", origin)]).await;
        assert_eq!(viewer.closed().await, Some(1008), "{origin}");
    }
    assert_eq!(stack.gateway(0).metric("pollster_connections_refused_total").await, 5.0);
}

#[tokio::test]
async fn every_answer_tells_browsers_what_to_refuse() {
    let env = Stack::builder().env("ALLOWED_ORIGINS", APP).env("PUBLIC_URL", "https://polls.example");
    let stack = env.start().await;
    let poll = stack.create_poll(&lunch()).await;
    let poll_path = format!("/api/v1/polls/{}", poll.poll_id);
    let refused = stack.vote(&poll, &token(), None, "{}".into()).await;
    assert_problem("a vote", &refused, 400, "malformed_request");
    let replies = [
        stack.get(&poll_path).await,
        stack.get("/api/v1/polls/none").await,
        stack.get("/livez").await,
        stack.request(Method::PATCH, &poll_path, &[], "").await,
        stack.request(Method::OPTIONS, &poll_path, &[("origin", APP)], "").await,
        stack.vote(&poll, &token(), None, poll.ballot(0, 0)).await,
        refused,
    ];
    for reply in &replies {
        let expected = [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "strict-origin"),
            ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
            ("strict-transport-security", "max-age=31536000"),
        ];
        for (name, value) in expected {
            assert_eq!(header(&reply.headers, name), Some(value), "{}: {:?}", reply.status, reply.headers);
        }
    }
    let embedded = stack.get("/embed/lunch").await;
    let policy = header(&embedded.headers, "content-security-policy").unwrap();
    assert!(policy.contains("frame-ancestors *"), "{policy}");
}

/// Whether a new connection, with this line in its request, is served rather than closed.
async fn is_served_with(stack: &Stack, line: &str) -> bool {
    let mut stream = TcpStream::connect(address(stack)).await.unwrap();
    let request = format!("GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{line}\r\n");
    let mut answer = Vec::new();
    // Either may fail on a connection that is closed.
    let _ = stream.write_all(request.as_bytes()).await;
    let _ = stream.read_to_end(&mut answer).await;
    assert!(answer.is_empty() || answer.starts_with(b"HTTP/1.1 200"), "{answer:?}");
    !answer.is_empty()
}

async fn is_served(stack: &Stack) -> bool {
    is_served_with(stack, "").await
}

/// Opens a socket once there is room: connections that ended a moment ago may still have their places.
async fn socket_in_room(stack: &Stack) -> Viewer {
    wait_until("there is room", DEADLINE, async || is_served(stack).await.then_some(())).await;
    let mut viewer = wait_until("a socket opens", DEADLINE, async || {
        let connecting = tokio::spawn(Viewer::connect(address(stack)));
        connecting.await.ok()
    })
    .await;
    viewer.ping().await;
    viewer
}

/// Fills the gateway with as many sockets as it takes, and holds that it takes one again for one that ends.
async fn assert_cap(stack: &Stack, cap: usize, reason: &str) {
    let mut viewers = Vec::new();
    for _ in 0..cap {
        viewers.push(socket_in_room(stack).await);
    }
    assert!(!is_served(stack).await);
    // A header makes nobody another.
    assert!(!is_served_with(stack, "X-Forwarded-For: 9.9.9.9\r\n").await);
    let metrics = stack.gateway(0).metrics().await;
    let counted = format!("pollster_connections_refused_total{{reason=\"{reason}\"}} ");
    assert!(metrics.contains(&counted) && !metrics.contains(&format!("{counted}0\n")), "{metrics}");
    for viewer in &mut viewers {
        viewer.ping().await;
    }
    drop(viewers.pop());
    viewers.push(socket_in_room(stack).await);
}

#[tokio::test]
async fn an_address_has_as_many_connections_as_it_may() {
    assert_cap(&gateway().env("MAX_CONNECTIONS_PER_ADDRESS", 3).start().await, 3, "address").await;
}

#[tokio::test]
async fn a_gateway_has_as_many_connections_as_it_may() {
    assert_cap(&gateway().env("MAX_CONNECTIONS", 3).start().await, 3, "full").await;
}

#[tokio::test]
async fn sockets_through_a_proxy_count_for_their_clients() {
    let env = gateway().env("TRUSTED_PROXIES", "127.0.0.1").env("MAX_CONNECTIONS_PER_ADDRESS", 2);
    let stack = env.start().await;
    let viewer = async |hops: &str| Viewer::connect_with(address(&stack), &[("x-forwarded-for", hops)]).await;
    let mut first = viewer("203.0.113.1").await;
    let mut second = viewer("1.1.1.1, 203.0.113.1").await;
    first.ping().await;
    second.ping().await;
    for hops in ["203.0.113.1", "2.2.2.2, 203.0.113.1"] {
        assert_eq!(viewer(hops).await.closed().await, Some(1008), "{hops}");
    }
    viewer("203.0.113.2").await.ping().await;
    // The proxy's own connections, and requests that come and go over them, are not counted.
    let mut requests = Vec::new();
    for _ in 0..5 {
        let mut client = stack.client(0);
        let headers = [("x-forwarded-for", "203.0.113.1")];
        assert_eq!(client.request(Method::GET, "/livez", &headers, "").await.unwrap().status, 200);
        requests.push(client);
    }
    drop(first);
    wait_until("there is room", DEADLINE, async || {
        let mut again = viewer("203.0.113.1").await;
        again.try_ping().await.then_some(())
    })
    .await;
}
