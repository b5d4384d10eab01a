//! Accounting periods, and whether they take postings of a subsidiary.
//!
//! Every subsidiary shares the periods. Closing one is for all of them, locking one may be for some: what is locked takes entries of
//! people with a special permission only, which the integration does not have.

use std::collections::HashSet;

use serde_json::Value;
use strata_contract::strata::common::v1::Malformed;
use strata_contract::strata::system::erp::v1 as pb;
use strata_contract::strata::system::erp::v1::PeriodState;
use strata_contract::{pb_date, require_date};
use strata_kernel::{Date, Result};
use strata_vendor_http::{Misfit, Reader};

use crate::client::Client;
use crate::fields::{LOCK_TABLE, LOCKS_EVERYTHING};
use crate::reference::keep;
use crate::suiteql;
use crate::wire::{flag, must, must_id};

/// A period as all subsidiaries share it. `state` is that of those it is not locked for.
#[derive(Debug)]
struct Shared {
    id: String,
    name: String,
    first: Date,
    last: Date,
    state: PeriodState,
}

/// Reads the periods of some subsidiaries. A firm has a few dozen: they are read at once.
pub(crate) async fn list(
    client: &Client,
    request: &pb::ListAccountingPeriodsRequest,
) -> Result<pb::ListAccountingPeriodsResponse> {
    let from = require_date(request.from_date.as_ref(), "from_date")?;
    let entities: Vec<&str> = request.legal_entity_ids.iter().map(String::as_str).collect();
    let rows = client.query_all(&periods_sql(from)).await?;
    let mut malformed = Vec::new();
    let periods: Vec<Shared> = keep(&rows, "accounting_period", &mut malformed, shared)
        .into_iter()
        .flatten()
        .collect();
    let rows = client.query_all(&locks_sql(&entities)).await?;
    let locks = locks(&rows, &mut malformed);
    let of = |entity: &str| {
        let period = |period: &Shared| pb::AccountingPeriod {
            id: period.id.clone(),
            legal_entity_id: entity.to_owned(),
            name: period.name.clone(),
            first_date: Some(pb_date(period.first)),
            last_date: Some(pb_date(period.last)),
            state: state(period, locks.contains(&(period.id.clone(), entity.to_owned()))).into(),
        };
        periods.iter().map(period).collect::<Vec<_>>()
    };
    Ok(pb::ListAccountingPeriodsResponse {
        accounting_periods: entities.into_iter().flat_map(of).collect(),
        malformed,
    })
}

fn periods_sql(from: Date) -> String {
    format!(
        "SELECT id, periodname, startdate, enddate, closed, alllocked, isadjust, isquarter, isyear FROM accountingperiod \
         WHERE enddate >= TO_DATE('{from}', 'YYYY-MM-DD') ORDER BY startdate, id"
    )
}

fn locks_sql(entities: &[&str]) -> String {
    format!(
        "SELECT id, period, subsidiary, complete FROM {LOCK_TABLE} WHERE itemtype = {} AND subsidiary IN {} ORDER BY id",
        suiteql::text(LOCKS_EVERYTHING),
        suiteql::list(entities.iter().copied())
    )
}

/// None: it only groups others, or is for adjustments.
fn shared(row: Reader<'_>) -> Result<Option<Shared>, Misfit> {
    for group in ["isadjust", "isquarter", "isyear"] {
        if flag(row, group)?.unwrap_or(false) {
            return Ok(None);
        }
    }
    let state = if flag(row, "closed")?.unwrap_or(false) {
        PeriodState::Closed
    } else if flag(row, "alllocked")?.unwrap_or(false) {
        PeriodState::SoftClosed
    } else {
        PeriodState::Open
    };
    let (first, last) = (
        Reader::required("startdate", row.day("startdate"))?,
        Reader::required("enddate", row.day("enddate"))?,
    );
    if last < first {
        return Err(Misfit::new("enddate", "a day that is not before startdate"));
    }
    Ok(Some(Shared {
        id: must_id(row, "id")?,
        name: must(row, "periodname")?,
        first,
        last,
        state,
    }))
}

/// Periods that are locked, each with the subsidiary it is locked for.
fn locks(rows: &[Value], malformed: &mut Vec<Malformed>) -> HashSet<(String, String)> {
    let lock = |row: Reader<'_>| {
        let complete = flag(row, "complete")?.unwrap_or(false);
        Ok(complete.then_some((must_id(row, "period")?, must_id(row, "subsidiary")?)))
    };
    keep(rows, "period_lock", malformed, lock).into_iter().flatten().collect()
}

fn state(period: &Shared, locked: bool) -> PeriodState {
    match period.state {
        PeriodState::Open if locked => PeriodState::SoftClosed,
        state => state,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;

    fn row(changed: &Value) -> Value {
        let mut row = json!({"id": "7", "periodname": "Mar 2025", "startdate": "2025-03-01", "enddate": "2025-03-31", "closed": "F",
            "alllocked": "F", "isadjust": "F", "isquarter": "F", "isyear": "F"});
        row.as_object_mut().unwrap().extend(changed.as_object().unwrap().clone());
        row
    }

    fn read(changed: &Value) -> Result<Option<Shared>, Misfit> {
        shared(Reader(&row(changed)))
    }

    #[test]
    fn closed_is_for_all_and_locked_is_soft() {
        let state_of = |changed: Value| read(&changed).unwrap().unwrap().state;
        assert_eq!(state_of(json!({})), PeriodState::Open);
        assert_eq!(state_of(json!({"closed": null, "alllocked": null})), PeriodState::Open);
        assert_eq!(state_of(json!({"alllocked": "T"})), PeriodState::SoftClosed);
        assert_eq!(state_of(json!({"alllocked": "T", "closed": "T"})), PeriodState::Closed);
        let (open, closed) = (
            read(&json!({})).unwrap().unwrap(),
            read(&json!({"closed": "T"})).unwrap().unwrap(),
        );
        assert_eq!(state(&open, true), PeriodState::SoftClosed);
        assert_eq!(
            (state(&open, false), state(&closed, true)),
            (PeriodState::Open, PeriodState::Closed)
        );
    }

    #[test]
    fn what_groups_periods_is_none() {
        for group in ["isadjust", "isquarter", "isyear"] {
            assert!(read(&json!({group: "T"})).unwrap().is_none(), "{group}");
        }
        assert_eq!(read(&json!({"enddate": "2025-02-28"})).unwrap_err().field, "enddate");
        assert_eq!(read(&json!({"closed": "perhaps"})).unwrap_err().field, "closed");
    }

    #[test]
    fn a_task_that_is_not_done_locks_nothing() {
        let mut malformed = Vec::new();
        let rows = [
            json!({"id": "1", "period": "7", "subsidiary": 2, "complete": "T"}),
            json!({"id": "2", "period": "8", "subsidiary": "2", "complete": "F"}),
            json!({"id": "3", "subsidiary": "2", "complete": "T"}),
        ];
        assert_eq!(
            locks(&rows, &mut malformed),
            HashSet::from([("7".to_owned(), "2".to_owned())])
        );
        assert_eq!(
            (malformed[0].vendor_id.as_str(), malformed[0].field.as_str()),
            ("3", "period")
        );
    }
}
