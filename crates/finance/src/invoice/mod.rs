//! Invoice documents: grouping and totals.

mod totals;

pub use totals::{
    AllowanceCharge, AllowanceKind, DocumentAllowanceCharge, InvoiceLine, InvoiceTotals, invoice_totals, line_net, priced,
};
