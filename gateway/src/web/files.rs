//! The app's files: scripts, styles, fonts, pictures.

use hyper::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderValue, VARY};

use super::bundle::bundle;
use super::coding::{self, Coding};
use crate::error::ApiError;
use crate::etag;
use crate::request::Context;
use crate::response::Response;

/// Where the files are whose names change with their content.
pub(super) const ASSETS: &str = "/assets/";
/// Those never change: a browser need not ask again.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// Others may change with a release.
const A_DAY: &str = "public, max-age=86400";

/// Answers with the file on the request's path, in the coding that the client likes best.
pub(crate) async fn handle(context: Context) -> Result<Response, ApiError> {
    let path = context.request.uri().path();
    let file = bundle().and_then(|bundle| bundle.file(path)).ok_or(ApiError::NotFound)?;
    let (coding, bytes) =
        coding::choose(context.request.headers(), &file.variants).ok_or(ApiError::Internal)?;
    let caching = if path.starts_with(ASSETS) { FOR_EVER } else { A_DAY };
    // Every coding has a tag of its own: it stands for the bytes that are sent.
    let etag = format!("\"{}-{}\"", file.hash, coding.name());
    let mut response = etag::answer(&context, &etag, caching, || {
        let mut response = Response::new(bytes.clone().into());
        response.headers_mut().insert(CONTENT_TYPE, file.content_type.clone());
        if *coding != Coding::Identity {
            response.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static(coding.name()));
        }
        response
    })?;
    response.headers_mut().insert(VARY, HeaderValue::from_static("accept-encoding"));
    Ok(response)
}
