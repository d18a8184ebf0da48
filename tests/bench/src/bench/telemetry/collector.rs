//! Takes what programs tell of traces and reads nothing of it: what a real collector would do
//! with it is not ours to measure.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::bench::run::Error;

/// A collector on a free port of the loopback address.
pub(super) struct Collector {
    address: SocketAddr,
    batches: Arc<AtomicUsize>,
    accepting: JoinHandle<()>,
}

impl Collector {
    pub(super) async fn start() -> Result<Self, Error> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let batches = Arc::<AtomicUsize>::default();
        let counter = batches.clone();
        let accepting = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let counter = counter.clone();
                let service = service_fn(move |request| take(request, counter.clone()));
                tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
            }
        });
        Ok(Self { address, batches, accepting })
    }

    /// What programs take as their `OTLP_ENDPOINT`.
    pub(super) fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Batches of spans that it was told.
    pub(super) fn batches(&self) -> usize {
        self.batches.load(Ordering::Relaxed)
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn take(
    request: Request<Incoming>,
    batches: Arc<AtomicUsize>,
) -> Result<Response<Full<Bytes>>, hyper::Error> {
    request.into_body().collect().await?;
    batches.fetch_add(1, Ordering::Relaxed);
    Ok(Response::new(Full::default()))
}
