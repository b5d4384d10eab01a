//! Work across companies, as a report.

use std::collections::HashMap;

use strata_contract::pb_money;
use strata_contract::strata::process::intercompany::v1::IntercompanyCharge;
use strata_kernel::{Currency, Date, Money, Result};
use strata_store::both;

use super::work::{self, PairMonth};
use crate::approved::Asked;
use crate::core::Core;
use crate::months::Month;
use crate::store::{lite, pg};

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
    let mut found = work::read(core, asked, known).await?;
    let (from, to) = (first.code(), last.code());
    let rows = core
        .db
        .read(move |c| both!(c, intercompany::charged(&from, &to, known)))
        .await?;
    let mut charged: HashMap<PairMonth, Money> = HashMap::new();
    for row in rows {
        let before = Money::new(row.minor_units, Currency::parse(&row.currency_code)?);
        let key = PairMonth {
            delivering: row.delivering_entity_code,
            contracting: row.contracting_entity_code,
            period: row.work_period,
        };
        let sum = charged.entry(key).or_insert(Money::zero(before.currency));
        *sum = sum.plus(before)?;
    }
    for (pair, charged) in &charged {
        // What was charged stays in sight when nothing is left of the work.
        found.sums.entry(pair.clone()).or_insert_with(|| work::Sum {
            minutes: 0,
            amount: Money::zero(charged.currency),
            entries: 0,
            unpriced: 0,
        });
    }
    let charge = |(pair, sum): (PairMonth, work::Sum)| {
        let charged = charged.get(&pair).copied().unwrap_or(Money::zero(sum.amount.currency));
        IntercompanyCharge {
            delivering_entity_code: pair.delivering,
            contracting_entity_code: pair.contracting,
            period: pair.period,
            minutes: sum.minutes,
            amount: Some(pb_money(sum.amount)),
            entries: sum.entries,
            unpriced_entries: sum.unpriced,
            charged: Some(pb_money(charged)),
        }
    };
    Ok(found.sums.into_iter().map(charge).collect())
}
