//! Approved time -> postings in the books -> invoice -> what is paid.

mod actuals;
mod adjustments;
mod apply;
mod cap;
mod compare;
mod compute;
mod consider;
mod cost;
mod erp_document;
pub(crate) mod exchange;
mod held;
pub(crate) mod ledger;
mod look_up;
pub(crate) mod once;
mod post;
mod prepare;
pub(crate) mod preview;
mod pricing;
mod receivables;
mod schedule;
mod send;
mod settle;
mod status;
mod unbilled;
pub(crate) mod value;
pub(crate) mod work;
pub(crate) mod work_of;

pub(crate) use actuals::project_actuals;
pub(crate) use adjustments::adjustments;
pub(crate) use apply::apply;
pub(crate) use compare::of_document;
pub(crate) use held::look_up_held;
pub(crate) use look_up::look_up_unknown;
pub(crate) use prepare::{Rates, Version, key as time_key, prepare, prepare_one, store as prepare_some};
pub(crate) use pricing::{Pricing, read as read_pricing};
pub(crate) use receivables::receivables;
pub(crate) use schedule::{INVOICE_DAY, advance_runs, schedule};
pub(crate) use send::send;
pub(crate) use status::{StatusRuns, status_step};
pub(crate) use unbilled::{unbilled_time, versions};

use crate::engine::{Done, Job, Stop, unknown};

/// Kind of posting: approved time, invoices and credit memos, journals.
pub(crate) mod posting {
    pub(crate) const TIME: &str = "time";
    pub(crate) const DOCUMENT: &str = "document";
    pub(crate) const JOURNAL: &str = "journal";
}

/// Legal entities that a list is asked for: those of the request, else those that the caller is confined to. Empty: all.
pub(crate) fn entities(asked: Vec<String>) -> Vec<String> {
    if asked.is_empty() {
        return strata_rpc::own().legal_entities.unwrap_or_default().into_iter().collect();
    }
    asked
}

pub(crate) async fn invoice_step(job: &Job<'_>) -> Result<Done, Stop> {
    match job.step.name.as_str() {
        "compute" => compute::compute(job).await,
        "post" => post::post(job).await,
        _ => Err(unknown(job.run, job.step)),
    }
}
