//! Connections to receivers. A name is resolved here and the connection made to what it stood for then, so that
//! nobody can have it stand for a private address between a check and the call.

use std::net::SocketAddr;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use hyper::Uri;
use hyper_util::rt::TokioIo;
use pollster_shared::networks::Networks;
use pollster_shared::webhooks::{InvalidTarget, Target};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;
use tower::Service;

/// How long it may take to find and reach a receiver.
const WITHIN: Duration = Duration::from_secs(5);

/// Connects where webhooks may lead.
#[derive(Debug, Clone)]
pub(super) struct Connector {
    allowed: Arc<Networks>,
}

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub(super) enum ConnectError {
    #[error("its URL {0}")]
    Target(#[from] InvalidTarget),
    #[error("its host is not known")]
    UnknownHost,
    #[error("its host has no address that may be called")]
    NotAllowed,
    #[error("no connection")]
    Refused,
    #[error("no connection in time")]
    TooSlow,
}

impl Connector {
    /// Connects to public addresses, and into these networks.
    pub(super) fn new(allowed: Networks) -> Self {
        Self { allowed: Arc::new(allowed) }
    }
}

impl Service<Uri> for Connector {
    type Response = TokioIo<TcpStream>;
    type Error = ConnectError;
    type Future = BoxFuture<'static, Result<TokioIo<TcpStream>, ConnectError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), ConnectError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let allowed = self.allowed.clone();
        async move {
            let connected = timeout(WITHIN, connect(uri, &allowed)).await;
            connected.unwrap_or(Err(ConnectError::TooSlow)).map(TokioIo::new)
        }
        .boxed()
    }
}

/// Connects to the first address that may be called and answers.
async fn connect(uri: Uri, allowed: &Networks) -> Result<TcpStream, ConnectError> {
    let target = Target::new(uri, allowed)?;
    let resolved = lookup_host((target.host(), target.port())).await;
    let resolved = resolved.map_err(|_| ConnectError::UnknownHost)?;
    let addresses: Vec<SocketAddr> =
        resolved.filter(|address| target.may_connect(address.ip(), allowed)).collect();
    if addresses.is_empty() {
        return Err(ConnectError::NotAllowed);
    }
    TcpStream::connect(&*addresses).await.map_err(|_| ConnectError::Refused)
}
