//! Sets everything up, and takes it down in bounded time.

use std::io::IsTerminal;
use std::time::Duration;

use opentelemetry::{KeyValue, global, trace::TracerProvider as _};
use opentelemetry_appender_tracing::layer::OpenTelemetryTracingBridge;
use opentelemetry_otlp::{LogExporter, MetricExporter, SpanExporter, WithExportConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::logs::SdkLoggerProvider;
use opentelemetry_sdk::metrics::SdkMeterProvider;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider};
use tracing::Subscriber;
use tracing_subscriber::filter::{EnvFilter, FilterFn, filter_fn};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, fmt};

use crate::json::JsonLines;
use crate::{Format, TelemetrySettings};

/// Name of the instrumentation scope.
const SCOPE: &str = "strata";

/// Telemetry could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The log filter is none.
    #[error("the log filter does not fit: {0}")]
    Filter(#[from] tracing_subscriber::filter::ParseError),
    /// The exporter refuses its endpoint.
    #[error("the OTLP exporter cannot be built: {0}")]
    Exporter(#[from] opentelemetry_otlp::ExporterBuildError),
    /// It was set up before.
    #[error("telemetry is set up already: {0}")]
    Twice(#[from] tracing_subscriber::util::TryInitError),
}

/// Keeps telemetry running. What is not yet exported is sent when it goes, for a bounded time.
#[derive(Debug)]
#[must_use = "telemetry ends when the guard is dropped"]
pub struct Guard {
    providers: Option<Providers>,
    timeout: Duration,
}

#[derive(Debug, Clone)]
struct Providers {
    traces: SdkTracerProvider,
    metrics: SdkMeterProvider,
    logs: SdkLoggerProvider,
}

/// Sets up logs, traces and metrics for the process. Call it once, inside the runtime.
pub fn init(settings: &TelemetrySettings, service_name: &str) -> Result<Guard, TelemetryError> {
    let filter = EnvFilter::try_new(&settings.log)?;
    let providers = Providers::build(settings, service_name)?;
    global::set_text_map_propagator(TraceContextPropagator::new());
    global::set_tracer_provider(providers.traces.clone());
    global::set_meter_provider(providers.metrics.clone());

    let traces = tracing_opentelemetry::layer()
        .with_tracer(providers.traces.tracer(SCOPE))
        // A span says what was done, by its name. Where in the code, on which thread, and for how long it was not polled, costs each call
        // more than it tells anybody.
        .with_location(false)
        .with_threads(false)
        .with_tracked_inactivity(false)
        .with_filter(ours());
    let logs = settings
        .otlp_endpoint
        .is_some()
        .then(|| OpenTelemetryTracingBridge::new(&providers.logs).with_filter(ours()));
    tracing_subscriber::registry()
        .with(traces)
        .with(logs)
        .with(stderr(settings.format).with_filter(filter))
        .try_init()?;
    Ok(Guard {
        providers: Some(providers),
        timeout: settings.shutdown_timeout(),
    })
}

/// The exporter's own libraries stay out of what is exported: each export would cause the next.
fn ours() -> FilterFn {
    filter_fn(|meta| {
        let noisy = ["opentelemetry", "h2", "hyper", "tonic", "tower"];
        let root = meta.target().split("::").next().unwrap_or_default();
        *meta.level() <= tracing::Level::INFO && !noisy.iter().any(|name| root.starts_with(name))
    })
}

fn stderr<S>(format: Format) -> Box<dyn Layer<S> + Send + Sync>
where
    S: Subscriber + for<'a> LookupSpan<'a> + Send + Sync,
{
    let layer = fmt::layer().with_writer(std::io::stderr);
    let human = match format {
        Format::Auto => std::io::stderr().is_terminal(),
        Format::Human => true,
        Format::Json => false,
    };
    if human {
        layer.compact().with_ansi(std::io::stderr().is_terminal()).boxed()
    } else {
        layer.event_format(JsonLines).boxed()
    }
}

impl Providers {
    /// Without an endpoint the providers have no exporter: spans still carry the trace on, and are forgotten.
    fn build(settings: &TelemetrySettings, service_name: &str) -> Result<Self, TelemetryError> {
        let resource = Resource::builder()
            .with_service_name(service_name.to_owned())
            .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
            .build();
        let sampler = Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(settings.sample_ratio)));
        let mut traces = SdkTracerProvider::builder()
            .with_resource(resource.clone())
            .with_sampler(sampler);
        let mut metrics = SdkMeterProvider::builder().with_resource(resource.clone());
        let mut logs = SdkLoggerProvider::builder().with_resource(resource);
        if let Some(endpoint) = &settings.otlp_endpoint {
            let timeout = settings.export_timeout();
            let spans = SpanExporter::builder().with_tonic();
            traces = traces.with_batch_exporter(spans.with_endpoint(endpoint).with_timeout(timeout).build()?);
            let points = MetricExporter::builder().with_tonic();
            metrics = metrics.with_periodic_exporter(points.with_endpoint(endpoint).with_timeout(timeout).build()?);
            let records = LogExporter::builder().with_tonic();
            logs = logs.with_batch_exporter(records.with_endpoint(endpoint).with_timeout(timeout).build()?);
        }
        Ok(Self {
            traces: traces.build(),
            metrics: metrics.build(),
            logs: logs.build(),
        })
    }

    /// Sends what is left. An exporter that cannot reach its collector says so on stderr by itself.
    fn shutdown(&self, timeout: Duration) {
        let results = [
            self.traces.shutdown_with_timeout(timeout),
            self.metrics.shutdown_with_timeout(timeout),
            self.logs.shutdown_with_timeout(timeout),
        ];
        for error in results.into_iter().filter_map(Result::err) {
            eprintln!("telemetry: not everything was exported: {error}");
        }
    }
}

impl Guard {
    /// Sends what is left and ends, within the configured time. False: time ran out.
    pub async fn shutdown(mut self) -> bool {
        let Some(providers) = self.providers.take() else { return true };
        let (done, wait) = tokio::sync::oneshot::channel();
        finish(providers, self.timeout, move || {
            // Nobody waits any longer: the time ran out.
            done.send(()).ok();
        });
        tokio::time::timeout(self.timeout, wait).await.is_ok()
    }
}

impl Drop for Guard {
    /// The same for a process that ends in another way.
    fn drop(&mut self) {
        let Some(providers) = self.providers.take() else { return };
        let (done, wait) = std::sync::mpsc::channel();
        finish(providers, self.timeout, move || {
            // Nobody waits any longer: the time ran out.
            done.send(()).ok();
        });
        // Out of time or out of work: the process ends either way.
        wait.recv_timeout(self.timeout).ok();
    }
}

/// Shuts down on a thread of its own: the exporters run on the runtime, and neither its workers nor
/// its blocking threads, which it waits for when it ends, may hang on a silent collector.
fn finish(providers: Providers, timeout: Duration, done: impl FnOnce() + Send + 'static) {
    std::thread::spawn(move || {
        providers.shutdown(timeout);
        done();
    });
}
