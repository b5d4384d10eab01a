//! Values and small abilities that every floor shares: money, currencies, calendar days, ids,
//! the clock, and the error that carries a stable reason. No I/O.

mod clock;
mod currency;
mod error;
mod id;
mod money;

pub use clock::{Clock, SimClock, SystemClock};
pub use currency::{Currency, UnknownCurrency};
pub use error::{Error, Kind, Reason, Result};
pub use id::{derive_id, digest};
pub use money::{Money, parse_decimal, round_half_away};

/// A calendar day: work dates, effective dates, issue dates. Never derived from an instant by a rule.
pub type Date = chrono::NaiveDate;
/// An instant, always UTC.
pub type Instant = chrono::DateTime<chrono::Utc>;
pub use rust_decimal::Decimal;

/// First and last day of the month that `day` falls in.
pub fn month_of(day: Date) -> (Date, Date) {
    use chrono::Datelike;
    let first = day.with_day(1).unwrap_or(day);
    let last = first
        .checked_add_months(chrono::Months::new(1))
        .and_then(|next| next.pred_opt())
        .unwrap_or(first);
    (first, last)
}

/// The period code of a day: "2025-03".
pub fn period_of(day: Date) -> String {
    day.format("%Y-%m").to_string()
}
