//! What comes late goes into a later accounting period: journals and time whose own period is closed are posted on the first day of
//! the next open one of their legal entity, under the same key.
//!
//! The rule is [`strata_finance::period`]; the ERP says which periods there are, and has the last word by refusing. Periods are asked
//! for when they are needed and never stored: finance closes and opens them whenever it wants to. What moves is changed in the
//! ledger before it is sent again, and only after the books said that they do not hold it.

mod journal;
mod time;

pub(crate) use journal::{agreed, booked_on, later};
pub(crate) use time::later_time;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDateTime;
use strata_contract::strata::system::erp::v1 as erp;
use strata_contract::{pb_date, require_date};
use strata_finance::period::{Period, PeriodState};
use strata_kernel::{Date, Error, Result, period_of};
use strata_rpc::error;
use tracing::warn;

use crate::closes::freeze;
use crate::core::Core;
use crate::engine::Stop;
use crate::xrefs;

/// Periods by code of the legal entity.
pub(crate) type Periods = HashMap<String, Vec<Period>>;

/// Whether the books refused a posting because of its day.
pub(crate) fn is_refusal(stop: &Stop) -> bool {
    matches!(stop, Stop::Exception(problem) if problem.cause == strata_finance::reason::PERIOD_CLOSED)
}

/// Periods of legal entities from a day on. An entity that the ERP does not have is left out, and so are all of them when the ERP
/// cannot list periods: then nothing moves.
///
/// A month that somebody closes here counts as closed for what was intended after it was frozen, as `intended_at` says.
pub(crate) async fn of(core: &Core, codes: &BTreeSet<&str>, from: Date, intended_at: NaiveDateTime) -> Result<Periods> {
    let system = &core.systems().await?.erp;
    let ids = xrefs::find(core, system, xrefs::kind::LEGAL_ENTITY, codes.iter().copied()).await?;
    if ids.is_empty() {
        return Ok(Periods::new());
    }
    let code_of: BTreeMap<&str, &str> = ids.iter().map(|(code, id)| (id.as_str(), code.as_str())).collect();
    let request = erp::ListAccountingPeriodsRequest {
        legal_entity_ids: code_of.keys().map(|id| (*id).to_owned()).collect(),
        from_date: Some(pb_date(from)),
    };
    let answer = core.clients.erp.clone().list_accounting_periods(request).await.map_err(error);
    let answer = match answer {
        Ok(answer) => answer.into_inner(),
        Err(cause) if cause.reason == "UNSUPPORTED_OPERATION" => return Ok(Periods::new()),
        Err(cause) => return Err(cause),
    };
    for broken in &answer.malformed {
        warn!(vendor_id = %broken.vendor_id, field = %broken.field, expected = %broken.expected, "a period does not fit");
    }
    let frozen = freeze::read(core).await?;
    let mut periods = Periods::new();
    for row in &answer.accounting_periods {
        let Some(code) = code_of.get(row.legal_entity_id.as_str()) else {
            continue;
        };
        let period = period(row)?.map(|period| match frozen.is_closed(&period_of(period.from), code, intended_at) {
            true => Period {
                state: PeriodState::Closed,
                ..period
            },
            false => period,
        });
        periods.entry((*code).to_owned()).or_default().extend(period);
    }
    Ok(periods)
}

/// None: nobody said whether it takes postings.
fn period(row: &erp::AccountingPeriod) -> Result<Option<Period>> {
    let state = match row.state() {
        erp::PeriodState::Future => PeriodState::Future,
        erp::PeriodState::Open => PeriodState::Open,
        erp::PeriodState::SoftClosed => PeriodState::SoftClosed,
        erp::PeriodState::Closed => PeriodState::Closed,
        erp::PeriodState::Unspecified => return Ok(None),
    };
    let last = require_date(row.last_date.as_ref(), "last_date")?;
    Ok(Some(Period {
        code: row.name.clone(),
        from: require_date(row.first_date.as_ref(), "first_date")?,
        to: last.succ_opt().ok_or_else(|| Error::internal("the calendar ends"))?,
        state,
    }))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_last_day_is_part_of_a_period() {
        let day = |text: &str| Some(pb_date(text.parse().unwrap()));
        let mut row = erp::AccountingPeriod {
            name: "Mar 2025".into(),
            first_date: day("2025-03-01"),
            last_date: day("2025-03-31"),
            state: erp::PeriodState::SoftClosed.into(),
            ..erp::AccountingPeriod::default()
        };
        let read = period(&row).unwrap().unwrap();
        assert_eq!((read.code.as_str(), read.state), ("Mar 2025", PeriodState::SoftClosed));
        assert_eq!(
            (read.from.to_string(), read.to.to_string()),
            ("2025-03-01".into(), "2025-04-01".into())
        );
        row.state = 0;
        assert_eq!(period(&row).unwrap(), None);
    }
}
