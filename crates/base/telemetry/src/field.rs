//! Names of fields on spans and log lines. One word per idea, everywhere the same.

/// Follows one cause through every tier, outbox, bus and vendor call.
pub const CORRELATION_ID: &str = "correlation.id";
/// Vendor that is called: `salesforce`, `kantata-ox`, `netsuite`, `workday`.
pub const VENDOR_NAME: &str = "vendor.name";
/// Configured connection to a vendor.
pub const CONNECTION_ID: &str = "connection.id";
/// Run of a process.
pub const RUN_ID: &str = "run.id";
/// Step of a run, by its stable name.
pub const STEP_NAME: &str = "step.name";
/// Engagement that the work is about.
pub const ENGAGEMENT_ID: &str = "engagement.id";
/// Posting in the ledger.
pub const POSTING_KEY: &str = "posting.key";
/// Item of the exception queue.
pub const EXCEPTION_ID: &str = "exception.id";
/// Event in the outbox.
pub const EVENT_ID: &str = "event.id";
/// Stable reason of a refusal, `strata.error.v1.Reason` without its prefix.
pub const ERROR_REASON: &str = "error.reason";
/// `error.type` of OpenTelemetry: the status code of a failed call, as text.
pub const ERROR_TYPE: &str = "error.type";
/// `package.Service/Method`.
pub const RPC_METHOD: &str = "rpc.method";
/// Status code of a call, as text: `NOT_FOUND`.
pub const RPC_STATUS: &str = "rpc.response.status_code";
