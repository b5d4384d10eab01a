//! Exchange rates: which one holds on a day, conversion with one rounding, documents in two currencies, and
//! the differences that a changed rate makes.

mod convert;
mod document;
mod pick;
mod revalue;

pub use convert::{
    Conversion, Quote, convert, convert_by_division, convert_quoted, convert_through, divide_exact, multiply_exact,
};
pub use document::{ConvertedDocument, convert_document};
pub use pick::{ExchangeRate, ExchangeRates, HeldRate, USUAL_MAX_AGE_DAYS};
pub use revalue::{BalanceItem, BalanceKind, Settlement, Unrealized, realized_difference, revalue, settle, unrealized_by_kind};
