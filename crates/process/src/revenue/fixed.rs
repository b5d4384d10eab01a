//! What is known of fixed fees: accepted milestones, and estimates of the work in all.

use std::collections::BTreeSet;

use strata_kernel::{Date, Money, Result};

use super::agreement::{Agreement, Measure};
use crate::core::Core;

/// Milestones accepted until a day, each with its amount.
pub(super) async fn accepted(_core: &Core, agreement: &Agreement, _until: Date) -> Result<Vec<(String, Money)>> {
    if agreement.measure != Measure::Milestone {
        return Ok(Vec::new());
    }
    Ok(Vec::new())
}

/// Minutes that the projects of a contract take in all, by the newest estimate of each that was made until a day. None: one of
/// them was not estimated by then.
pub(super) async fn estimated_minutes(
    _core: &Core,
    _agreement: &Agreement,
    _worked: BTreeSet<String>,
    _known_on: Date,
) -> Result<Option<i64>> {
    Ok(None)
}
