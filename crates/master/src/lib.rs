//! Canonical master data: customers, engagements, contracts with their rates, projects, people,
//! reference data, and what each of them is called elsewhere.
//!
//! Histories are append-only: a rate line or an amendment never changes, an employment or a cost rate
//! gets a new version. What a question "as known on a day" needs is therefore always still there.

mod convert;
mod services;
mod store;

pub use services::Master;
pub use store::TABLES;
