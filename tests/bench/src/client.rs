//! A small HTTP/1.1 client for load and for tests: one kept-alive connection, one request at a time.

mod error;
mod metrics;
mod reply;
mod server;
mod views;

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::SendRequest;
use hyper::header::{CONTENT_TYPE, HOST, HeaderName, HeaderValue};
use hyper::{Method, Request, StatusCode, Uri};
use serde_json::Value;

pub use error::ClientError;
pub use metrics::metric;
pub use reply::Reply;
pub use server::Server;
pub use views::{ChoiceResults, ChoiceView, PollView, QuestionResults, QuestionView, ResultsView};

/// The header that carries an anonymous voter's token.
pub const VOTER_TOKEN: HeaderName = HeaderName::from_static("x-voter-token");
/// The header that makes a vote safe to send again.
pub const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

const JSON: HeaderValue = HeaderValue::from_static("application/json");
/// How long an answer is awaited, unless told otherwise.
const TIMEOUT: Duration = Duration::from_secs(30);

/// A client with a connection of its own. A connection that was closed meanwhile is opened anew for a
/// request that was not yet sent; a request whose answer did not come is an error, for only the caller
/// knows whether it may be sent again.
#[derive(Debug)]
pub struct Client {
    server: Server,
    timeout: Duration,
    connection: Option<SendRequest<Full<Bytes>>>,
}

impl Client {
    /// A client that connects with its first request.
    pub fn new(server: impl Into<Server>) -> Self {
        Self { server: server.into(), timeout: TIMEOUT, connection: None }
    }

    /// A connected client.
    ///
    /// # Errors
    /// [`ClientError::Connect`].
    pub async fn connect(server: impl Into<Server>) -> Result<Self, ClientError> {
        let mut client = Self::new(server);
        client.connection = Some(client.server.open().await?);
        Ok(client)
    }

    /// The same client with another limit on how long an answer is awaited (30 s by default).
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Sends a request; any status is an answer. A `path` may carry a query.
    ///
    /// # Errors
    /// [`ClientError::BadRequest`] where path or headers can't be sent, and those of [`Client::send`].
    pub async fn request(
        &mut self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> Result<Reply, ClientError> {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(Full::new(body.into()))?).await
    }

    /// Reads a path.
    ///
    /// # Errors
    /// As [`Client::request`].
    pub async fn get(&mut self, path: &str) -> Result<Reply, ClientError> {
        self.request(Method::GET, path, &[], Bytes::new()).await
    }

    /// Makes a poll, anonymously.
    ///
    /// # Errors
    /// [`ClientError::Unexpected`] for any answer but 201, and those of [`Client::request`].
    pub async fn create_poll(&mut self, definition: &Value) -> Result<PollView, ClientError> {
        let headers = [(CONTENT_TYPE.as_str(), "application/json")];
        let body = definition.to_string();
        let reply = self.request(Method::POST, "/api/v1/polls", &headers, body).await?;
        reply.expect(StatusCode::CREATED)?.json()
    }

    /// A poll, by its id or slug.
    ///
    /// # Errors
    /// [`ClientError::Unexpected`] for any answer but 200, and those of [`Client::request`].
    pub async fn poll(&mut self, poll: &str) -> Result<PollView, ClientError> {
        self.get(&format!("/api/v1/polls/{poll}")).await?.expect(StatusCode::OK)?.json()
    }

    /// The results of a poll, by its id or slug.
    ///
    /// # Errors
    /// As [`Client::poll`].
    pub async fn results(&mut self, poll: &str) -> Result<ResultsView, ClientError> {
        self.get(&format!("/api/v1/polls/{poll}/results")).await?.expect(StatusCode::OK)?.json()
    }

    /// Casts a vote with a browser's token; `path` is [`PollView::votes_path`], `ballot` mostly
    /// [`PollView::ballot`]. Any status is an answer.
    ///
    /// # Errors
    /// As [`Client::request`].
    pub async fn vote(
        &mut self,
        path: &Uri,
        token: &str,
        idempotency_key: &str,
        ballot: Bytes,
    ) -> Result<Reply, ClientError> {
        let mut request = Request::new(Full::new(ballot));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = path.clone();
        let headers = request.headers_mut();
        headers.insert(CONTENT_TYPE, JSON);
        headers.insert(VOTER_TOKEN, HeaderValue::from_str(token)?);
        headers.insert(IDEMPOTENCY_KEY, HeaderValue::from_str(idempotency_key)?);
        self.send(request).await
    }

    /// Sends a request that is made already; only its `Host` is set here.
    ///
    /// # Errors
    /// [`ClientError::Connect`]: it was not sent. [`ClientError::Broken`] and [`ClientError::TimedOut`]: it
    /// may have been.
    pub async fn send(&mut self, mut request: Request<Full<Bytes>>) -> Result<Reply, ClientError> {
        request.headers_mut().insert(HOST, self.server.host().clone());
        match tokio::time::timeout(self.timeout, self.exchange(request)).await {
            Ok(answer) => answer,
            Err(_) => Err(ClientError::TimedOut { seconds: self.timeout.as_secs_f64() }),
        }
    }

    async fn exchange(&mut self, mut request: Request<Full<Bytes>>) -> Result<Reply, ClientError> {
        // Out of the client while an answer is awaited: whoever stops waiting leaves no connection behind on
        // which that answer could be taken for the next one's.
        if let Some(mut kept) = self.connection.take() {
            match attempt(&mut kept, request).await {
                Ok(reply) => {
                    self.connection = Some(kept);
                    return Ok(reply);
                }
                Err(Failure::NotSent(again, _)) => request = *again,
                Err(Failure::Broken(error)) => return Err(error.into()),
            }
        }
        let mut fresh = self.server.open().await?;
        match attempt(&mut fresh, request).await {
            Ok(reply) => {
                self.connection = Some(fresh);
                Ok(reply)
            }
            Err(Failure::NotSent(_, error) | Failure::Broken(error)) => Err(error.into()),
        }
    }
}

enum Failure {
    /// Nothing of the request has left.
    NotSent(Box<Request<Full<Bytes>>>, hyper::Error),
    /// Unknown whether the server has it.
    Broken(hyper::Error),
}

async fn attempt(
    connection: &mut SendRequest<Full<Bytes>>,
    request: Request<Full<Bytes>>,
) -> Result<Reply, Failure> {
    if let Err(error) = connection.ready().await {
        return Err(Failure::NotSent(Box::new(request), error));
    }
    let response = connection.try_send_request(request).await.map_err(|mut failure| {
        let unsent = failure.take_message();
        match unsent {
            Some(request) => Failure::NotSent(Box::new(request), failure.into_error()),
            None => Failure::Broken(failure.into_error()),
        }
    })?;
    let (head, body) = response.into_parts();
    let body = body.collect().await.map_err(Failure::Broken)?.to_bytes();
    Ok(Reply { status: head.status, headers: head.headers, body })
}

#[cfg(test)]
mod tests;
