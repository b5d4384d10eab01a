//! With an endpoint configured, traces, metrics and logs reach the collector before the process ends.
#![allow(clippy::unwrap_used)]

use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use http_body_util::BodyExt;
use strata_telemetry::{TelemetrySettings, init, metric};
use tokio::net::TcpListener;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::body::Body;
use tracing::{Instrument, info, info_span};

type Seen = Arc<Mutex<Vec<(String, Vec<u8>)>>>;

/// A collector that keeps what it is sent and answers each export with an empty message.
async fn collector(seen: Seen) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let service = tower::service_fn(move |request: http::Request<Body>| {
        let seen = seen.clone();
        async move {
            let path = request.uri().path().to_owned();
            let body = request.into_body().collect().await.unwrap().to_bytes();
            seen.lock().unwrap().push((path, body.to_vec()));
            let empty_message = http_body_util::Full::from(&[0u8; 5][..]);
            let response = http::Response::builder()
                .header("content-type", "application/grpc")
                .header("grpc-status", "0");
            Ok::<_, Infallible>(response.body(Body::new(empty_message)).unwrap())
        }
    });
    tokio::spawn(tonic::transport::Server::builder().serve_with_incoming(service, TcpListenerStream::new(listener)));
    format!("http://{address}")
}

fn holds(seen: &Seen, path: &str, text: &str) -> bool {
    let seen = seen.lock().unwrap();
    seen.iter()
        .any(|(p, body)| p.contains(path) && body.windows(text.len()).any(|part| part == text.as_bytes()))
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_sent_before_the_end() {
    let seen = Seen::default();
    let settings = TelemetrySettings {
        otlp_endpoint: Some(collector(seen.clone()).await),
        shutdown_timeout_ms: 10_000,
        ..TelemetrySettings::default()
    };
    let guard = init(&settings, "strata-under-test").unwrap();

    async { info!("a line to send") }
        .instrument(info_span!("a span to send"))
        .await;
    opentelemetry::global::meter("test")
        .f64_histogram(metric::RPC_SERVER_DURATION)
        .build()
        .record(0.25, &[]);

    assert!(guard.shutdown().await, "the shutdown ran out of time");
    for (path, text) in [
        ("TraceService", "a span to send"),
        ("TraceService", "strata-under-test"),
        ("LogsService", "a line to send"),
        ("MetricsService", "rpc.server.call.duration"),
    ] {
        assert!(holds(&seen, path, text), "{path} never saw {text}");
    }
    assert!(init(&settings, "again").is_err(), "telemetry is set up once");
}
