//! Work across companies, as a report.

use std::collections::{BTreeSet, HashMap};

use strata_contract::pb_money;
use strata_contract::strata::common::v1::Money as PbMoney;
use strata_contract::strata::process::intercompany::v1::{ChargePosting, IntercompanyCharge};
use strata_contract::strata::system::erp::v1::Journal;
use strata_kernel::{Currency, Date, Money, Result};
use strata_store::both;

use super::journal::{self, Side};
use super::work::{self, PairMonth};
use crate::approved::Asked;
use crate::core::Core;
use crate::months::Month;
use crate::periods;
use crate::store::rows::ChargeRow;
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
    let keys: BTreeSet<String> = rows.iter().map(journal_key).collect();
    let journals = periods::booked_on(core, keys.into_iter().collect()).await?;
    let mut charged: HashMap<PairMonth, Money> = HashMap::new();
    let mut postings: HashMap<PairMonth, Vec<ChargePosting>> = HashMap::new();
    for row in rows {
        let journal = journals.get(&journal_key(&row));
        let posting = posting(&row, journal);
        let before = Money::new(row.minor_units, Currency::parse(&row.currency_code)?);
        let key = PairMonth {
            delivering: row.delivering_entity_code,
            contracting: row.contracting_entity_code,
            period: row.work_period,
        };
        postings.entry(key.clone()).or_default().push(posting);
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
        let mut postings = postings.remove(&pair).unwrap_or_default();
        postings.sort_by(|a, b| a.run_period.cmp(&b.run_period));
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
            postings,
        }
    };
    Ok(found.sums.into_iter().map(charge).collect())
}

/// Both journals of a charge are on the same day: one of them is asked.
fn journal_key(row: &ChargeRow) -> String {
    journal::key_of(
        &row.delivering_entity_code,
        &row.contracting_entity_code,
        &row.run_period,
        Side::Delivering,
    )
}

/// A charge of minutes without a price has no journal of its own, or no line in that of its run.
fn posting(row: &ChargeRow, journal: Option<&Journal>) -> ChargePosting {
    let journal = journal.filter(|_| row.minor_units != 0);
    ChargePosting {
        run_period: row.run_period.clone(),
        amount: Some(PbMoney {
            currency_code: row.currency_code.clone(),
            minor_units: row.minor_units,
        }),
        posting_date: journal.and_then(|journal| journal.posting_date),
        original_period: journal.map(|journal| journal.original_period.clone()).unwrap_or_default(),
    }
}
