//! How many exceptions there are of each cause and owner, and what is at stake.

use std::collections::BTreeMap;

use chrono::NaiveDateTime;
use strata_contract::pb_instant;
use strata_contract::strata::common::v1::Money;
use strata_contract::strata::process::exception::v1 as pb;
use strata_kernel::{Error, Instant, Kind, Result};
use strata_store::{Conn, both};

use super::list::Filter;
use super::{policy, show};
use crate::store::rows::ExceptionRow;
use crate::store::{lite, pg};

/// Rows read at a time.
const BATCH: i64 = 1000;

#[derive(Default)]
struct Sum {
    count: u32,
    overdue: u32,
    oldest: Option<NaiveDateTime>,
    amounts: BTreeMap<String, i64>,
    without_amount: u32,
}

/// Groups of what fits a filter: what blocks before what warns, then the largest first.
pub(crate) fn group(conn: &mut Conn<'_>, asked: &Filter, now: Instant) -> Result<Vec<pb::ExceptionGroup>> {
    let mut sums: BTreeMap<(String, String), Sum> = BTreeMap::new();
    let mut after = None;
    loop {
        let rows = both!(conn, exceptions::list(asked, after.as_ref(), BATCH))?;
        let Some(last) = rows.last() else { break };
        after = Some((last.due_at, last.id.clone()));
        for row in &rows {
            let sum = sums.entry((row.cause.clone(), row.owner_role.clone())).or_default();
            add(sum, row, now.naive_utc())?;
        }
    }
    let mut groups: Vec<pb::ExceptionGroup> = sums.into_iter().map(message).collect();
    groups.sort_by_key(|group| (std::cmp::Reverse(group.severity), std::cmp::Reverse(group.count)));
    Ok(groups)
}

fn add(sum: &mut Sum, row: &ExceptionRow, now: NaiveDateTime) -> Result<()> {
    sum.count += 1;
    sum.overdue += u32::from(row.state == "OPEN" && row.due_at < now);
    sum.oldest = Some(sum.oldest.map_or(row.opened_at, |oldest| oldest.min(row.opened_at)));
    if row.currency_code.is_empty() {
        sum.without_amount += 1;
        return Ok(());
    }
    let amount = sum.amounts.entry(row.currency_code.clone()).or_default();
    let total = amount.checked_add(row.minor_units);
    let text = "the amounts at stake are too large to be added; ask for fewer of them";
    *amount = total.ok_or_else(|| Error::new(Kind::InvalidArgument, "AMOUNT_OVERFLOW", text))?;
    Ok(())
}

fn message(((cause, owner), sum): ((String, String), Sum)) -> pb::ExceptionGroup {
    let policy = policy::of(&cause);
    let amounts = sum.amounts.into_iter().map(|(currency_code, minor_units)| Money {
        currency_code,
        minor_units,
    });
    pb::ExceptionGroup {
        cause: show::cause(&cause).into(),
        owner_role: show::owner_role(&owner).into(),
        severity: policy.severity.into(),
        count: sum.count,
        overdue: sum.overdue,
        oldest_open_time: sum.oldest.map(|at| pb_instant(at.and_utc())),
        amounts: amounts.collect(),
        without_amount: sum.without_amount,
        next_step: policy.next_step.clone(),
    }
}
