//! Retainers, deferred revenue and deposits: money that is billed before it is earned.

mod deferral;
mod deposit;
mod fee;
mod month;
mod prorate;
mod unused;

pub use deferral::{DeferralCredit, DeferralMethod, DeferralRow, Service, credit_deferral, deferral_schedule, released_by};
pub use deposit::{DepositRecall, apply_deposit};
pub use fee::{FeeDue, fees_due};
pub use month::{Carried, RetainerMonth, RetainerTerms, Rollover, overage_due, retainer_month};
pub use prorate::{Alignment, BasePeriod, Proration, ProrationPart, UNIT_PRICE_PLACES, prorate_price};
pub use unused::{PrepaidHours, earned_of_prepaid};
