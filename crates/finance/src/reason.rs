//! Reasons this crate refuses with. Stable: programs act on them, people look them up.

use strata_kernel::Reason;

/// A number left its exact range.
pub const AMOUNT_OVERFLOW: Reason = "AMOUNT_OVERFLOW";
/// Two systems say different things of an attribute that only one of them owns.
pub const ATTRIBUTE_CONFLICT: Reason = "ATTRIBUTE_CONFLICT";
/// The cap is below what is billed already.
pub const CAP_BELOW_BILLED: Reason = "CAP_BELOW_BILLED";
/// A cap is passed, or will be with work left.
pub const CAP_WARNING: Reason = "CAP_WARNING";
/// The currency cannot be billed in.
pub const CURRENCY_UNSUPPORTED: Reason = "CURRENCY_UNSUPPORTED";
/// The customer has no number in the ERP.
pub const CUSTOMER_NOT_LINKED: Reason = "CUSTOMER_NOT_LINKED";
/// More of a deposit is recalled than is left of it.
pub const DEPOSIT_INSUFFICIENT: Reason = "DEPOSIT_INSUFFICIENT";
/// The estimate at completion is below what is spent already.
pub const EAC_BELOW_ACTUAL: Reason = "EAC_BELOW_ACTUAL";
/// There is no estimate at completion to measure progress by.
pub const EAC_MISSING: Reason = "EAC_MISSING";
/// The exchange rate is zero or negative.
pub const FX_RATE_INVALID: Reason = "FX_RATE_INVALID";
/// There is no exchange rate on or before the day.
pub const FX_RATE_MISSING: Reason = "FX_RATE_MISSING";
/// The newest exchange rate is older than the entity allows.
pub const FX_RATE_STALE: Reason = "FX_RATE_STALE";
/// A key was used before, for other content.
pub const IDEMPOTENCY_CONFLICT: Reason = "IDEMPOTENCY_CONFLICT";
/// The state does not allow the event.
pub const INVALID_TRANSITION: Reason = "INVALID_TRANSITION";
/// A won sale was opened again: nothing is undone, a person decides.
pub const OPPORTUNITY_REOPENED: Reason = "OPPORTUNITY_REOPENED";
/// The accounting period is closed, and the date cannot move.
pub const PERIOD_CLOSED: Reason = "PERIOD_CLOSED";
/// The accounting period is not open yet.
pub const PERIOD_NOT_OPEN: Reason = "PERIOD_NOT_OPEN";
/// The ERP lacks what a project's bills are posted with.
pub const PROJECT_MISSING_ERP_STRUCTURE: Reason = "PROJECT_MISSING_ERP_STRUCTURE";
/// Two rate lines match and neither is stronger.
pub const RATE_AMBIGUOUS: Reason = "RATE_AMBIGUOUS";
/// Only rate lines in other currencies match.
pub const RATE_CURRENCY_MISMATCH: Reason = "RATE_CURRENCY_MISMATCH";
/// No rate line matches.
pub const RATE_NOT_FOUND: Reason = "RATE_NOT_FOUND";
/// A receipt is required above the limit.
pub const RECEIPT_MISSING: Reason = "RECEIPT_MISSING";
/// A sale inside the European Union needs the buyer's valid VAT id.
pub const TAX_REGISTRATION_MISSING: Reason = "TAX_REGISTRATION_MISSING";
/// The time is on an invoice already.
pub const TIME_ALREADY_INVOICED: Reason = "TIME_ALREADY_INVOICED";
/// The time is not approved.
pub const TIME_NOT_APPROVED: Reason = "TIME_NOT_APPROVED";
/// Two time entries of a person overlap.
pub const TIME_OVERLAP: Reason = "TIME_OVERLAP";
