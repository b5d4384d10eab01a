//! The trade's arithmetic: which rate prices an hour, how minutes and money are rounded, what a run
//! bills, taxes and converts. Pure functions over values that are passed in: no I/O, no clock, no float.
//!
//! A refusal is a [`strata_kernel::Error`] with a stable reason ([`reason`]) and changes nothing.
//! Start at [`billing::bill`] for a whole run of one contract, or at [`rates::resolve`] for one price.
//!
//! ```
//! use strata_finance::amount::hours_amount;
//! use strata_kernel::{Currency, Decimal};
//!
//! let usd = Currency::parse("USD")?;
//! // 20 minutes at 100.00 an hour, no overtime, no discount: rounded once, at the end.
//! let price = hours_amount(Decimal::from(100), 20, Decimal::from(100), Decimal::ZERO, usd)?;
//! assert_eq!(price.to_string(), "33.33");
//! # Ok::<(), strata_kernel::Error>(())
//! ```

pub mod allocate;
pub mod amendment;
pub mod amount;
pub mod billing;
pub mod cap;
pub mod cost;
pub mod effort;
pub mod entries;
pub mod expense;
pub mod fixed_fee;
pub mod funding;
pub mod fx;
pub mod hours;
pub mod intercompany;
pub mod invoice;
pub mod lifecycle;
pub mod metrics;
pub mod payment;
pub mod period;
pub mod quantum;
pub mod rates;
mod ratio;
pub mod reason;
pub mod reconciliation;
pub mod retainer;
pub mod revenue;
pub mod rounding;
mod spread;
pub mod tax;
