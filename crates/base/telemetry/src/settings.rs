//! The `telemetry` section of the settings.

use std::time::Duration;

use serde::Deserialize;
use strata_settings::{Fault, Section};

/// What is logged and where it is sent.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TelemetrySettings {
    /// Filter in `tracing` notation: `info`, or `info,strata_process=debug`.
    pub log: String,
    /// Form of the log lines.
    pub format: Format,
    /// OTLP collector (gRPC), `http://host:4317`. Nothing is exported without it.
    pub otlp_endpoint: Option<String>,
    /// Share of the traces that is exported, 0 to 1. A trace that a caller began is kept when the caller keeps it. Default: 1.
    pub sample_ratio: f64,
    /// Longest time one export may take, in milliseconds.
    pub export_timeout_ms: u64,
    /// Longest time the end of the process waits for what is not yet exported, in milliseconds.
    pub shutdown_timeout_ms: u64,
}

/// Form of the log lines.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// For people when stderr is a terminal, JSON otherwise.
    #[default]
    Auto,
    /// One JSON object a line.
    Json,
    /// For people.
    Human,
}

impl Default for TelemetrySettings {
    fn default() -> Self {
        Self {
            log: "info,opentelemetry=warn".to_owned(),
            format: Format::Auto,
            otlp_endpoint: None,
            sample_ratio: 1.0,
            export_timeout_ms: 5_000,
            shutdown_timeout_ms: 3_000,
        }
    }
}

impl TelemetrySettings {
    pub(crate) fn export_timeout(&self) -> Duration {
        Duration::from_millis(self.export_timeout_ms)
    }

    pub(crate) fn shutdown_timeout(&self) -> Duration {
        Duration::from_millis(self.shutdown_timeout_ms)
    }
}

impl Section for TelemetrySettings {
    const NAME: &'static str = "telemetry";

    fn check(&self) -> Result<(), Fault> {
        if let Err(error) = tracing_subscriber::EnvFilter::try_new(&self.log) {
            return Err(Fault::new("log", format!("is no filter: {error}")));
        }
        let endpoint = self.otlp_endpoint.as_deref().unwrap_or("http://none");
        if !endpoint.starts_with("http://") && !endpoint.starts_with("https://") {
            return Err(Fault::new("otlp_endpoint", "starts with http:// or https://"));
        }
        if !(0.0..=1.0).contains(&self.sample_ratio) {
            return Err(Fault::new("sample_ratio", "is a share: 0 to 1"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_filter_that_is_none_and_an_endpoint_without_scheme_are_refused() {
        let good = TelemetrySettings::default();
        good.check().unwrap();
        let fault = TelemetrySettings {
            log: "info,strata=loud".into(),
            ..good.clone()
        }
        .check()
        .unwrap_err();
        assert_eq!(fault.key, "log");
        let fault = TelemetrySettings {
            otlp_endpoint: Some("localhost:4317".into()),
            ..good.clone()
        }
        .check()
        .unwrap_err();
        assert_eq!(fault.key, "otlp_endpoint");
        for no_share in [-0.1, 1.1, f64::NAN] {
            let fault = TelemetrySettings {
                sample_ratio: no_share,
                ..TelemetrySettings::default()
            }
            .check()
            .unwrap_err();
            assert_eq!(fault.key, "sample_ratio");
        }
    }
}
