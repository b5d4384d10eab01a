//! What a customer pays for an expense, and when it needs a receipt.

mod price;
pub use price::*;
