//! The admin listener of each program: metrics, and health with its reasons.

mod ask;
mod servers;

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::CONTENT_TYPE;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use prometheus_client::registry::Registry;
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;

pub use ask::is_ready;
pub use servers::Servers;

use crate::shutdown::Shutdown;

const HEADER_TIMEOUT: Duration = Duration::from_secs(5);
const CHECK_TIMEOUT: Duration = Duration::from_secs(2);
/// The form that Prometheus asks of an OpenMetrics text.
const OPENMETRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Whether a program can do its work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Readiness {
    /// Whether it can.
    pub ready: bool,
    /// What keeps it from it, or would if something else failed too.
    pub reasons: Vec<String>,
}

/// Finds out whether a program can do its work.
pub trait CheckReadiness: Send + Sync + 'static {
    /// The answer, with reasons; bounded in time by the caller.
    fn check(&self) -> BoxFuture<'_, Readiness>;
}

/// Asks `check`, for two seconds at most; a program that drains is not ready, whatever it says.
pub async fn readiness(check: &dyn CheckReadiness, draining: &Shutdown) -> Readiness {
    if draining.is_cancelled() {
        return Readiness { ready: false, reasons: vec!["draining".to_owned()] };
    }
    tokio::time::timeout(CHECK_TIMEOUT, check.check())
        .await
        .unwrap_or_else(|_| Readiness { ready: false, reasons: vec!["the check took too long".to_owned()] })
}

/// Serves `/metrics`, `/livez` and `/readyz` until `end`, which comes when the program has drained.
pub async fn serve(
    listener: TcpListener,
    registry: Registry,
    check: Arc<dyn CheckReadiness>,
    draining: Shutdown,
    end: Shutdown,
) {
    let registry = Arc::new(registry);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = end.cancelled() => return,
        };
        let Ok((stream, _)) = accepted else {
            // Out of descriptors, most likely: give others the time to close some.
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        let (registry, check, draining) = (registry.clone(), check.clone(), draining.clone());
        tokio::spawn(async move {
            let service = service_fn(|request| answer(request, &registry, &*check, &draining));
            let mut http = hyper::server::conn::http1::Builder::new();
            http.timer(TokioTimer::new()).header_read_timeout(HEADER_TIMEOUT);
            if let Err(error) = http.serve_connection(TokioIo::new(stream), service).await {
                tracing::debug!(%error, "admin connection failed");
            }
        });
    }
}

async fn answer(
    request: Request<Incoming>,
    registry: &Registry,
    check: &dyn CheckReadiness,
    draining: &Shutdown,
) -> Result<Response<Full<Bytes>>, Infallible> {
    if request.method() != Method::GET {
        return Ok(text(StatusCode::METHOD_NOT_ALLOWED, "only GET is served here\n"));
    }
    Ok(match request.uri().path() {
        "/livez" => text(StatusCode::OK, "alive\n"),
        "/readyz" => json(&readiness(check, draining).await),
        "/metrics" => metrics(registry),
        _ => text(StatusCode::NOT_FOUND, "served here: /metrics, /livez, /readyz\n"),
    })
}

fn metrics(registry: &Registry) -> Response<Full<Bytes>> {
    let mut encoded = String::new();
    match prometheus_client::encoding::text::encode(&mut encoded, registry) {
        Ok(()) => respond(StatusCode::OK, OPENMETRICS, encoded),
        Err(_) => text(StatusCode::INTERNAL_SERVER_ERROR, "metrics could not be encoded\n"),
    }
}

fn json(readiness: &Readiness) -> Response<Full<Bytes>> {
    let status = if readiness.ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    respond(status, "application/json", serde_json::to_string(readiness).unwrap_or_default())
}

fn text(status: StatusCode, body: &str) -> Response<Full<Bytes>> {
    respond(status, "text/plain; charset=utf-8", body.to_owned())
}

fn respond(status: StatusCode, content_type: &'static str, body: String) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, hyper::header::HeaderValue::from_static(content_type));
    response
}
