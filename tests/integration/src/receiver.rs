//! A receiver of webhooks: a real HTTP server, which answers by a script.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::header::{HeaderMap, LOCATION};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// A call as it came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceivedHook {
    /// Its `webhook-id`.
    pub id: String,
    /// Its `webhook-timestamp`.
    pub timestamp: String,
    /// Its `webhook-signature`.
    pub signature: String,
    /// Its body.
    pub body: Value,
    /// Its body's bytes.
    pub raw: Vec<u8>,
}

/// How a call is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// With this status.
    Status(u16),
    /// With a redirect to this URL.
    Redirect(String),
    /// Never: until the caller goes.
    Never,
}

/// A receiver on a port of its own, on the loopback address. It takes every call, unless told otherwise.
#[derive(Debug)]
pub struct Receiver {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
    accepting: JoinHandle<()>,
}

#[derive(Debug, Default)]
struct State {
    /// How the next calls are answered.
    script: VecDeque<Answer>,
    /// How those are that the script says nothing of; they are taken if this says nothing either.
    always: Option<Answer>,
    received: Vec<ReceivedHook>,
    refused: Vec<ReceivedHook>,
    connections: usize,
}

impl Receiver {
    /// Starts it.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        let address = listener.local_addr().expect("the port's number");
        let state = Arc::<Mutex<State>>::default();
        let shared = state.clone();
        let accepting = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                lock(&shared).connections += 1;
                let state = shared.clone();
                let service = service_fn(move |request| answer(request, state.clone()));
                // What ends a connection early is seen by who waits for its call.
                tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
            }
        });
        Self { address, state, accepting }
    }

    /// What it is called at.
    pub fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// Answers the next `number` calls with 500.
    pub fn fail_next(&self, number: usize) {
        lock(&self.state).script.extend(std::iter::repeat_n(Answer::Status(500), number));
    }

    /// Answers the next call like this.
    pub fn answer_next(&self, answer: Answer) {
        lock(&self.state).script.push_back(answer);
    }

    /// Answers every call like this from now on; takes them all if `None`.
    pub fn answer_always(&self, answer: Option<Answer>) {
        lock(&self.state).always = answer;
    }

    /// The calls that it took, in the order in which they came.
    pub fn received(&self) -> Vec<ReceivedHook> {
        lock(&self.state).received.clone()
    }

    /// The calls that it did not take.
    pub fn refused(&self) -> Vec<ReceivedHook> {
        lock(&self.state).refused.clone()
    }

    /// The connections that were made to it.
    pub fn connections(&self) -> usize {
        lock(&self.state).connections
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn answer(
    request: Request<Incoming>,
    state: Arc<Mutex<State>>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let raw = body.collect().await.expect("a whole body").to_bytes().to_vec();
    let header = |name| header(&head.headers, name);
    let call = ReceivedHook {
        id: header("webhook-id"),
        timestamp: header("webhook-timestamp"),
        signature: header("webhook-signature"),
        body: serde_json::from_slice(&raw).expect("the body is JSON"),
        raw,
    };
    let answer = take(&mut lock(&state), call);
    let mut response = Response::new(Full::from("thank you"));
    match answer {
        Answer::Status(status) => *response.status_mut() = status.try_into().expect("a status"),
        Answer::Redirect(to) => {
            *response.status_mut() = hyper::StatusCode::TEMPORARY_REDIRECT;
            response.headers_mut().insert(LOCATION, to.parse().expect("a URL"));
        }
        Answer::Never => std::future::pending().await,
    }
    Ok(response)
}

/// How the call is answered, which is kept among those that were taken, or were not.
fn take(state: &mut State, call: ReceivedHook) -> Answer {
    let scripted = state.script.pop_front().or_else(|| state.always.clone());
    let answer = scripted.unwrap_or(Answer::Status(200));
    let is_taken = matches!(answer, Answer::Status(200..=299));
    if is_taken { &mut state.received } else { &mut state.refused }.push(call);
    answer
}

fn header(headers: &HeaderMap, name: &str) -> String {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}
