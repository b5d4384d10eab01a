//! Invoice documents: grouping and totals.

mod group;

pub use group::{BillableLine, DocumentPer, GroupKey, InvoiceGroup, group_invoices};
