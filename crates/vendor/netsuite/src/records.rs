//! The vendor's records outside of a call: for whoever wants to see what would be sent, or measures how fast it is written.

use strata_contract::strata::system::erp::v1::TimePosting;
use strata_kernel::Result;

use crate::time::posting;

/// The `timeBill` record of a posting, as JSON.
///
/// # Errors
/// When a day or an amount does not fit.
pub fn time_bill(posting: &TimePosting) -> Result<Vec<u8>> {
    Ok(posting::record(posting)?.to_string().into_bytes())
}
