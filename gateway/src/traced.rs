//! A request's own span, below which its vote is traced.

use std::net::IpAddr;

use hyper::{Method, Request, StatusCode};
use pollster_shared::traces::{Span, SpanKind, TRACEPARENT, TraceParent};
use tracing::field::Empty;

use crate::app::App;

/// Begins the span of a request that `pattern` matches, where it is sampled. It goes on with the trace that a trusted
/// proxy began: anybody else could have everything traced.
pub(crate) fn begin<B>(app: &App, request: &Request<B>, peer: IpAddr, pattern: &'static str) -> Option<Span> {
    if !app.traces.are_told() {
        return None;
    }
    let is_trusted = app.config.edge.trusted_proxies.contains(peer);
    let parent = request.headers().get(TRACEPARENT).filter(|_| is_trusted);
    let parent = parent.and_then(|header| TraceParent::read(header.to_str().ok()?));
    let span = app.traces.begin(pattern, SpanKind::Server, parent.as_ref())?;
    span.rename(format!("{} {pattern}", method(request.method())));
    span.note("http.request.method", method(request.method()).to_owned());
    span.note("http.route", pattern);
    Some(span)
}

/// The method, as long as it is one that is known: a client may send any.
fn method(method: &Method) -> &str {
    match *method {
        Method::GET
        | Method::HEAD
        | Method::POST
        | Method::PUT
        | Method::PATCH
        | Method::DELETE
        | Method::OPTIONS => method.as_str(),
        _ => "_OTHER",
    }
}

/// Notes what the request was answered.
pub(crate) fn answered(span: &Span, request_id: &str, status: StatusCode) {
    span.note("pollster.request_id", request_id.to_owned());
    span.note("http.response.status_code", i64::from(status.as_u16()));
    if status.is_server_error() {
        span.fail();
    }
}

/// What every log line of a request says of it.
pub(crate) fn log_span(request_id: &str, trace: Option<&Span>) -> tracing::Span {
    // Of the highest level, so that it is there whatever is logged.
    let span = tracing::error_span!("request", request_id, trace_id = Empty);
    if let Some(trace) = trace {
        span.record("trace_id", trace.trace_id());
    }
    span
}
