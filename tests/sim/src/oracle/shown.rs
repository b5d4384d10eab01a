//! What the other systems show: one project per sale, our ids on the deal, and each invoice as the books have it.

use super::Seen;
use super::rows::{Rows, text};

pub(super) fn judge(seen: &Seen<'_>, rows: &Rows) {
    let won = seen.contracts.len();
    for kind in ["contract", "project"] {
        let made = seen.vendors.erp.made(kind);
        seen.must(made == won, || {
            format!("the ERP has {made} records of {kind}, {won} were sold")
        });
    }
    let mut projects = seen.vendors.psa.projects();
    projects.sort();
    let sold: Vec<(String, usize)> = seen
        .contracts
        .iter()
        .map(|contract| (contract.replace("CT-", "PR-"), 2))
        .collect();
    seen.must(projects == sold, || {
        format!("the PSA has projects {projects:?}, sold were {sold:?}")
    });
    let recorded = seen.vendors.crm.recorded();
    for contract in seen.contracts {
        let ids = recorded.get(contract).map_or(0, |said| said.psa_project_ids.len());
        seen.must(ids == 1, || format!("the deal of {contract} says {ids} projects"));
    }
    let (statuses, invoices) = (seen.vendors.crm.shown(), seen.vendors.psa.invoices());
    let standing = seen.vendors.erp.books(|books| books.standing.clone());
    for row in &rows.documents {
        let (key, open) = (
            text(row, 0),
            standing.get(text(row, 4)).and_then(|document| document.open.clone()),
        );
        let open = open.map(|open| open.minor_units);
        let sales = statuses
            .get(key)
            .and_then(|status| status.open.as_ref())
            .map(|open| open.minor_units);
        let staff = invoices
            .get(key)
            .and_then(|invoice| invoice.open.as_ref())
            .map(|open| open.minor_units);
        seen.must(sales == open && staff == open, || {
            format!("{key}: open {open:?} in the books, {sales:?} in the CRM, {staff:?} in the PSA")
        });
    }
}
