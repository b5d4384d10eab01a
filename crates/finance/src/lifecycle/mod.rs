//! States of objects, and the guards of their transitions.

pub mod guard;
mod machine;
mod overlap;
mod provision;
mod sheet;
mod tables;
mod time;

pub use machine::{Machine, Transition, machine};
pub use overlap::{Span, check_overlap};
pub use provision::{OpportunityEvent, Provisioned, provision};
pub use sheet::{SheetState, SheetStep, Timesheet};
pub use tables::MACHINES;
pub use time::{TimeState, invoice_guard};
