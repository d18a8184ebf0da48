//! `GET /api/v1/docs`: a page to read the document, all of it from this host.

use std::borrow::Cow;
use std::sync::{Arc, LazyLock};

use bytes::Bytes;
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use utoipa_swagger_ui::Config;

use crate::error::ApiError;
use crate::request::Context;
use crate::response::Response;

/// Where the page's files are served.
const FILES: &str = "/api/v1/docs/";
const PAGE: &str = include_str!("docs.html");
/// The files change with a release only.
const CACHE: &str = "max-age=3600";

/// How Swagger UI shows the document. Its validator, on a host of its makers, is not asked.
static CONFIG: LazyLock<Arc<Config<'static>>> = LazyLock::new(|| {
    let config = Config::new(["/api/v1/openapi.json"]).use_base_layout().validator_url("none");
    Arc::new(config.deep_linking(true).default_models_expand_depth(0).try_it_out_enabled(true))
});

/// A page to read this document
///
/// Swagger UI. It asks no other host for anything.
#[utoipa::path(
    get, path = "/api/v1/docs", operation_id = "getDocs", tag = "documentation",
    responses((status = 200, description = "The page.", body = String, content_type = "text/html")),
)]
pub(crate) async fn page(_: Context) -> Result<Response, ApiError> {
    Ok(file_response(Bytes::from_static(PAGE.as_bytes()), "text/html; charset=utf-8"))
}

/// A file of that page
#[utoipa::path(
    get, path = "/api/v1/docs/{file}", operation_id = "getDocsFile", tag = "documentation",
    params(("file" = String, Path, description = "Its name.", example = "swagger-ui.css")),
    responses((status = 200, description = "The file.", content(
        ("text/css"), ("text/javascript"), ("text/html"), ("image/png"),
    ))),
)]
pub(crate) async fn file(context: Context) -> Result<Response, ApiError> {
    let name = context.request.uri().path().strip_prefix(FILES).unwrap_or_default();
    let file = utoipa_swagger_ui::serve(name, CONFIG.clone()).map_err(|error| {
        tracing::error!(%error, "Swagger UI is not to be had");
        ApiError::Internal
    })?;
    let file = file.ok_or(ApiError::NotFound)?;
    let bytes = match file.bytes {
        Cow::Borrowed(bytes) => Bytes::from_static(bytes),
        Cow::Owned(bytes) => Bytes::from(bytes),
    };
    Ok(file_response(bytes, &file.content_type))
}

fn file_response(bytes: Bytes, content_type: &str) -> Response {
    let mut response = Response::new(bytes.into());
    let headers = response.headers_mut();
    if let Ok(content_type) = HeaderValue::from_str(content_type) {
        headers.insert(CONTENT_TYPE, content_type);
    }
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(CACHE));
    response
}
