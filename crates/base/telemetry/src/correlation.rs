//! The correlation id: one text that follows a cause through calls, events and logs.

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use http::{HeaderMap, HeaderValue};
use opentelemetry::trace::TraceContextExt;

/// Metadata key it travels under.
pub const CORRELATION_HEADER: &str = "x-correlation-id";

/// Longest id that is taken from a caller, in bytes.
const LONGEST: usize = 64;

tokio::task_local! {
    static CURRENT: CorrelationId;
}

/// One cause. Cloning is cheap.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CorrelationId(Arc<str>);

impl CorrelationId {
    /// Takes a text of 1 to 64 visible ASCII characters; anything else is none.
    pub fn parse(text: &str) -> Option<Self> {
        let fits = (1..=LONGEST).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
        fits.then(|| Self(text.into()))
    }

    /// The caller's own id, when it sent one that fits.
    pub fn from_headers(headers: &HeaderMap) -> Option<Self> {
        Self::parse(headers.get(CORRELATION_HEADER)?.to_str().ok()?)
    }

    /// An id for a cause that has none yet: the trace's, or else a number that is unique in this process.
    pub fn derive(context: &opentelemetry::Context) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let span = context.span();
        let trace = span.span_context().trace_id();
        if trace != opentelemetry::TraceId::INVALID {
            return Self(trace.to_string().into());
        }
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        Self(format!("p{}-{number}", std::process::id()).into())
    }

    /// The id of the work under way in this task.
    pub fn current() -> Option<Self> {
        CURRENT.try_with(Clone::clone).ok()
    }

    /// Runs `work` under this id. A task spawned inside needs its own scope.
    pub fn scope<F: Future>(self, work: F) -> impl Future<Output = F::Output> {
        CURRENT.scope(self, work)
    }

    /// Runs `work` under this id, on this thread: for blocking closures.
    pub fn scope_sync<R>(self, work: impl FnOnce() -> R) -> R {
        CURRENT.sync_scope(self, work)
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The id as a header value.
    pub fn header(&self) -> HeaderValue {
        HeaderValue::from_str(&self.0).unwrap_or(HeaderValue::from_static("unknown"))
    }
}

impl fmt::Display for CorrelationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use opentelemetry::Context;
    use opentelemetry::trace::{SpanContext, SpanId, TraceFlags, TraceId, TraceState};

    use super::*;

    #[test]
    fn sixty_four_visible_characters_fit_and_no_more() {
        assert!(CorrelationId::parse(&"x".repeat(64)).is_some());
        for bad in ["", "two words", "line\nbreak", "grün", &"x".repeat(65)] {
            assert_eq!(CorrelationId::parse(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn it_is_read_from_the_metadata() {
        let mut headers = HeaderMap::new();
        assert_eq!(CorrelationId::from_headers(&headers), None);
        headers.insert(CORRELATION_HEADER, "order-7".parse().unwrap());
        assert_eq!(CorrelationId::from_headers(&headers).unwrap().as_str(), "order-7");
        headers.insert(CORRELATION_HEADER, "not one".parse().unwrap());
        assert_eq!(CorrelationId::from_headers(&headers), None);
    }

    #[test]
    fn it_is_the_trace_id_or_else_a_new_number() {
        let trace = TraceId::from_hex("4bf92f3577b34da6a3ce929d0e0e4736").unwrap();
        let span = SpanContext::new(
            trace,
            SpanId::from_hex("00f067aa0ba902b7").unwrap(),
            TraceFlags::SAMPLED,
            true,
            TraceState::default(),
        );
        let traced = Context::new().with_remote_span_context(span);
        assert_eq!(CorrelationId::derive(&traced).as_str(), "4bf92f3577b34da6a3ce929d0e0e4736");
        let (one, other) = (CorrelationId::derive(&Context::new()), CorrelationId::derive(&Context::new()));
        assert_ne!(one, other);
        assert_eq!(CorrelationId::parse(one.as_str()), Some(one));
    }

    #[tokio::test]
    async fn it_belongs_to_the_task() {
        let id = CorrelationId::parse("a").unwrap();
        let inside = id.clone().scope(async { CorrelationId::current() }).await;
        assert_eq!(inside, Some(id.clone()));
        assert_eq!(CorrelationId::current(), None);
        assert_eq!(id.clone().scope_sync(CorrelationId::current), Some(id));
    }
}
