//! The equation of the books: at the end of the year no cell may differ, before anybody damages anything.

use futures::FutureExt;
use strata_contract::strata::process::reconciliation::v1::{BookKind, ListBalancesRequest, ReconcileBooksRequest};
use strata_kernel::period_of;

use super::evidence::{Cell, Evidence};
use super::read::PAGE;
use super::report::{Record, Report};
use crate::data::Firm;
use crate::director::Stage;
use crate::{Error, Result};

/// Name of the check.
pub(super) const CHECK: &str = "balance";

/// Lets the platform compare every month with PSA and ERP, and reads its cells.
pub(super) async fn read(firm: &Firm, stage: &Stage) -> Result<Vec<Cell>> {
    let days = firm.time.entries.iter().map(|entry| entry.work_date);
    let Some(first) = days.min() else { return Ok(Vec::new()) };
    let (from, to) = (period_of(first), period_of(firm.manifest.as_of.max(first)));
    let mut client = stage.reconciliation.clone();
    let request = ReconcileBooksRequest {
        from_period: from.clone(),
        to_period: to.clone(),
    };
    let answer = client.reconcile_books(request).boxed().await;
    answer.map_err(Error::platform("ReconcileBooks"))?;
    let (mut cells, mut page_token) = (Vec::new(), String::new());
    loop {
        let request = ListBalancesRequest {
            page_size: PAGE,
            page_token,
            from_period: from.clone(),
            to_period: to.clone(),
            ..ListBalancesRequest::default()
        };
        let answer = client.list_balances(request).boxed().await;
        let answer = answer.map_err(Error::platform("ListBalances"))?.into_inner();
        for balance in answer.balances {
            let kind = match balance.kind() {
                BookKind::Unspecified => "unspecified",
                BookKind::Time => "time",
                BookKind::Document => "document",
                BookKind::Journal => "journal",
            };
            let difference = balance.difference.unwrap_or_default();
            cells.push(Cell {
                name: format!("{} {kind} {} {}", balance.period, balance.subject, balance.currency_code),
                differing: balance.differing,
                minutes: difference.minutes,
                minor_units: difference.minor_units,
            });
        }
        page_token = answer.next_page_token;
        if page_token.is_empty() {
            return Ok(cells);
        }
    }
}

pub(super) fn compare(evidence: &Evidence, report: &mut Report) {
    for cell in &evidence.balances {
        let mut record = Record::new(report, CHECK, &cell.name);
        record.text("lines that differ", 0, cell.differing);
        record.text("minutes too many", 0, cell.minutes);
        record.text("minor units too many", 0, cell.minor_units);
        record.done();
    }
}
