//! A collector that is not there neither blocks the work nor the end of the process.
#![allow(clippy::unwrap_used)]

use std::time::{Duration, Instant};

use strata_telemetry::{TelemetrySettings, init};
use tracing::{info, info_span};

#[tokio::test(flavor = "multi_thread")]
async fn the_end_is_bounded() {
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let settings = TelemetrySettings {
        otlp_endpoint: Some(format!("http://{}", nobody.local_addr().unwrap())),
        shutdown_timeout_ms: 300,
        ..TelemetrySettings::default()
    };
    // The socket is bound and never accepted from: the worst kind of silence.
    let guard = init(&settings, "strata-under-test").unwrap();
    let begin = Instant::now();
    for n in 0..10_000u32 {
        let _in = info_span!("work").entered();
        if n == 0 {
            info!("a line");
        }
    }
    drop(guard);
    assert!(begin.elapsed() < Duration::from_secs(5), "took {:?}", begin.elapsed());
}
