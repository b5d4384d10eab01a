//! One span, one correlation id and one measurement for each call.

use std::sync::LazyLock;

use http::{Request, Response};
use opentelemetry::metrics::{Counter, Histogram};
use opentelemetry::{KeyValue, global};
use opentelemetry_http::HeaderExtractor;
use strata_telemetry::{CORRELATION_HEADER, CorrelationId, metric};
use strata_tls::Peer;
use tokio::time::Instant;
use tonic::Code;
use tonic::body::Body;
use tracing::field::Empty;
use tracing::{Instrument, Span, info_span};
use tracing_opentelemetry::OpenTelemetrySpanExt;

use crate::next::Next;
use crate::{answer, names};

static DURATION: LazyLock<Histogram<f64>> = LazyLock::new(|| {
    global::meter("strata")
        .f64_histogram(metric::RPC_SERVER_DURATION)
        .with_unit("s")
        .with_boundaries(metric::DURATION_BUCKETS.to_vec())
        .build()
});

static LATE: LazyLock<Counter<u64>> = LazyLock::new(|| {
    let meter = global::meter("strata");
    meter.u64_counter(metric::RPC_SERVER_LATE).with_unit("{call}").build()
});

/// Continues the caller's trace, gives the call its correlation id, and completes its answer.
pub(crate) async fn follow(request: Request<Body>, next: Next) -> Response<Body> {
    let begin = Instant::now();
    let path = request.uri().path().to_owned();
    let span = span(&path);
    let caller = global::get_text_map_propagator(|from| from.extract(&HeaderExtractor(request.headers())));
    // Without a tracing layer there is no trace to continue.
    span.set_parent(caller).ok();
    let correlation = CorrelationId::from_headers(request.headers()).unwrap_or_else(|| CorrelationId::derive(&span.context()));
    span.record("correlation.id", correlation.as_str());
    if let Some(uri) = request.extensions().get::<Peer>().and_then(Peer::uri) {
        span.record("tls.client.uri", uri);
    }

    let work = next.run(request).instrument(span.clone());
    let response = correlation.clone().scope(work).await;

    let mut response = answer::complete(response, &correlation);
    response.headers_mut().insert(CORRELATION_HEADER, correlation.header());
    let code = answer::code(response.headers()).unwrap_or(Code::Ok);
    measure(&span, &path, code, begin);
    response
}

fn span(path: &str) -> Span {
    info_span!(
        "rpc",
        otel.name = %names::span_name(path),
        otel.kind = "server",
        otel.status_code = Empty,
        rpc.system.name = "grpc",
        rpc.method = names::method(path),
        rpc.response.status_code = Empty,
        error.type = Empty,
        correlation.id = Empty,
        tls.client.uri = Empty,
    )
}

fn measure(span: &Span, path: &str, code: Code, begin: Instant) {
    let name = answer::code_name(code);
    span.record("rpc.response.status_code", name);
    if is_ours(code) {
        span.record("error.type", name);
        span.record("otel.status_code", "ERROR");
    }
    // A path that is no method of ours is one label, however many there are.
    let policy = strata_contract::method_policy(path);
    let known = policy.is_some() || path.starts_with("/grpc.");
    let method = if known { names::method(path) } else { "_OTHER" };
    let labels = [
        KeyValue::new("rpc.system.name", "grpc"),
        KeyValue::new("rpc.method", method.to_owned()),
        KeyValue::new("rpc.response.status_code", name),
    ];
    let took = begin.elapsed();
    DURATION.record(took.as_secs_f64(), &labels);
    let promised = policy.map(|policy| u128::from(policy.promised_ms));
    if promised.is_some_and(|promised| took.as_millis() > promised) {
        LATE.add(1, &labels[1..2]);
    }
}

/// True for failures of the server; the others are the caller's.
fn is_ours(code: Code) -> bool {
    use Code::{DataLoss, DeadlineExceeded, Internal, Unavailable, Unimplemented, Unknown};
    matches!(
        code,
        Unknown | DeadlineExceeded | Unimplemented | Internal | Unavailable | DataLoss
    )
}
