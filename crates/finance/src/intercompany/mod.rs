//! Work that one entity of the firm delivers for another: who delivers, what it is sold for inside the firm, and the
//! invoices between the two.

mod delivery;
mod invoice;
mod transfer;
mod work;

pub use delivery::{Delivery, Employment, delivering_entity, delivery};
pub use invoice::{IntercompanyInvoice, IntercompanySale, intercompany_invoices};
pub use transfer::{TransferMethod, TransferQuestion, TransferRule, transfer_method};
pub use work::{IntercompanyRow, IntercompanyRows, IntercompanyWork, RowKind, intercompany_rows};
