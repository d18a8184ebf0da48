//! Live results over WebSocket.
//!
//! ```text
//! Redis channel ──> feed ──> hub: a watch a poll ──> connection ──> viewer
//! ```

mod connection;
mod feed;
mod hub;
mod messages;
mod subscription;

use std::sync::Arc;

use hyper::header::{CONNECTION, HeaderValue, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, UPGRADE};
use hyper::{HeaderMap, StatusCode};
use hyper_util::rt::TokioIo;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};

use crate::edge;
use crate::error::ApiError;
use crate::request::Context;
use crate::response::{Response, empty};

pub(crate) use feed::Feed;
pub(crate) use hub::Hub;

/// Room to read a message into, a connection; the library's default is 128 KiB.
const READ_BUFFER: usize = 2 * 1024;
/// What may wait to be written to a viewer before it counts as too slow.
const MAX_WRITE_BUFFER: usize = 256 * 1024;
/// The longest message that a client may send.
const MAX_MESSAGE: usize = 16 * 1024;

/// Live results over WebSocket
///
/// Text frames, JSON; many polls on one connection. Send `{"type":"subscribe","poll_id":"…"}` for `results`
/// at once and with every change, each with all counts of a version; ignore a version that is not newer.
/// Reconnect with exponential backoff and jitter, and subscribe with your last `version`.
#[utoipa::path(
    get, path = "/ws", operation_id = "connect", tag = "results",
    responses((status = 101, description = "The connection speaks WebSocket from here on.")),
)]
pub(crate) async fn handle(mut context: Context) -> Result<Response, ApiError> {
    let accept = accept_key(context.request.headers())?;
    let upgrade = hyper::upgrade::on(&mut context.request);
    let admitted = edge::admit_socket(&context);
    let app = context.app.clone();
    let open = app.hub.connection();
    tokio::spawn(async move {
        let _open = open;
        match upgrade.await {
            Ok(upgraded) => {
                let config = WebSocketConfig::default()
                    .read_buffer_size(READ_BUFFER)
                    .write_buffer_size(0)
                    .max_write_buffer_size(MAX_WRITE_BUFFER)
                    .max_message_size(Some(MAX_MESSAGE))
                    .max_frame_size(Some(MAX_MESSAGE));
                let socket =
                    WebSocketStream::from_raw_socket(TokioIo::new(upgraded), Role::Server, Some(config))
                        .await;
                let connection = connection::Connection::new(Arc::clone(&app), socket);
                match admitted {
                    Ok(_place) => connection.run().await,
                    // Closed, not refused: a page is told nothing of a handshake that fails.
                    Err(refusal) => {
                        app.metrics.refused(refusal);
                        connection.turn_away().await;
                    }
                }
            }
            Err(error) => tracing::debug!(%error, "upgrade failed"),
        }
    });
    let mut response = empty(StatusCode::SWITCHING_PROTOCOLS);
    let headers = response.headers_mut();
    headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(SEC_WEBSOCKET_ACCEPT, accept);
    Ok(response)
}

/// Checks the handshake (RFC 6455, section 4.2.1) and answers its key.
fn accept_key(headers: &HeaderMap) -> Result<HeaderValue, ApiError> {
    let has = |name: &str, wanted: &str| {
        let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
        values.flat_map(|value| value.split(',')).any(|value| value.trim().eq_ignore_ascii_case(wanted))
    };
    let refused = |detail: &str| ApiError::Malformed(detail.to_owned());
    if !has("connection", "upgrade") || !has("upgrade", "websocket") {
        return Err(refused("This path speaks WebSocket: connect with a WebSocket client."));
    }
    if !has("sec-websocket-version", "13") {
        return Err(refused("Sec-WebSocket-Version must be 13."));
    }
    let key = headers.get(SEC_WEBSOCKET_KEY).ok_or_else(|| refused("Sec-WebSocket-Key is missing."))?;
    HeaderValue::from_str(&derive_accept_key(key.as_bytes())).map_err(|_| ApiError::Internal)
}
