//! A client that reads an export as slowly as it likes.

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::{Request, Response, StatusCode};
use pollster_bench::client::Server;
use pollster_integration::{DEADLINE, PollView, Stack};
use tokio::time::timeout;

use super::path;

/// An export on its way over a connection of its own, which ends when this is dropped.
pub(super) struct Download {
    response: Response<Incoming>,
}

impl Download {
    /// Asks for an export by the poll's manage token, and reads the answer's headers.
    pub(super) async fn start(stack: &Stack, poll: &PollView, query: &str) -> Self {
        let server = Server::from(stack.gateway(0).address());
        let mut connection = server.open().await.unwrap();
        let request = Request::get(path(poll, query))
            .header("host", server.host())
            .header("x-manage-token", poll.manage_token.as_deref().unwrap());
        let request = request.body(Full::new(Bytes::new())).unwrap();
        Self { response: connection.send_request(request).await.unwrap() }
    }

    pub(super) fn status(&self) -> StatusCode {
        self.response.status()
    }

    pub(super) fn header(&self, name: &str) -> &str {
        self.response.headers()[name].to_str().unwrap()
    }

    /// The next bytes, `None` at the body's proper end.
    pub(super) async fn next(&mut self) -> Option<hyper::Result<Bytes>> {
        let frame = timeout(DEADLINE, self.response.body_mut().frame()).await.expect("something comes")?;
        Some(frame.map(|frame| frame.into_data().unwrap()))
    }

    /// Reads on to the body's proper end.
    pub(super) async fn finish(&mut self) -> hyper::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        while let Some(chunk) = self.next().await {
            bytes.extend(chunk?);
        }
        Ok(bytes)
    }
}
