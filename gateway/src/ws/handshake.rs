//! The opening handshake (RFC 6455, section 4.2).

use hyper::header::{
    CONNECTION, HOST, HeaderName, HeaderValue, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION, UPGRADE,
};
use hyper::{HeaderMap, Method, Request, Version};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use crate::error::ApiError;
use crate::request::RequestBody;

/// The version of the protocol that we speak.
pub(crate) const VERSION: HeaderValue = HeaderValue::from_static("13");

/// Checks a handshake and answers its key.
///
/// # Errors
/// What is wrong with it.
pub(super) fn accept(request: &Request<RequestBody>) -> Result<HeaderValue, ApiError> {
    let headers = request.headers();
    let is_upgrade = request.method() == Method::GET
        && request.version() >= Version::HTTP_11
        && headers.contains_key(HOST)
        && lists(headers, CONNECTION, "upgrade")
        && lists(headers, UPGRADE, "websocket");
    if !is_upgrade {
        return Err(refused("This path speaks WebSocket: connect with a WebSocket client."));
    }
    if !request.body().is_empty() {
        return Err(refused("A handshake has no body."));
    }
    if only(headers, SEC_WEBSOCKET_VERSION) != Some(&VERSION) {
        return Err(ApiError::WebSocketVersion);
    }
    let key = only(headers, SEC_WEBSOCKET_KEY).map(HeaderValue::as_bytes).filter(|key| is_nonce(key));
    let key = key.ok_or_else(|| refused("Sec-WebSocket-Key must be 16 bytes in base64, once."))?;
    HeaderValue::from_str(&derive_accept_key(key)).map_err(|_| ApiError::Internal)
}

fn refused(detail: &str) -> ApiError {
    ApiError::Malformed(detail.to_owned())
}

/// Whether a header's list has this token.
fn lists(headers: &HeaderMap, name: HeaderName, token: &str) -> bool {
    let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|value| value.trim().eq_ignore_ascii_case(token))
}

/// The value of a header that may come once, if it does.
fn only(headers: &HeaderMap, name: HeaderName) -> Option<&HeaderValue> {
    let mut values = headers.get_all(name).iter();
    values.next().filter(|_| values.next().is_none())
}

/// Whether it is 16 bytes in base64. What they are does not matter.
fn is_nonce(key: &[u8]) -> bool {
    let is_digit = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    key.strip_suffix(b"==").is_some_and(|digits| digits.len() == 22 && digits.iter().all(is_digit))
}
