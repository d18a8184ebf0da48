//! Live results and votes over WebSocket.

mod connection;
pub(crate) mod handshake;
pub(crate) mod messages;
mod rate;
mod shared_frames;
mod socket;
mod vote;
mod watching;

use hyper::StatusCode;
use hyper::header::{CONNECTION, HeaderValue, SEC_WEBSOCKET_ACCEPT, UPGRADE};
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use crate::app::App;
use crate::edge::{self, Counted, Refusal};
use crate::error::ApiError;
use crate::openapi::parameters::DeviceFingerprint;
use crate::request::Context;
use crate::response::{Response, empty};
use crate::votes::sender::Client;
use connection::Connection;
use socket::Socket;

/// Live results and votes over WebSocket
///
/// Text frames, JSON; many polls on one connection. Send `{"type":"subscribe","poll_id":"…"}` for `results`
/// at once and with every change, each with all counts of a version; ignore a version that is not newer.
/// Reconnect with exponential backoff and jitter, and subscribe with your last `version`.
///
/// Who subscribed with a token may vote on the same connection: `{"type":"vote","request_id":"…","poll_id":"…"}`
/// with the members of a vote over REST is answered by `vote_accepted`, or by an `error` with the same codes.
/// `request_id` comes back with the answer and is the idempotency key.
///
/// Who subscribes with an access token is sent the account's notifications from then on, until the token expires:
/// `{"type":"notification","notification":{…}}`, each as `GET /api/v1/me` has it. What comes while nobody is connected
/// is read there; the same `notification_id` may come twice. The last token that a connection shows counts.
#[utoipa::path(
    get, path = "/ws", operation_id = "connect", tag = "results",
    params(DeviceFingerprint),
    responses(
        (status = 101, description = "The connection speaks WebSocket from here on."),
        (status = 400, headers(
            ("Sec-WebSocket-Version" = String, description = "The version to speak, where another was asked for."),
        )),
    ),
)]
pub(crate) async fn handle(mut context: Context) -> Result<Response, ApiError> {
    let accept = handshake::accept(&context.request)?;
    let client = Client::of(&context)?;
    let upgrade = hyper::upgrade::on(&mut context.request);
    let admitted = edge::admit_socket(&context);
    let app = context.app.clone();
    tokio::spawn(async move {
        // Boxed, so that what opening takes is not kept for as long as the connection stands.
        let Some(socket) = Box::pin(open(upgrade)).await else { return };
        match admitted {
            // Held as long as the connection.
            Ok(_place) => Connection::new(app, client, socket).run().await,
            // Closed, not refused: a page is told nothing of a handshake that fails.
            Err(refusal) => Box::pin(turn_away(&app, socket, refusal)).await,
        }
    });
    let mut response = empty(StatusCode::SWITCHING_PROTOCOLS);
    let headers = response.headers_mut();
    headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(SEC_WEBSOCKET_ACCEPT, accept);
    Ok(response)
}

/// The socket of a connection once it is upgraded, without the layers that served HTTP.
async fn open(upgrade: OnUpgrade) -> Option<Box<Socket>> {
    let upgraded = upgrade.await.inspect_err(|error| tracing::debug!(%error, "upgrade failed")).ok()?;
    match upgraded.downcast::<TokioIo<Counted>>() {
        Ok(parts) => Some(Box::new(Socket::new(parts.io.into_inner(), parts.read_buf).await)),
        Err(_) => unreachable!("all connections are served on the same type of stream"),
    }
}

async fn turn_away(app: &App, mut socket: Box<Socket>, refusal: Refusal) {
    app.metrics.refused(refusal);
    app.metrics.closed(CloseCode::Policy.into());
    socket.close(CloseCode::Policy).await;
}
