//! What amendments and corrections do to work that is priced or billed already.
//!
//! A rate amendment reaches work on or after its effective date, from the day it is known; when it was signed,
//! approved or invoiced does not matter. Work that is not invoiced is repriced without a trace on paper; invoiced
//! work is credited in full and billed in full at its new price. The paper is that of [`crate::billing`].

mod correction;
mod rerate;
mod versions;

pub use correction::{Corrected, HourPricing, Worked, correct_entry};
pub use rerate::{CreditRebill, Repriced, Rerated, rerate};
pub use versions::{RateVersion, contract_lines};
