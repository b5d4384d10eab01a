//! Runs and their steps, as data.
//!
//! A run is one case of a flow (a won deal, an employee, an invoice); a step is one act on one system. A step
//! is executed again until it is done, so each one must be safe to repeat: writes at vendors carry our key.
//! What a step did, its hand-offs, its events and the steps that follow are stored in one transaction.
//!
//! States of a step: `WAITING` (for other steps), `PENDING` (due at a time), `EXCEPTION` (a person must mend
//! something; looked at again from time to time, or at once when somebody says so), `DONE`.

mod commit;
mod execute;
mod outcome;
mod start;

pub(crate) use execute::{help, unknown, work_due};
pub(crate) use outcome::{Done, Problem, Stop, written};
pub(crate) use start::{NewRun, NewStep, insert, restart};

use std::collections::HashMap;

use serde_json::Value;
use strata_kernel::{Error, Result};
use strata_store::both;

use crate::core::Core;
use crate::store::rows::{RunRow, StepRow};
use crate::store::{lite, pg};

/// Kinds of run.
pub(crate) mod kind {
    pub(crate) const MOBILISE: &str = "mobilise";
    pub(crate) const WORKER: &str = "worker";
    pub(crate) const WORKER_RECORD: &str = "worker-record";
    pub(crate) const INTERNAL_PROJECT: &str = "internal-project";
    pub(crate) const TIME_ENTRY: &str = "time-entry";
    pub(crate) const EXPENSE: &str = "expense";
    pub(crate) const MILESTONE: &str = "milestone";
    pub(crate) const ACCEPTANCE: &str = "acceptance";
    pub(crate) const TIME_POSTING: &str = "time-posting";
    pub(crate) const INVOICE: &str = "invoice";
    pub(crate) const INVOICE_STATUS: &str = "invoice-status";
    pub(crate) const REVENUE: &str = "revenue";
    pub(crate) const INTERCOMPANY: &str = "intercompany";
}

/// A step under way, with its run.
pub(crate) struct Job<'a> {
    pub(crate) core: &'a Core,
    pub(crate) run: &'a RunRow,
    pub(crate) step: &'a StepRow,
}

impl Job<'_> {
    /// What the step is about, after the colon of its name: `psa-project:PR-1` is about "PR-1".
    pub(crate) fn subject(&self) -> &str {
        self.step.name.split_once(':').map_or("", |(_, subject)| subject)
    }

    /// Results of the run's steps that are done, by name.
    pub(crate) async fn results(&self) -> Result<HashMap<String, Value>> {
        let id = self.run.id.clone();
        let steps = self.core.db.read(move |c| both!(c, runs::steps(&id))).await?;
        let done = steps.into_iter().filter(|step| step.state == "DONE");
        done.map(|step| Ok((step.name, serde_json::from_str(&step.result).map_err(Error::internal)?)))
            .collect()
    }

    /// Vendor id that an earlier step of the run came to.
    pub(crate) async fn vendor_id(&self, step: &str) -> Result<String> {
        let results = self.results().await?;
        let id = results
            .get(step)
            .and_then(|result| result["vendor_id"].as_str())
            .unwrap_or_default();
        if id.is_empty() {
            return Err(Error::internal(format!(
                "run {}: step {step} has no vendor id yet",
                self.run.id
            )));
        }
        Ok(id.to_owned())
    }
}
