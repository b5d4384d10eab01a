//! The trace under way, as text that can be stored and sent on.

use std::collections::HashMap;

use opentelemetry::global;
use tracing_opentelemetry::OpenTelemetrySpanExt;

/// The W3C `traceparent` of the span under way. Empty: there is none, or nothing is traced.
pub fn trace_parent() -> String {
    let mut carrier = HashMap::new();
    let context = tracing::Span::current().context();
    global::get_text_map_propagator(|to| to.inject_context(&context, &mut carrier));
    carrier.remove("traceparent").unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #[test]
    fn without_a_trace_there_is_no_text() {
        assert_eq!(super::trace_parent(), "");
    }
}
