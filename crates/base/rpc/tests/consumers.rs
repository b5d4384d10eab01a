//! Who still calls what goes: counted by consumer. A test of its own: telemetry belongs to the process.
#![allow(clippy::unwrap_used)]

#[path = "../../catalog/src/altered.rs"]
mod altered;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::metrics::data::{AggregatedMetrics, MetricData, ResourceMetrics};
use opentelemetry_sdk::metrics::exporter::PushMetricExporter;
use opentelemetry_sdk::metrics::{PeriodicReader, SdkMeterProvider, Temporality};
use strata_contract::Policies;
use strata_contract::strata::dev::v1::GetTimeRequest;
use strata_contract::strata::dev::v1::control_service_client::ControlServiceClient;
use strata_contract::strata::platform::v1::ListConsumersRequest;
use strata_contract::strata::platform::v1::contract_service_client::ContractServiceClient;
use strata_kernel::SimClock;
use strata_rpc::{ControlServer, ServerBuilder, ServerSettings};
use strata_telemetry::TelemetrySettings;

/// Keeps the counters of the last export, each as `name{label=value,...} count`.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<String>>>);

impl PushMetricExporter for Kept {
    async fn export(&self, metrics: &ResourceMetrics) -> OTelSdkResult {
        let mut lines = Vec::new();
        for metric in metrics.scope_metrics().flat_map(|scope| scope.metrics()) {
            let AggregatedMetrics::U64(MetricData::Sum(sum)) = metric.data() else {
                continue;
            };
            for point in sum.data_points() {
                let mut labels: Vec<String> = point
                    .attributes()
                    .map(|label| format!("{}={}", label.key, label.value))
                    .collect();
                labels.sort();
                lines.push(format!("{}{{{}}} {}", metric.name(), labels.join(","), point.value()));
            }
        }
        lines.sort();
        *self.0.lock().unwrap() = lines;
        Ok(())
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        Ok(())
    }

    fn temporality(&self) -> Temporality {
        Temporality::Cumulative
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_are_counted_by_contract_and_consumer() {
    let settings = TelemetrySettings {
        log: "warn".into(),
        ..TelemetrySettings::default()
    };
    let _guard = strata_telemetry::init(&settings, "test").unwrap();
    let kept = Kept::default();
    let provider = SdkMeterProvider::builder()
        .with_reader(PeriodicReader::builder(kept.clone()).build())
        .build();
    opentelemetry::global::set_meter_provider(provider.clone());

    let words = [(
        "option (strata.options.v1.method) = {\n      scope: \"dev.control.read\"",
        "option deprecated = true;\n    option (strata.options.v1.method) = {\n      sunset: \"2027-06-30\"\n      \
         successor: \"strata.dev.v1.ControlService.SetTime\"\n      scope: \"dev.control.read\"",
    )];
    let pool = altered::altered("strata/dev/v1/control_service.proto", &words);
    let clock = SimClock::new(chrono::DateTime::from_timestamp(0, 0).unwrap());
    let server = ServerBuilder::new(ServerSettings::default())
        .policies(Policies::read(&pool))
        .add_service(ControlServer::new(clock, None).into_service())
        .build()
        .await
        .unwrap();
    let mut client = ControlServiceClient::new(server.in_process());
    for consumer in ["billing-portal", "billing-portal", "month-end"] {
        let mut request = tonic::Request::new(GetTimeRequest {});
        request.metadata_mut().insert("strata-consumer", consumer.parse().unwrap());
        client.get_time(request).await.unwrap();
    }
    client
        .settle(strata_contract::strata::dev::v1::SettleRequest {})
        .await
        .unwrap();
    // What the server itself tells, without a collector.
    let mut contracts = ContractServiceClient::new(server.in_process());
    let request = ListConsumersRequest {
        deprecated_only: true,
        ..ListConsumersRequest::default()
    };
    let told = contracts.list_consumers(request).await.unwrap().into_inner().consumers;
    let told: Vec<_> = told.into_iter().map(|row| (row.method, row.consumer, row.calls)).collect();
    let method = "strata.dev.v1.ControlService.GetTime".to_owned();
    let expected = [("billing-portal", 2), ("month-end", 1)].map(|(name, calls)| (method.clone(), name.to_owned(), calls));
    assert_eq!(told, expected);
    provider.force_flush().unwrap();
    let counted = kept.0.lock().unwrap().clone();
    println!("{}", counted.join("\n"));
    assert_eq!(
        counted,
        [
            "contract.calls{consumer=billing-portal,rpc.package=strata.dev.v1} 2",
            "contract.calls{consumer=month-end,rpc.package=strata.dev.v1} 1",
            "contract.calls{consumer=strata,rpc.package=strata.dev.v1} 1",
            "contract.calls{consumer=strata,rpc.package=strata.platform.v1} 1",
            "contract.deprecated.calls{consumer=billing-portal,rpc.method=strata.dev.v1.ControlService/GetTime} 2",
            "contract.deprecated.calls{consumer=month-end,rpc.method=strata.dev.v1.ControlService/GetTime} 1",
        ]
    );
}
