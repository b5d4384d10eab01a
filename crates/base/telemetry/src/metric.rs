//! Names of metrics, with their unit.

/// Duration of a call as the server saw it, in seconds. Name and buckets of the OpenTelemetry rpc conventions.
pub const RPC_SERVER_DURATION: &str = "rpc.server.call.duration";
/// Duration of a call as the client saw it, in seconds.
pub const RPC_CLIENT_DURATION: &str = "rpc.client.call.duration";
/// Calls that took longer than their contract promises, by method.
pub const RPC_SERVER_LATE: &str = "rpc.server.call.late";
/// Calls by package of the contract and consumer: who calls which version.
pub const CONTRACT_CALLS: &str = "contract.calls";
/// Calls of deprecated methods, by method and consumer.
pub const DEPRECATED_CALLS: &str = "contract.deprecated.calls";
/// Age of the oldest outbox row not yet delivered, in seconds.
pub const OUTBOX_OLDEST_AGE: &str = "outbox.oldest.age";
/// Open items of the exception queue, by cause.
pub const EXCEPTION_OPEN: &str = "exception.open";
/// Calls used of a vendor's quota, by vendor and limit.
pub const VENDOR_QUOTA_USED: &str = "vendor.quota.used";
/// A vendor's quota, by vendor and limit.
pub const VENDOR_QUOTA_LIMIT: &str = "vendor.quota.limit";
/// Time since a vendor's changes were last read to the end, in seconds, by object.
pub const SYNC_LAG: &str = "sync.lag";
/// Lines that two sides of a reconciliation disagree on, by kind.
pub const RECONCILIATION_MISMATCH: &str = "reconciliation.mismatch";

/// Bucket borders of call durations in seconds, from the rpc conventions.
pub const DURATION_BUCKETS: [f64; 14] = [
    0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0,
];
