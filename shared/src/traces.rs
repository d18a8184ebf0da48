//! Traces: the way of some votes through gateway, stream and aggregator, told to a collector over OTLP.
//!
//! What is not sampled costs a random number. Spans are sent by a thread of their own, in batches; while the collector
//! does not answer they are dropped, for no vote waits for it. A stream's entry carries the [`TraceParent`] of its
//! vote's span in a field of its own, which programs that know nothing of traces don't look at.

mod config;
mod parent;

use std::time::{Duration, SystemTime};

use opentelemetry::trace::{SpanBuilder, Status, TraceContextExt, Tracer, TracerProvider};
use opentelemetry::{Context, Value};
use opentelemetry_otlp::{SpanExporter, WithExportConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{Sampler, SdkTracer, SdkTracerProvider};
use rustls::crypto::ring;

pub use config::TraceConfig;
pub use opentelemetry::KeyValue;
pub use opentelemetry::trace::SpanKind;
pub use parent::{TRACEPARENT, TraceParent};

use crate::config::StartError;

/// How long a program's end waits for a collector that is slow.
const LAST_EXPORT: Duration = Duration::from_secs(3);

/// Where a program's spans go: nowhere, unless a collector is named.
#[derive(Debug, Clone, Default)]
pub struct Traces(Option<SdkTracer>);

/// What sends them, to be told of the program's end.
#[derive(Debug, Default)]
pub struct Exporter(Option<SdkTracerProvider>);

/// Something that a sampled trace tells of. It ends with the last of its clones.
#[derive(Debug, Clone)]
pub struct Span {
    tracer: SdkTracer,
    context: Context,
}

/// Starts to tell the collector of `config`, if there is one, what `program` does.
///
/// # Errors
/// Where the collector's address is none.
pub fn start(config: &TraceConfig, program: &'static str) -> Result<(Traces, Exporter), StartError> {
    let Some(endpoint) = config.traces_endpoint()? else { return Ok(Default::default()) };
    // It may be another part's already, and is the same.
    let _ = ring::default_provider().install_default();
    let exporter = SpanExporter::builder().with_http().with_endpoint(endpoint).build();
    let exporter = exporter.map_err(|error| StartError::setting("OTLP_ENDPOINT", error))?;
    let version = KeyValue::new("service.version", env!("CARGO_PKG_VERSION"));
    let instance = KeyValue::new("service.instance.id", uuid::Uuid::now_v7().to_string());
    let resource = Resource::builder().with_service_name(program).with_attributes([version, instance]);
    let sampler = Sampler::TraceIdRatioBased(config.trace_sample_ratio);
    let provider = SdkTracerProvider::builder()
        .with_batch_exporter(exporter)
        .with_resource(resource.build())
        // What was sampled where the trace began is sampled everywhere.
        .with_sampler(Sampler::ParentBased(Box::new(sampler)))
        .build();
    Ok((Traces(Some(provider.tracer("pollster"))), Exporter(Some(provider))))
}

impl Exporter {
    /// Sends what is left, within some seconds.
    pub async fn end(self) {
        let Some(provider) = self.0 else { return };
        let ended = tokio::task::spawn_blocking(move || provider.shutdown_with_timeout(LAST_EXPORT)).await;
        if !matches!(ended, Ok(Ok(()))) {
            tracing::warn!("the collector did not take the last spans");
        }
    }
}

impl Traces {
    /// Whether spans go anywhere.
    pub fn are_told(&self) -> bool {
        self.0.is_some()
    }

    /// Begins a span below `parent`, or a trace; `None` where it is not sampled.
    pub fn begin(&self, name: &'static str, kind: SpanKind, parent: Option<&TraceParent>) -> Option<Span> {
        let tracer = self.0.as_ref()?;
        let parent = parent.map_or_else(Context::new, TraceParent::context);
        Span::begin(tracer, SpanBuilder::from_name(name).with_kind(kind), &parent)
    }

    /// Tells of something below `parent` that lasted from `began` until now; returns it, to be gone on from.
    pub fn tell(
        &self,
        name: &'static str,
        kind: SpanKind,
        parent: &TraceParent,
        began: SystemTime,
        attributes: Vec<KeyValue>,
    ) -> Option<TraceParent> {
        let builder = SpanBuilder::from_name(name).with_kind(kind).with_start_time(began);
        let span = Span::begin(self.0.as_ref()?, builder.with_attributes(attributes), &parent.context())?;
        Some(span.parent())
    }
}

impl Span {
    fn begin(tracer: &SdkTracer, builder: SpanBuilder, parent: &Context) -> Option<Self> {
        let span = tracer.build_with_context(builder, parent);
        let context = parent.with_span(span);
        let is_sampled = context.span().span_context().is_sampled();
        is_sampled.then(|| Self { tracer: tracer.clone(), context })
    }

    /// Begins a span below this one.
    pub fn child(&self, name: &'static str, kind: SpanKind) -> Option<Self> {
        Self::begin(&self.tracer, SpanBuilder::from_name(name).with_kind(kind), &self.context)
    }

    /// Gives it another name.
    pub fn rename(&self, name: String) {
        self.context.span().update_name(name);
    }

    /// Notes something of it. Neither voters nor tokens nor addresses.
    pub fn note(&self, key: &'static str, value: impl Into<Value>) {
        self.context.span().set_attribute(KeyValue::new(key, value));
    }

    /// Says that it failed by our own fault.
    pub fn fail(&self) {
        self.context.span().set_status(Status::error(""));
    }

    /// The trace that it belongs to, as 32 hexadecimal digits.
    pub fn trace_id(&self) -> String {
        self.context.span().span_context().trace_id().to_string()
    }

    /// What another program goes on from.
    pub fn parent(&self) -> TraceParent {
        TraceParent::of(self.context.span().span_context())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn traces(ratio: f64) -> Traces {
        let config = TraceConfig {
            // Nobody listens there: what is told is dropped.
            otlp_endpoint: Some("http://127.0.0.1:1".to_owned()),
            trace_sample_ratio: ratio,
        };
        start(&config, "test").unwrap().0
    }

    #[test]
    fn without_a_collector_nothing_is_traced() {
        let config = TraceConfig { otlp_endpoint: None, trace_sample_ratio: 1.0 };
        let (traces, _) = start(&config, "test").unwrap();
        assert!(!traces.are_told());
        assert!(traces.begin("vote", SpanKind::Server, None).is_none());
    }

    #[test]
    fn the_ratio_says_how_many_traces_are_begun() {
        let begun = |ratio| {
            let traces = traces(ratio);
            (0..2_000).filter(|_| traces.begin("vote", SpanKind::Server, None).is_some()).count()
        };
        assert_eq!((begun(0.0), begun(1.0)), (0, 2_000));
        // Six standard deviations to either side.
        assert!((370..630).contains(&begun(0.25)));
    }

    #[test]
    fn what_another_began_is_gone_on_with_whatever_the_ratio() {
        let parent = traces(1.0).begin("vote", SpanKind::Server, None).unwrap();
        let here = traces(0.0);
        let below = here.begin("commit", SpanKind::Consumer, Some(&parent.parent())).unwrap();
        assert_eq!(below.trace_id(), parent.trace_id());
        assert_eq!(below.child("publish", SpanKind::Producer).unwrap().trace_id(), parent.trace_id());
        let told = here.tell("told", SpanKind::Internal, &parent.parent(), SystemTime::now(), Vec::new());
        assert_ne!(told.unwrap(), parent.parent());
    }
}
