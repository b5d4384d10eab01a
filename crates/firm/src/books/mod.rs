//! The comparison of the books: what the generator computed by itself, against what stands in the ERP and what the platform says.
//!
//! Everything is compared by key first and value second, to the minor unit, and every difference is listed.

mod adjustments;
mod balance;
mod dashboards;
mod documents;
mod evidence;
mod exceptions;
mod fixed_fees;
mod intercompany;
mod kept;
mod payments;
mod projects;
mod read;
mod read_revenue;
mod receivables;
mod reconciliation;
mod report;
mod revenue;
#[cfg(test)]
mod tests;
mod unbilled;
mod utilization;

use std::path::Path;
use std::time::Instant;

pub use evidence::{
    Adjusted, AdjustmentKey, Booked, BookedCharge, BookedJournal, Cell, Charged, Dashboards, Evidence, Owed, PlatformDocument,
    PlatformPosition, PlatformRevenue, RaisedException, Reconciled, ShownMilestone, Utilized, Worked,
};
pub use report::{Counts, Difference, Report};

use crate::Result;
use crate::data::Firm;
use crate::director::{Stage, recorded_unbilled};

/// Reads the books and the platform, and compares them with what must have come out. `work` is the folder the director recorded
/// into. Last of all the time in the books is damaged, and the platform has to find it: what was read before is kept in the
/// folder, so that another start does not take damaged books for the books.
///
/// # Errors
/// When something cannot be read. A difference is no error.
pub async fn check(firm: &Firm, stage: &Stage, work: &Path) -> Result<Report> {
    let start = Instant::now();
    stage.read_clock().await?;
    let mut evidence = match kept::evidence(work)? {
        Some(evidence) => evidence,
        None => {
            let evidence = take(firm, stage, work).await?;
            kept::keep(work, &evidence)?;
            evidence
        }
    };
    let read = start.elapsed();
    let start = Instant::now();
    evidence.reconciled = reconciliation::damage_and_reconcile(firm, stage).await?;
    let reconciled = start.elapsed();
    let start = Instant::now();
    let mut report = compare(firm, &evidence);
    report.took("read", read);
    report.took("reconcile", reconciled);
    report.took("compare", start.elapsed());
    Ok(report)
}

/// Reads everything, before anybody damages anything.
async fn take(firm: &Firm, stage: &Stage, work: &Path) -> Result<Evidence> {
    let erp = &stage.people.erp;
    let documents = read::documents(erp).await?;
    Ok(Evidence {
        booked_adjustments: adjustments::booked(erp, &documents).await?,
        adjustments: adjustments::shown(stage).await?,
        documents,
        projects: read::projects(erp).await?,
        platform: read::platform_documents(stage).await?,
        exceptions: read::exceptions(stage).await?,
        unbilled: recorded_unbilled(work)?,
        utilization: utilization::read(firm, stage).await?,
        intercompany: intercompany::read(firm, stage).await?,
        booked_intercompany: intercompany::booked(erp).await?,
        receivables: receivables::read(stage).await?,
        journals: read_revenue::journals(erp).await?,
        revenue: read_revenue::revenue(stage).await?,
        positions: read_revenue::positions(firm, stage).await?,
        milestones: read::milestones(stage).await?,
        estimates: read::estimates(stage).await?,
        balances: balance::read(firm, stage).await?,
        dashboards: dashboards::read(stage).await?,
        reconciled: Reconciled::default(),
    })
}

/// Compares what was read with what must have come out.
#[must_use]
pub fn compare(firm: &Firm, evidence: &Evidence) -> Report {
    let mut report = Report::of(firm);
    for check in [
        documents::CHECK,
        projects::CHECK,
        unbilled::CHECK,
        exceptions::CHECK,
        payments::CHECK,
        revenue::CHECK,
        fixed_fees::MILESTONES,
        fixed_fees::ESTIMATES,
        adjustments::CHECK,
        utilization::CHECK,
        intercompany::CHECK,
        receivables::CHECK,
        reconciliation::CHECK,
        balance::CHECK,
        dashboards::CHECK,
    ] {
        // A check that found nothing to look at is shown too.
        report.counts(check);
    }
    documents::compare(firm, evidence, &mut report);
    projects::compare(firm, evidence, &mut report);
    unbilled::compare(firm, evidence, &mut report);
    exceptions::compare(firm, evidence, &mut report);
    payments::compare(firm, evidence, &mut report);
    revenue::compare(firm, evidence, &mut report);
    fixed_fees::compare(firm, evidence, &mut report);
    adjustments::compare(firm, evidence, &mut report);
    utilization::compare(firm, evidence, &mut report);
    intercompany::compare(firm, evidence, &mut report);
    receivables::compare(firm, evidence, &mut report);
    reconciliation::compare(firm, evidence, &mut report);
    balance::compare(evidence, &mut report);
    dashboards::compare(firm, evidence, &mut report);
    report
}
