//! A collector of traces: takes OTLP over HTTP, as any collector does, and keeps the spans.

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// A span as it was told.
#[derive(Debug, Clone)]
pub struct ToldSpan {
    /// The program that told it: its `service.name`.
    pub program: String,
    /// Its name.
    pub name: String,
    /// Its trace, in hexadecimal.
    pub trace_id: String,
    /// Its own id, in hexadecimal.
    pub span_id: String,
    /// The id of the span above it, empty where it is the first.
    pub parent_id: String,
    /// When it began, in nanoseconds since 1970.
    pub began: u64,
    /// When it ended, in nanoseconds since 1970.
    pub ended: u64,
    /// Its attributes, their values as text.
    pub attributes: Vec<(String, String)>,
    /// Whether it says that it failed.
    pub failed: bool,
}

impl ToldSpan {
    /// The value of an attribute, empty where it has none.
    pub fn attribute(&self, name: &str) -> &str {
        self.attributes.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }
}

/// A collector on a port of its own, on the loopback address.
#[derive(Debug)]
pub struct Collector {
    address: SocketAddr,
    spans: Arc<Mutex<Vec<ToldSpan>>>,
    accepting: JoinHandle<()>,
}

impl Collector {
    /// Starts it.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        let address = listener.local_addr().expect("the port's number");
        let spans = Arc::<Mutex<Vec<ToldSpan>>>::default();
        let shared = spans.clone();
        let accepting = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let spans = shared.clone();
                let service = service_fn(move |request| take(request, spans.clone()));
                tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
            }
        });
        Self { address, spans, accepting }
    }

    /// What programs take as their `OTLP_ENDPOINT`.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What it was told, in the order in which it came.
    pub fn spans(&self) -> Vec<ToldSpan> {
        lock(&self.spans).clone()
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn take(
    request: Request<Incoming>,
    spans: Arc<Mutex<Vec<ToldSpan>>>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.expect("a whole body").to_bytes();
    let mut response = Response::new(Full::default());
    if head.method != Method::POST || head.uri.path() != "/v1/traces" {
        *response.status_mut() = StatusCode::NOT_FOUND;
        return Ok(response);
    }
    let told = ExportTraceServiceRequest::decode(body).expect("the body is OTLP");
    for of_program in told.resource_spans {
        let resource = of_program.resource.unwrap_or_default();
        let program = attributes(&resource.attributes);
        let program = program.into_iter().find(|(key, _)| key == "service.name").map(|(_, name)| name);
        let program = program.unwrap_or_default();
        let of_scopes = of_program.scope_spans.into_iter().flat_map(|scope| scope.spans);
        lock(&spans).extend(of_scopes.map(|span| read(&program, span)));
    }
    Ok(response)
}

fn read(program: &str, span: Span) -> ToldSpan {
    ToldSpan {
        program: program.to_owned(),
        name: span.name,
        trace_id: hex(&span.trace_id),
        span_id: hex(&span.span_id),
        parent_id: hex(&span.parent_span_id),
        began: span.start_time_unix_nano,
        ended: span.end_time_unix_nano,
        attributes: attributes(&span.attributes),
        failed: span.status.is_some_and(|status| status.code == 2),
    }
}

fn attributes(attributes: &[KeyValue]) -> Vec<(String, String)> {
    attributes.iter().map(|attribute| (attribute.key.clone(), text(attribute.value.as_ref()))).collect()
}

fn text(value: Option<&AnyValue>) -> String {
    match value.and_then(|value| value.value.as_ref()) {
        Some(Value::StringValue(text)) => text.clone(),
        Some(Value::IntValue(number)) => number.to_string(),
        other => format!("{other:?}"),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn lock(spans: &Mutex<Vec<ToldSpan>>) -> MutexGuard<'_, Vec<ToldSpan>> {
    spans.lock().unwrap_or_else(PoisonError::into_inner)
}
