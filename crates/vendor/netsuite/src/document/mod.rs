//! Invoices and credit memos.

mod map;
mod post;

pub(crate) use map::{CHANGE_COLUMNS, from_row};
pub(crate) use post::post;
