//! Connections: accepted, bounded in time, drained at the end.

use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use pollster_shared::shutdown::TaskTracker;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Instant;

use crate::app::App;
use crate::drain::Drain;
use crate::edge::{Counted, socket};
use crate::routes::{self, Routes, Service};

/// How long a client may take to send a request's headers, also the first on a kept connection.
const HEADER_TIMEOUT: Duration = Duration::from_secs(10);
const MAX_HEADERS: usize = 64;
/// Room for what is read, and for what waits to be written: a stream is asked for more only while less than
/// this, in at most 16 chunks, waits for a client that is slow.
const BUFFER: usize = 16 * 1024;
/// After a failed accept, most likely for want of descriptors, others get the time to close some.
const ACCEPT_RETRY: Duration = Duration::from_millis(50);

/// Serves until the drain closes the listener, then lets requests in hand finish within the drain timeout.
pub(crate) async fn serve(listener: TcpListener, app: Arc<App>) {
    let routes = Arc::new(Routes::new(&app.config.serve, &app.metrics));
    let server = Server { routes, connections: TaskTracker::new(), app };
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = server.app.drain.closing.cancelled() => break,
        };
        match accepted {
            Ok((stream, peer)) => server.take(stream, peer),
            Err(error) => {
                tracing::warn!(%error, "accepting a connection failed");
                tokio::time::sleep(ACCEPT_RETRY).await;
            }
        }
    }
    if let Err(error) = server.take_what_waits(listener) {
        tracing::warn!(%error, "connections that waited to be accepted are lost");
    }
    server.app.drain.closed.cancel();
    server.drained().await;
}

/// What all connections share.
struct Server {
    app: Arc<App>,
    routes: Arc<Routes>,
    connections: TaskTracker,
}

impl Server {
    /// Serves a connection, if it may have a place.
    fn take(&self, stream: TcpStream, peer: SocketAddr) {
        let (app, peer) = (&self.app, peer.ip().to_canonical());
        match app.edge.connections.accept(peer) {
            Ok(place) => {
                if let Err(error) = socket::prepare(&stream) {
                    tracing::debug!(%error, "a socket keeps the system's settings");
                }
                let service = routes::service(app.clone(), self.routes.clone(), peer);
                self.connections.spawn(connection(Counted::new(stream, place), service, app.drain.clone()));
            }
            // Dropped, which closes it.
            Err(refusal) => app.metrics.refused(refusal),
        }
    }

    /// Serves what the system has taken and nobody accepted yet: closing the listener would reset it. Closes it then.
    fn take_what_waits(&self, listener: TcpListener) -> io::Result<()> {
        let listener = listener.into_std()?;
        loop {
            match listener.accept() {
                Ok((stream, peer)) => {
                    stream.set_nonblocking(true)?;
                    self.take(TcpStream::from_std(stream)?, peer);
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            }
        }
    }

    /// Waits until everybody has been answered and all viewers are gone, within the drain timeout.
    async fn drained(&self) {
        let drained = async {
            self.connections.close();
            self.connections.wait().await;
            self.app.pulse.drained().await;
            self.app.mailing.drained().await;
        };
        if tokio::time::timeout(self.app.config.drain_timeout, drained).await.is_err() {
            tracing::warn!("the drain timeout ended some requests");
        }
    }
}

async fn connection(stream: Counted, service: impl Service, drain: Drain) {
    let accepted = Instant::now();
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT)
        .max_headers(MAX_HEADERS)
        .max_buf_size(BUFFER)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(service))
        .with_upgrades();
    let mut connection = pin!(connection);
    let ended = tokio::select! {
        biased;
        ended = connection.as_mut() => ended,
        () = drain.may_close(accepted) => {
            // Ends it now if idle, else after the request in hand.
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "connection ended");
    }
}
