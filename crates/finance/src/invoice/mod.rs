//! Invoice documents: grouping and totals.

mod group;
mod totals;

pub use group::{BillableLine, DocumentPer, GroupKey, InvoiceGroup, group_invoices};
pub use totals::{
    AllowanceCharge, AllowanceKind, DocumentAllowanceCharge, InvoiceLine, InvoiceTotals, invoice_totals, line_net, priced,
};
