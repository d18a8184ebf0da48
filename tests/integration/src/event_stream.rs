//! Somebody who watches a poll by server-sent events.

mod parser;

use std::fmt::Display;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::header::{ACCEPT, HOST};
use hyper::{HeaderMap, Method, Request, Response, StatusCode};
use pollster_bench::client::{Reply, Server};
use tokio::task::JoinHandle;

use crate::conformance::assert_documented;
use crate::{DEADLINE, wait_until};

pub use parser::{EventParser, SentEvent};

/// A stream whose events are collected as they come.
#[derive(Debug)]
pub struct EventStream {
    /// The headers that it began with.
    pub headers: HeaderMap,
    seen: Arc<Mutex<Seen>>,
    /// Events that a wait has passed.
    passed: usize,
    reader: JoinHandle<()>,
}

#[derive(Debug, Default)]
struct Seen {
    parser: EventParser,
    end: Option<End>,
}

/// How a stream ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    InOrder,
    BrokenOff,
}

impl EventStream {
    /// Opens the stream of a poll at a gateway.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn open(gateway: SocketAddr, poll: impl Display) -> Self {
        Self::ask(gateway, poll, &[]).await.expect("the gateway opens a stream")
    }

    /// Opens it after the event with this id.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn resume(gateway: SocketAddr, poll: impl Display, last_event_id: impl Display) -> Self {
        let last_event_id = last_event_id.to_string();
        let headers = [("last-event-id", last_event_id.as_str())];
        Self::ask(gateway, poll, &headers).await.expect("the gateway opens a stream")
    }

    /// Asks for it with these headers.
    ///
    /// # Errors
    /// Any answer but a stream.
    ///
    /// # Panics
    /// When no answer comes, or one that is not documented.
    pub async fn ask(
        gateway: SocketAddr,
        poll: impl Display,
        headers: &[(&str, &str)],
    ) -> Result<Self, Reply> {
        let path = format!("/api/v1/polls/{poll}/events");
        let server = Server::from(gateway);
        let mut request = Request::get(&path).header(HOST, server.host()).header(ACCEPT, "text/event-stream");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Full::<Bytes>::default()).expect("a request");
        let mut requests = server.open().await.expect("the gateway is reached");
        let (head, body) = requests.send_request(request).await.map(Response::into_parts).expect("an answer");
        let mut reply = Reply { status: head.status, headers: head.headers, body: Bytes::new() };
        if reply.status != StatusCode::OK {
            reply.body = body.collect().await.expect("the whole answer").to_bytes();
            assert_documented(&Method::GET, &path, b"", &reply);
            return Err(reply);
        }
        assert_documented(&Method::GET, &path, b"", &reply);
        let seen: Arc<Mutex<Seen>> = Arc::default();
        let reader = tokio::spawn(read(body, seen.clone()));
        Ok(Self { headers: reply.headers, seen, passed: 0, reader })
    }

    /// All events so far.
    pub fn events(&self) -> Vec<SentEvent> {
        lock(&self.seen).parser.events().to_vec()
    }

    /// The events of this type so far.
    pub fn events_of(&self, kind: &str) -> Vec<SentEvent> {
        self.events().into_iter().filter(|event| event.kind == kind).collect()
    }

    /// Comments so far.
    pub fn comments(&self) -> usize {
        lock(&self.seen).parser.comments()
    }

    /// When to reconnect, in milliseconds, if that was said.
    pub fn retry(&self) -> Option<u64> {
        lock(&self.seen).parser.retry()
    }

    /// Waits for the next event that fits, after the one that the last wait ended with.
    pub async fn next_where(&mut self, what: &str, fits: impl Fn(&SentEvent) -> bool) -> SentEvent {
        let seen = self.seen.clone();
        let passed = &mut self.passed;
        wait_until(what, DEADLINE, async || {
            let seen = lock(&seen);
            let events = seen.parser.events();
            let found = events.iter().skip(*passed).position(&fits)?;
            *passed += found + 1;
            Some(events[*passed - 1].clone())
        })
        .await
    }

    /// Waits for the next event of this type.
    pub async fn next(&mut self, kind: &str) -> SentEvent {
        self.next_where(&format!("an event {kind}"), |event| event.kind == kind).await
    }

    /// Whether the stream has ended.
    pub fn has_ended(&self) -> bool {
        lock(&self.seen).end.is_some()
    }

    /// Waits for its end; returns whether that came in order, and not by a broken connection.
    pub async fn ended(&self) -> bool {
        let end = wait_until("the stream ends", DEADLINE, async || lock(&self.seen).end).await;
        end == End::InOrder
    }
}

impl Drop for EventStream {
    fn drop(&mut self) {
        // It holds the answer, and with it the connection.
        self.reader.abort();
    }
}

async fn read(mut body: Incoming, seen: Arc<Mutex<Seen>>) {
    let end = loop {
        match body.frame().await {
            Some(Ok(frame)) => lock(&seen).parser.feed(frame.data_ref().map_or(&[], Bytes::as_ref)),
            Some(Err(_)) => break End::BrokenOff,
            None => break End::InOrder,
        }
    };
    lock(&seen).end = Some(end);
}

fn lock(seen: &Mutex<Seen>) -> MutexGuard<'_, Seen> {
    seen.lock().unwrap_or_else(PoisonError::into_inner)
}
