//! Responses: JSON for the most part.

mod body;

use bytes::Bytes;
use hyper::StatusCode;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use serde::Serialize;

pub(crate) use body::{Body, Incomplete};

/// What a handler answers.
pub(crate) type Response = hyper::Response<Body>;

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
    let mut response = Response::new(Bytes::from(json).into());
    *response.status_mut() = status;
    response
}

/// A response without a body.
pub(crate) fn empty(status: StatusCode) -> Response {
    let mut response = Response::new(Body::default());
    *response.status_mut() = status;
    response
}
