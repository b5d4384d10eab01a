//! Whether systems that hold the same facts agree, by key and then by value.
//!
//! Approved time, as the platform has it from the PSA, against the records that stand in the ERP. [`books`] reads them,
//! [`compare`] says what differs, [`store`] makes exceptions of it and resolves what is mended. Somebody asks for it, or [`schedule`] does
//! once a month.

mod books;
mod compare;
mod list;
mod schedule;
mod store;
mod time;

pub(crate) use list::findings;
pub(crate) use schedule::schedule;
pub(crate) use time::reconcile_time;
