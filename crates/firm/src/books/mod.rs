//! The comparison of the books: what the generator computed by itself, against what stands in the ERP and what the platform says.
//!
//! Everything is compared by key first and value second, to the minor unit, and every difference is listed.

mod documents;
mod evidence;
mod exceptions;
mod fixed_fees;
mod payments;
mod projects;
mod read;
mod read_revenue;
mod report;
mod revenue;
#[cfg(test)]
mod tests;
mod unbilled;

use std::path::Path;
use std::time::Instant;

pub use evidence::{
    Booked, BookedJournal, Evidence, PlatformDocument, PlatformPosition, PlatformRevenue, RaisedException, ShownMilestone, Worked,
};
pub use report::{Counts, Difference, Report};

use crate::Result;
use crate::data::Firm;
use crate::director::{Stage, recorded_unbilled};

/// Reads the books and the platform, and compares them with what must have come out. `work` is the folder the director recorded
/// into.
///
/// # Errors
/// When something cannot be read. A difference is no error.
pub async fn check(firm: &Firm, stage: &Stage, work: &Path) -> Result<Report> {
    let start = Instant::now();
    stage.read_clock().await?;
    let evidence = Evidence {
        documents: read::documents(&stage.people.erp).await?,
        projects: read::projects(&stage.people.erp).await?,
        platform: read::platform_documents(stage).await?,
        exceptions: read::exceptions(stage).await?,
        unbilled: recorded_unbilled(work)?,
        journals: read_revenue::journals(&stage.people.erp).await?,
        revenue: read_revenue::revenue(stage).await?,
        positions: read_revenue::positions(firm, stage).await?,
        milestones: read::milestones(stage).await?,
        estimates: read::estimates(stage).await?,
    };
    let read = start.elapsed();
    let start = Instant::now();
    let mut report = compare(firm, &evidence);
    report.took("read", read);
    report.took("compare", start.elapsed());
    Ok(report)
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
    report
}
