//! Work across companies, as a report.

use strata_contract::pb_money;
use strata_contract::strata::process::intercompany::v1::IntercompanyCharge;
use strata_kernel::{Date, Result};

use super::work;
use crate::approved::Asked;
use crate::core::Core;
use crate::months::Month;

/// Sums by pair and month, as known on a day.
pub(crate) async fn list(core: &Core, months: &[Month], known: Date) -> Result<Vec<IntercompanyCharge>> {
    let (Some(first), Some(last)) = (months.first(), months.last()) else {
        return Ok(Vec::new());
    };
    let asked = Asked {
        from: first.first,
        to: last.last,
        known,
    };
    let found = work::read(core, asked).await?;
    let charge = |(pair, sum): (work::PairMonth, work::Sum)| IntercompanyCharge {
        delivering_entity_code: pair.delivering,
        contracting_entity_code: pair.contracting,
        period: pair.period,
        minutes: sum.minutes,
        amount: Some(pb_money(sum.amount)),
        entries: sum.entries,
        unpriced_entries: sum.unpriced,
    };
    Ok(found.sums.into_iter().map(charge).collect())
}
