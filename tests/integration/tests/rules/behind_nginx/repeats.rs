//! What nginx asks a second gateway after the first broke off, and what it must not: what may have been done.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use hyper::Method;
use pollster_integration::{Client, NginxServer, Reply, Stack, assert_documented, lunch, token};
use pollster_stack::free_port;
use serde_json::json;
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::errors::assert_problem;

/// Something in a gateway's place that takes requests and breaks off instead of answering.
struct Broken {
    address: SocketAddr,
    asked: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

impl Broken {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let asked: Arc<AtomicUsize> = Arc::default();
        let counter = asked.clone();
        let task = tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut request = [0; 4096];
                if stream.read(&mut request).await.is_ok_and(|read| read > 0) {
                    counter.fetch_add(1, Ordering::Relaxed);
                }
            }
        });
        Self { address, asked, task }
    }
}

impl Drop for Broken {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Sends a request to an nginx whose first gateway breaks off, twice: the answers to both. nginx asks the first
/// gateway no more for a moment, so that the second request gets to the good one in any case.
async fn twice(
    stack: &Stack,
    method: &Method,
    path: &str,
    headers: &[(&str, &str)],
    body: Bytes,
) -> [Reply; 2] {
    let broken = Broken::start().await;
    let gateways = [broken.address, stack.gateway(0).address()];
    let nginx = NginxServer::start(&gateways, &gateways).await;
    let mut client = Client::new(nginx.address());
    let first = client.request(method.clone(), path, headers, body.clone()).await.unwrap();
    assert_documented(method, path, &body, &first);
    let second = client.request(method.clone(), path, headers, body).await.unwrap();
    assert_eq!(broken.asked.load(Ordering::Relaxed), 1, "{method}");
    [first, second]
}

#[tokio::test]
async fn a_read_is_asked_of_another_gateway() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&lunch()).await;
    let path = format!("/api/v1/polls/{}/results", poll.poll_id);
    for method in [Method::GET, Method::HEAD] {
        let answers = twice(&stack, &method, &path, &[], Bytes::new()).await;
        assert_eq!(answers.map(|reply| reply.status.as_u16()), [200, 200], "{method}");
    }
}

#[tokio::test]
async fn what_may_have_been_done_is_left_to_the_client() {
    let stack = Stack::start().await;
    let mut definition = lunch();
    definition["settings"] = json!({"allow_vote_change": true});
    let poll = stack.create_poll(&definition).await;
    let voter = token();
    let path = poll.votes_path().to_string();
    let headers = [("content-type", "application/json"), ("x-voter-token", voter.as_str())];
    for (method, body, totals) in [
        (Method::POST, poll.ballot(0, 0), 1),
        (Method::PUT, poll.ballot(0, 1), 1),
        (Method::DELETE, Bytes::new(), 0),
    ] {
        let [first, second] = twice(&stack, &method, &path, &headers, body).await;
        assert_problem(method.as_str(), &first, 503, "unavailable");
        assert_eq!(first.headers["retry-after"], "1");
        // For the first time, or the vote would be refused: there is no key.
        assert_eq!(second.status, 202, "{method}: {}", second.text());
        assert_eq!(stack.assert_exact(&poll).await.total, totals, "{method}");
    }
}

#[tokio::test]
async fn a_vote_that_reached_no_gateway_is_sent_to_another() {
    let stack = Stack::start().await;
    let mut definition = lunch();
    definition["settings"] = json!({"allow_vote_change": true});
    let poll = stack.create_poll(&definition).await;
    let voter = token();
    let headers = [("content-type", "application/json"), ("x-voter-token", voter.as_str())];
    for (method, body, total) in [
        (Method::POST, poll.ballot(0, 0), 1),
        (Method::PUT, poll.ballot(0, 1), 1),
        (Method::DELETE, Bytes::new(), 0),
    ] {
        let gone = SocketAddr::from(([127, 0, 0, 1], free_port().unwrap()));
        let gateways = [gone, stack.gateway(0).address()];
        let nginx = NginxServer::start(&gateways, &gateways).await;
        let path = poll.votes_path().to_string();
        let reply =
            Client::new(nginx.address()).request(method.clone(), &path, &headers, body).await.unwrap();
        assert_eq!(reply.status, 202, "{method}: {}", reply.text());
        assert_eq!(stack.assert_exact(&poll).await.total, total, "{method}");
    }
}

#[tokio::test]
async fn what_reaches_no_gateway_at_all_is_not_available() {
    let gone = [(); 2].map(|()| SocketAddr::from(([127, 0, 0, 1], free_port().unwrap())));
    let nginx = NginxServer::start(&gone, &gone).await;
    for method in [Method::GET, Method::POST, Method::PUT, Method::DELETE] {
        let mut client = Client::new(nginx.address());
        let reply = client.request(method.clone(), "/api/v1/polls/x/votes", &[], Bytes::new()).await.unwrap();
        assert_problem(method.as_str(), &reply, 503, "unavailable");
    }
}
