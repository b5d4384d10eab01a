//! The equation of the books: approved = posted + excepted + in flight, in the platform, the PSA and the ERP, to the minor unit. What
//! somebody damages is found by line, with what puts it right; what is on its way is no difference until it is overdue.

mod damage;
mod motion;

use serde_json::{Value, json};
use strata::Vendor;
use strata_contract::Transport;
use strata_contract::strata::error::v1::Reason;
use strata_contract::strata::process::exception::v1::exception_service_client::ExceptionServiceClient;
use strata_contract::strata::process::exception::v1::{Exception, ExceptionState, RetryExceptionRequest};
use strata_contract::strata::process::reconciliation::v1 as pb;
use strata_contract::strata::process::reconciliation::v1::reconciliation_service_client::ReconciliationServiceClient;
use strata_contract::strata::process::reconciliation::v1::{BalanceLine, BookKind, DifferenceKind, LineState, RepairKind};
use strata_sandbox::Fault;
use strata_store::Db;
use tonic::Code;

use crate::mini::{MONDAY, Mini, text};

pub(crate) fn desk(mini: &Mini) -> ReconciliationServiceClient<Transport> {
    ReconciliationServiceClient::new(mini.all.installation.process.clone())
}

pub(crate) async fn reconcile(mini: &Mini) -> pb::ReconcileBooksResponse {
    let request = pb::ReconcileBooksRequest {
        from_period: "2025-01".into(),
        to_period: "2025-02".into(),
    };
    desk(mini).reconcile_books(request).await.unwrap().into_inner()
}

/// Lines of January, in pages of two.
pub(crate) async fn lines(mini: &Mini, state: LineState) -> Vec<BalanceLine> {
    let (mut all, mut page_token) = (Vec::new(), String::new());
    loop {
        let request = pb::ListBalanceLinesRequest {
            page_size: 2,
            page_token,
            period: "2025-01".into(),
            state: state.into(),
            ..pb::ListBalanceLinesRequest::default()
        };
        let page = desk(mini).list_balance_lines(request).await.unwrap().into_inner();
        all.extend(page.lines);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            all.sort_by(|a, b| (a.kind, &a.reference, &a.line).cmp(&(b.kind, &b.reference, &b.line)));
            return all;
        }
    }
}

async fn cells(mini: &Mini) -> Vec<pb::Balance> {
    let request = pb::ListBalancesRequest {
        from_period: "2025-01".into(),
        to_period: "2025-01".into(),
        ..pb::ListBalancesRequest::default()
    };
    desk(mini).list_balances(request).await.unwrap().into_inner().balances
}

/// Kind, difference and the first thing that puts it right, of the lines that differ.
async fn damage(mini: &Mini) -> Vec<(BookKind, String, DifferenceKind, RepairKind)> {
    let found = lines(mini, LineState::Differs).await;
    let first = |line: &BalanceLine| line.repairs.first().map(pb::Repair::kind).unwrap_or_default();
    found
        .iter()
        .map(|line| (line.kind(), line.reference.clone(), line.difference(), first(line)))
        .collect()
}

pub(crate) fn repair(line: &BalanceLine, what: RepairKind, key: &str) -> pb::ApplyRepairRequest {
    pb::ApplyRepairRequest {
        request_id: key.to_owned(),
        actor: "eva@firm.example".into(),
        reason: "seen".into(),
        period: line.period.clone(),
        kind: line.kind,
        line: line.line.clone(),
        currency_code: line.currency_code.clone(),
        repair: what.into(),
        etag: line.etag.clone(),
    }
}

async fn open(mini: &Mini, cause: Reason) -> Vec<Exception> {
    let mut all = mini.exceptions().await;
    all.retain(|exception| exception.cause() == cause && exception.state() == ExceptionState::Open);
    all
}

/// States that a posting went through, with what look-ups said.
async fn history(mini: &Mini, key: &str) -> Vec<(String, String)> {
    let request = pb::ListPostingEventsRequest {
        key: key.to_owned(),
        ..pb::ListPostingEventsRequest::default()
    };
    let events = desk(mini).list_posting_events(request).await.unwrap().into_inner().events;
    events.into_iter().map(|event| (event.to_state, event.lookup)).collect()
}

fn went(states: &[(&str, &str)]) -> Vec<(String, String)> {
    states
        .iter()
        .map(|(state, lookup)| ((*state).to_owned(), (*lookup).to_owned()))
        .collect()
}

/// The record of an entry in the books.
pub(crate) async fn record(mini: &Mini, reference: &str) -> Value {
    let query = format!("SELECT id, externalid, employee, customer FROM timebill WHERE memo = '{reference}' ORDER BY id");
    mini.at.suiteql(&query).await[0].clone()
}

/// Three entries are approved and posted.
pub(crate) async fn worked() -> Mini {
    let mini = Mini::start().await;
    mini.sell("CT-1").await;
    mini.until(MONDAY, 10).await;
    for (day, minutes, reference) in [(MONDAY, 480, "TE-1"), ("2025-01-07", 300, "TE-2"), ("2025-01-08", 60, "TE-3")] {
        mini.work(day, minutes, reference).await;
    }
    mini.until("2025-01-09", 9).await;
    mini
}

/// January is worked, invoiced and recognised.
async fn lived() -> Mini {
    let mini = worked().await;
    for day in ["2025-02-05", "2025-02-06", "2025-02-08", "2025-02-09"] {
        mini.until(day, 19).await;
    }
    mini
}
