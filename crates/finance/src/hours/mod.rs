//! Time other than whole minutes: clock times and hours as other systems keep them, and what they cost.
//! A contract prices minutes by [`crate::amount::hours_amount`]; the rules here are options that it may name.

mod clock;
mod overtime;
mod price;
mod rounded;

pub use clock::{ClockMode, ClockRounding, RoundedSpan, round_clock};
pub use overtime::{OvertimePay, OvertimePrice, overtime_markup, overtime_multiplier};
pub use price::{LogAmounts, LogPrice, UnitPrice, price_log, price_per_unit, seconds_amount, seconds_amount_sum};
pub use rounded::{HoursRounding, RoundedHours, round_hours, sum_rounded_hours};
