//! Reasons this crate refuses with. Stable: programs act on them, people look them up.

use strata_kernel::Reason;

/// A number left its exact range.
pub const AMOUNT_OVERFLOW: Reason = "AMOUNT_OVERFLOW";
/// The exchange rate is zero or negative.
pub const FX_RATE_INVALID: Reason = "FX_RATE_INVALID";
/// There is no exchange rate on or before the day.
pub const FX_RATE_MISSING: Reason = "FX_RATE_MISSING";
/// The newest exchange rate is older than the entity allows.
pub const FX_RATE_STALE: Reason = "FX_RATE_STALE";
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
