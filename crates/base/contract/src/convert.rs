//! Between the values of the contracts and those of the kernel.

use chrono::Datelike;
use strata_kernel::{Currency, Date, Error, Instant, Money, Result};

use crate::google::r#type::Date as PbDate;
use crate::strata::common::v1::Money as PbMoney;

/// A calendar day from its message. A day that does not exist is refused.
pub fn date(day: &PbDate) -> Result<Date> {
    u32::try_from(day.month)
        .ok()
        .zip(u32::try_from(day.day).ok())
        .and_then(|(m, d)| Date::from_ymd_opt(day.year, m, d))
        .filter(|d| (1..=9999).contains(&d.year()))
        .ok_or_else(|| {
            Error::invalid(
                "date",
                format!("{}-{}-{} is not a calendar day", day.year, day.month, day.day),
            )
        })
}

/// A calendar day that must be there.
pub fn require_date(day: Option<&PbDate>, field: &str) -> Result<Date> {
    date(day.ok_or_else(|| Error::invalid(field, "is required"))?).map_err(|e| e.at(field))
}

/// The message of a calendar day.
pub fn pb_date(day: Date) -> PbDate {
    PbDate {
        year: day.year(),
        month: i32::try_from(day.month()).unwrap_or_default(),
        day: i32::try_from(day.day()).unwrap_or_default(),
    }
}

/// Money from its message. An unknown currency is refused.
pub fn money(amount: &PbMoney) -> Result<Money> {
    Ok(Money::new(amount.minor_units, Currency::parse(&amount.currency_code)?))
}

/// Money that must be there.
pub fn require_money(amount: Option<&PbMoney>, field: &str) -> Result<Money> {
    money(amount.ok_or_else(|| Error::invalid(field, "is required"))?).map_err(|e| e.at(field))
}

/// The message of an amount.
pub fn pb_money(amount: Money) -> PbMoney {
    PbMoney {
        currency_code: amount.currency.code().to_owned(),
        minor_units: amount.minor,
    }
}

/// An instant from its message.
pub fn instant(time: &prost_types::Timestamp) -> Result<Instant> {
    u32::try_from(time.nanos)
        .ok()
        .and_then(|nanos| Instant::from_timestamp(time.seconds, nanos))
        .ok_or_else(|| Error::invalid("time", "is not an instant"))
}

/// The message of an instant.
pub fn pb_instant(time: Instant) -> prost_types::Timestamp {
    prost_types::Timestamp {
        seconds: time.timestamp(),
        nanos: i32::try_from(time.timestamp_subsec_nanos()).unwrap_or_default(),
    }
}
