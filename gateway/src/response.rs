//! Responses: JSON, whole in memory.

use bytes::Bytes;
use http_body_util::Full;
use hyper::StatusCode;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use serde::Serialize;

/// What a handler answers.
pub(crate) type Response = hyper::Response<Full<Bytes>>;

/// What a vote's answer takes, so that it is allocated once.
const TYPICAL_BYTES: usize = 512;

/// A JSON response.
pub(crate) fn json(status: StatusCode, body: &impl Serialize) -> Response {
    let mut response = with_body(status, body);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// A response with `body` as JSON, its content type still to be set.
pub(crate) fn with_body(status: StatusCode, body: &impl Serialize) -> Response {
    let mut json = Vec::with_capacity(TYPICAL_BYTES);
    if let Err(error) = serde_json::to_writer(&mut json, body) {
        unreachable!("responses are plain data: {error}");
    }
    let mut response = Response::new(Full::new(Bytes::from(json)));
    *response.status_mut() = status;
    response
}

/// A response without a body.
pub(crate) fn empty(status: StatusCode) -> Response {
    let mut response = Response::new(Full::default());
    *response.status_mut() = status;
    response
}
