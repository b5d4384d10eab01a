//! The vendor's records outside of a call: for whoever has an answer of the vendor as a file, or measures how fast it is read.

use strata_contract::strata::system::psa::v1::TimeEntry;
use strata_kernel::{Error, Result};

use crate::fields::TIME_ENTRIES;
use crate::map;
use crate::wire::Envelope;

/// The time entries of an answer of `GET time_entries` with `timesheet_submission` and `custom_field_values` beside them, in its order.
///
/// # Errors
/// When it is no such answer, or a record does not fit the contract; the error names the field.
pub fn time_entries(answer: &[u8]) -> Result<Vec<TimeEntry>> {
    let body = serde_json::from_slice(answer).map_err(|_| Error::invalid("answer", "must be JSON"))?;
    let envelope = Envelope::read(body, TIME_ENTRIES)?;
    let entry = |(_, row)| map::time_entry(&envelope, row).map_err(|misfit| Error::invalid(misfit.field, misfit.expected));
    envelope.rows().map(entry).collect()
}
