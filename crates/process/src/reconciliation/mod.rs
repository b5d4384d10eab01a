//! Whether systems that hold the same facts agree, by key and then by value.
//!
//! Approved time, as the platform has it from the PSA, against the records that stand in the ERP. [`books`] reads them,
//! [`compare`] says what differs, [`store`] makes exceptions of it and resolves what is mended. Somebody asks for it, or [`schedule`] does
//! once a month.
//!
//! The equation of the books goes further: [`month`] reads both systems ([`psa`], [`erp`]), [`line`](line::rows) says of every line
//! where each part of it is, [`cells`] shows it, [`repair`] puts it right as a person says, and [`keep_up`] does it by itself.

mod backlog;
mod books;
mod cells;
mod compare;
mod erp;
mod facts;
mod keep_up;
mod line;
mod list;
mod month;
mod problem;
mod psa;
mod quantity;
mod repair;
mod row;
mod schedule;
mod store;
mod time;

pub(crate) use backlog::backlogs;
pub(crate) use cells::{CellFilter, LineFilter, balances, events, lines};
pub(crate) use keep_up::keep_up;
pub(crate) use list::findings;
pub(crate) use month::reconcile_books;
pub(crate) use repair::{Wanted, apply, etag_of};
pub(crate) use schedule::schedule;
pub(crate) use time::reconcile_time;
