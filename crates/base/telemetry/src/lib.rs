//! Logs, traces and metrics. A bin calls [`init`] once and keeps the [`Guard`] until it ends;
//! everybody else uses `tracing` and the names in [`field`] and [`metric`].
//!
//! Nothing leaves the machine unless an OTLP endpoint is configured; logs go to stderr, as JSON, or
//! in a form for people when stderr is a terminal.
//!
//! What is never logged: credentials, bodies of vendor messages, pay of a person.

mod correlation;
pub mod field;
mod json;
pub mod metric;
mod pipeline;
mod settings;
mod trace;

pub use correlation::{CORRELATION_HEADER, CorrelationId};
pub use pipeline::{Guard, TelemetryError, init};
pub use settings::{Format, TelemetrySettings};
pub use trace::trace_parent;
