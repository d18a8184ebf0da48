//! The API's own document (OpenAPI 3.1), made of the table of routes, the handlers' attributes and their
//! types, and `GET /api/v1/openapi.json`.

pub(crate) mod docs;
mod errors;
pub(crate) mod examples;
pub(crate) mod parameters;
mod security;
#[cfg(test)]
mod tests;

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::LazyLock;

use bytes::Bytes;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use utoipa::OpenApi as _;
use utoipa::openapi::OpenApi;
use utoipa::openapi::path::{Operation, PathItem};

use crate::error::{ApiError, Problem};
use crate::etag;
use crate::request::Context;
use crate::response::Response;
use crate::routes;

/// The document as it is served.
static DOCUMENT: LazyLock<Served> = LazyLock::new(|| Served::new(&document()));

struct Served {
    json: Bytes,
    etag: String,
}

/// This document
///
/// What you read: every call, with its answers and its errors.
#[utoipa::path(
    get, path = "/api/v1/openapi.json", operation_id = "getOpenApi", tag = "documentation",
    params(parameters::IfNoneMatch),
    responses(
        (status = 200, description = "The document (OpenAPI 3.1).", body = Object,
            headers(("ETag" = String, description = "Changes with the document.")), example = examples::document),
        (status = 304, description = "It is the one that `If-None-Match` names."),
    ),
)]
pub(crate) async fn handle(context: Context) -> Result<Response, ApiError> {
    let document = &*DOCUMENT;
    etag::answer(&context, &document.etag, "no-cache", || {
        let mut response = Response::new(document.json.clone().into());
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        response
    })
}

impl Served {
    fn new(document: &OpenApi) -> Self {
        let json = match serde_json::to_vec(document) {
            Ok(json) => Bytes::from(json),
            Err(error) => unreachable!("the document is plain data: {error}"),
        };
        let mut hasher = DefaultHasher::new();
        json.hash(&mut hasher);
        Self { json, etag: format!("\"{:016x}\"", hasher.finish()) }
    }
}

/// All that is no route.
#[derive(utoipa::OpenApi)]
#[openapi(
    info(title = "Pollster", description = include_str!("openapi/introduction.md")),
    servers((url = "/", description = "The host that serves this document.")),
    tags(
        (name = "polls", description = "Polls: made, read, closed."),
        (name = "votes", description = "Votes: cast, and what became of them."),
        (name = "results", description = "Counts: as they stand, and live."),
        (name = "webhooks", description = "Calls of one's own servers, on milestones and at a poll's end."),
        (name = "accounts", description = "Accounts: made, verified, signed in, left."),
        (name = "documentation", description = "What you read."),
        (name = "health", description = "Whether the server lives, for those who run it."),
    ),
    components(schemas(Problem)),
)]
struct Frame;

/// Puts the document together.
fn document() -> OpenApi {
    let mut document = Frame::openapi();
    let components = document.components.get_or_insert_default();
    components.security_schemes.extend(security::schemes());
    components.examples.extend(errors::examples());
    for route in routes::table() {
        let mut routed = (route.document)();
        let codes = route.errors.concat();
        operations(&mut routed).for_each(|operation| errors::add(operation, &codes));
        document.merge(routed);
    }
    document
}

fn operations(document: &mut OpenApi) -> impl Iterator<Item = &mut Operation> {
    document.paths.paths.values_mut().flat_map(|path| {
        let PathItem { get, put, post, delete, patch, .. } = path;
        [get, put, post, delete, patch].into_iter().flatten()
    })
}
