//! Connections: accepted, bounded in time, drained at the end.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use pollster_shared::shutdown::{Shutdown, TaskTracker};
use tokio::net::TcpListener;

use crate::app::App;
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

/// Serves until `shutdown`, then lets requests in hand finish within the drain timeout.
pub(crate) async fn serve(listener: TcpListener, app: Arc<App>, shutdown: Shutdown) {
    let routes = Arc::new(Routes::new(&app.config.serve));
    let connections = TaskTracker::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = shutdown.cancelled() => break,
        };
        match accepted {
            Ok((stream, peer)) => {
                let peer = peer.ip().to_canonical();
                match app.edge.connections.accept(peer) {
                    Ok(place) => {
                        if let Err(error) = socket::prepare(&stream) {
                            tracing::debug!(%error, "a socket keeps the system's settings");
                        }
                        let service = routes::service(app.clone(), routes.clone(), peer);
                        let stream = Counted::new(stream, place);
                        connections.spawn(connection(stream, service, shutdown.clone()));
                    }
                    // Dropped, which closes it.
                    Err(refusal) => app.metrics.refused(refusal),
                }
            }
            Err(error) => {
                tracing::warn!(%error, "accepting a connection failed");
                tokio::time::sleep(ACCEPT_RETRY).await;
            }
        }
    }
    drop(listener);
    let drain = async {
        connections.close();
        connections.wait().await;
        app.pulse.drained().await;
        app.mailing.drained().await;
    };
    if tokio::time::timeout(app.config.drain_timeout, drain).await.is_err() {
        tracing::warn!("the drain timeout ended some requests");
    }
}

async fn connection(stream: Counted, service: impl Service, shutdown: Shutdown) {
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
        () = shutdown.cancelled() => {
            // Ends it now if idle, else after the request in hand.
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "connection ended");
    }
}
