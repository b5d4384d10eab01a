//! One trace through every hop. A test of its own: telemetry belongs to the process.
#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use opentelemetry::trace::TraceContextExt;
use strata_contract::strata::dev::v1::SettleRequest;
use strata_contract::strata::dev::v1::control_service_client::ControlServiceClient;
use strata_kernel::SimClock;
use strata_rpc::{ControlServer, Server, ServerBuilder, ServerSettings, Settle, SettleReport, connect, error};
use strata_telemetry::{CorrelationId, TelemetrySettings};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

async fn server(settle: Settle) -> Server {
    let clock = SimClock::new(chrono::DateTime::from_timestamp(0, 0).unwrap());
    let service = ControlServer::new(clock, Some(settle)).into_service();
    ServerBuilder::new(ServerSettings::default())
        .add_service(service)
        .build()
        .await
        .unwrap()
}

fn trace() -> (String, String) {
    let context = opentelemetry::Context::current();
    let ids = context.span().span_context().clone();
    (ids.trace_id().to_string(), CorrelationId::current().unwrap().to_string())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_trace_of_the_caller_goes_on_in_process_and_over_tcp() {
    let settings = TelemetrySettings {
        log: "warn".into(),
        ..TelemetrySettings::default()
    };
    let _guard = strata_telemetry::init(&settings, "test").unwrap();
    let (seen, mut traces) = mpsc::unbounded_channel();

    let last: Settle = Arc::new(move || {
        seen.send(trace()).unwrap();
        Box::pin(async { Ok(SettleReport::default()) })
    });
    let last = server(last).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let in_process = last.in_process();
    tokio::spawn(last.serve(listener, std::future::pending()));

    for next in [in_process, connect(&address.to_string()).unwrap()] {
        let first: Settle = Arc::new(move || {
            let mut next = ControlServiceClient::new(next.clone());
            Box::pin(async move {
                next.settle(SettleRequest {}).await.map_err(error)?;
                Ok(SettleReport::default())
            })
        });
        let mut client = ControlServiceClient::new(server(first).await.in_process());
        // A caller with a trace: its span is the parent, and the trace names the cause.
        let span = tracing::info_span!("portal");
        let remote = opentelemetry::Context::new().with_remote_span_context(opentelemetry::trace::SpanContext::new(
            opentelemetry::TraceId::from_hex(TRACE).unwrap(),
            opentelemetry::SpanId::from_hex("00f067aa0ba902b7").unwrap(),
            opentelemetry::TraceFlags::SAMPLED,
            true,
            opentelemetry::trace::TraceState::default(),
        ));
        tracing_opentelemetry::OpenTelemetrySpanExt::set_parent(&span, remote).unwrap();
        let call = async { client.settle(SettleRequest {}).await };
        tracing::Instrument::instrument(call, span).await.unwrap();
        assert_eq!(traces.recv().await.unwrap(), (TRACE.to_owned(), TRACE.to_owned()));
    }
}
