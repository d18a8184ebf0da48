//! Where a trace is gone on with, in W3C's form: `00-<trace>-<span>-<flags>`, see <https://www.w3.org/TR/trace-context/>.

use std::fmt;
use std::ops::RangeInclusive;

use opentelemetry::Context;
use opentelemetry::propagation::{Extractor, TextMapPropagator};
use opentelemetry::trace::{SpanContext, TraceContextExt};
use opentelemetry_sdk::propagation::TraceContextPropagator;

/// The header, and the field of a stream's entry, that hold one.
pub const TRACEPARENT: &str = "traceparent";

/// Of this version's form, and what versions to come may append. The library that reads it does not ask.
const LENGTHS: RangeInclusive<usize> = 55..=256;

/// A span of another program, or of another part of this one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceParent(SpanContext);

/// A header alone.
struct Carried<'a>(&'a str);

impl Extractor for Carried<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        (key == TRACEPARENT).then_some(self.0)
    }

    fn keys(&self) -> Vec<&str> {
        vec![TRACEPARENT]
    }
}

impl TraceParent {
    /// Reads one; `None` where it is none.
    pub fn read(text: &str) -> Option<Self> {
        if !LENGTHS.contains(&text.len()) {
            return None;
        }
        let context = TraceContextPropagator::new().extract_with_context(&Context::new(), &Carried(text));
        let parent = context.span().span_context().clone();
        parent.is_valid().then_some(Self(parent))
    }

    pub(super) fn of(span: &SpanContext) -> Self {
        Self(span.clone())
    }

    pub(super) fn context(&self) -> Context {
        Context::new().with_remote_span_context(self.0.clone())
    }
}

impl fmt::Display for TraceParent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (trace, span) = (self.0.trace_id(), self.0.span_id());
        write!(f, "00-{trace}-{span}-{:02x}", self.0.trace_flags().to_u8() & 1)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[test]
    fn what_was_written_is_read() {
        for text in [PARENT, "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00"] {
            assert_eq!(TraceParent::read(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_is_none_is_not_read() {
        let zeros = "00-00000000000000000000000000000000-00f067aa0ba902b7-01";
        for text in ["", "00", &PARENT[..54], zeros, &PARENT.to_uppercase(), &PARENT.replace("00-", "ff-")] {
            assert_eq!(TraceParent::read(text), None, "{text}");
        }
        assert_eq!(TraceParent::read(&format!("{PARENT}-{}", "0".repeat(300))), None);
    }

    proptest! {
        #[test]
        fn no_text_is_too_strange_to_be_refused(text in "\\PC{0,80}|[0-9a-f-]{0,80}") {
            if let Some(parent) = TraceParent::read(&text) {
                prop_assert_eq!(TraceParent::read(&parent.to_string()), Some(parent));
            }
        }
    }
}
