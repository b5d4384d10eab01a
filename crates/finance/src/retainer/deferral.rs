//! Release of money that was invoiced in advance over the days it is for.

use chrono::Datelike;
use strata_kernel::{Date, Error, Money, Result, month_of};

use crate::amount::{difference, share_of};
use crate::ratio::overflow;
use crate::revenue::straight_line::elapsed;

/// The days that an amount is for: `from` inclusive, `to` exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Service {
    from: Date,
    to: Date,
}

impl Service {
    /// At least one day; anything else is `INVALID_FIELD`.
    pub fn try_new(from: Date, to: Date) -> Result<Self> {
        if to <= from {
            return Err(Error::invalid(
                "to",
                format!("a service from {from} cannot end before it starts"),
            ));
        }
        Ok(Self { from, to })
    }

    fn days(self) -> i64 {
        self.to.signed_duration_since(self.from).num_days()
    }

    /// The calendar months that it touches, each cut to it.
    fn months(self) -> Vec<Self> {
        let mut months = Vec::new();
        let mut from = self.from;
        while from < self.to {
            let to = month_of(from).1.succ_opt().unwrap_or(self.to).min(self.to);
            months.push(Self { from, to });
            from = to;
        }
        months
    }

    fn is_whole_month(self) -> bool {
        self.from.day() == 1 && self.to.day() == 1
    }
}

/// How an amount is released over months.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DeferralMethod {
    /// By days, always rounding the amount released to date.
    #[default]
    DailyCumulative,
    /// The first and the last month by their days if they are not whole, the months between evenly.
    MonthProratedLastTakesResidual,
}

/// What one calendar month releases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeferralRow {
    /// First day of the service in the month.
    pub from: Date,
    /// Day after the last one.
    pub to: Date,
    /// Amount released.
    pub amount: Money,
}

/// Amount released by the end of the day before `day`: `round(amount x days elapsed / days)`, half away from zero;
/// nothing before the service starts and all of it once it is over. What a period releases is the difference of
/// two such totals, so nothing is lost to rounding.
/// Source: a stand-ready obligation satisfied evenly over time, ASC 606-10-25-31, IFRS 15.B18.
///
/// Amounts beyond 64 bits are `AMOUNT_OVERFLOW`.
pub fn released_by(amount: Money, service: Service, day: Date) -> Result<Money> {
    elapsed(service.from, service.to, day)?.earned(amount)
}

/// Release of an amount by calendar month. The rows always add up to the amount.
///
/// [`DeferralMethod::DailyCumulative`] takes the difference of [`released_by`] at the ends of each month.
/// [`DeferralMethod::MonthProratedLastTakesResidual`] rounds the share of a first month that is not whole, and of
/// a last one, by days of the whole service; spreads the rest evenly over the whole months, rounding each; and
/// puts what rounding left into the last month, whole or not.
/// Source: "Contract deferrals", examples 1 to 3, Dynamics 365 Business Central.
/// Amounts beyond 64 bits are `AMOUNT_OVERFLOW`.
pub fn deferral_schedule(amount: Money, service: Service, method: DeferralMethod) -> Result<Vec<DeferralRow>> {
    let months = service.months();
    let amounts = match method {
        DeferralMethod::DailyCumulative => by_days(amount, service, &months)?,
        DeferralMethod::MonthProratedLastTakesResidual => by_months(amount, service, &months)?,
    };
    let row = |(month, amount): (&Service, Money)| DeferralRow {
        from: month.from,
        to: month.to,
        amount,
    };
    Ok(months.iter().zip(amounts).map(row).collect())
}

fn by_days(amount: Money, service: Service, months: &[Service]) -> Result<Vec<Money>> {
    let mut released = Money::zero(amount.currency);
    let mut amounts = Vec::with_capacity(months.len());
    for month in months {
        let to_date = released_by(amount, service, month.to)?;
        amounts.push(difference(to_date, released)?);
        released = to_date;
    }
    Ok(amounts)
}

fn by_months(amount: Money, service: Service, months: &[Service]) -> Result<Vec<Money>> {
    // The months between the first and the last are whole.
    let partial = months
        .iter()
        .map(|month| match month.is_whole_month() {
            true => Ok(None),
            false => share_of(amount, month.days(), service.days()).map(Some),
        })
        .collect::<Result<Vec<Option<Money>>>>()?;
    let mut spread = amount;
    for part in partial.iter().flatten() {
        spread = difference(spread, *part)?;
    }
    let whole = partial.iter().filter(|part| part.is_none()).count();
    let even = match i64::try_from(whole).map_err(|_| overflow())? {
        0 => Money::zero(amount.currency),
        count => share_of(spread, 1, count)?,
    };
    let mut amounts = Vec::with_capacity(partial.len());
    let mut left = amount;
    for (index, part) in partial.iter().enumerate() {
        let part = if index + 1 == partial.len() {
            left
        } else {
            part.unwrap_or(even)
        };
        left = difference(left, part)?;
        amounts.push(part);
    }
    Ok(amounts)
}

/// What crediting a deferred invoice releases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeferralCredit {
    /// The rest that was not released: it leaves the liability together with the invoice.
    pub release: Money,
    /// Day it is posted on. Months that were released keep their rows.
    pub posting_date: Date,
}

/// Credits a deferred invoice: what was not released by the credit's date is released on that date.
///
/// More released than deferred, or a release of the other sign, is `INVALID_FIELD`.
/// Source: "Contract deferrals", release of deferrals on the posting date of the credit memo, Business Central.
pub fn credit_deferral(amount: Money, released: Money, credited_on: Date) -> Result<DeferralCredit> {
    let release = difference(amount, released)?;
    let sign = amount.minor.signum();
    let turned = |part: Money| part.minor != 0 && part.minor.signum() != sign;
    if turned(release) || turned(released) {
        return Err(Error::invalid(
            "released",
            format!("{released} cannot have been released of {amount}"),
        ));
    }
    Ok(DeferralCredit {
        release,
        posting_date: credited_on,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use strata_kernel::Currency;

    fn usd(minor: i64) -> Money {
        Money::new(minor, Currency::parse("USD").unwrap())
    }

    fn service(from: &str, to: &str) -> Service {
        Service::try_new(from.parse().unwrap(), to.parse().unwrap()).unwrap()
    }

    fn rows(minor: i64, from: &str, to: &str, method: DeferralMethod) -> Vec<i64> {
        let rows = deferral_schedule(usd(minor), service(from, to), method).unwrap();
        rows.iter().map(|row| row.amount.minor).collect()
    }

    const MONTHLY: DeferralMethod = DeferralMethod::MonthProratedLastTakesResidual;

    #[test]
    fn a_year_with_two_partial_months() {
        // Example 2 of the source.
        let mut expected = vec![9_983; 11];
        expected.insert(0, 5_589);
        expected.push(4_598);
        assert_eq!(rows(120_000, "2021-01-15", "2022-01-15", MONTHLY), expected);
    }

    #[test]
    fn the_last_month_takes_the_residual_whole_or_not() {
        assert_eq!(rows(100, "2025-01-01", "2025-04-01", MONTHLY), [33, 33, 34]);
        assert_eq!(rows(-100, "2025-01-01", "2025-04-01", MONTHLY), [-33, -33, -34]);
        assert_eq!(rows(100, "2025-01-20", "2025-02-11", MONTHLY), [55, 45], "no whole month");
        assert_eq!(rows(100, "2025-01-16", "2025-03-01", MONTHLY), [36, 64]);
        assert_eq!(rows(100, "2025-01-10", "2025-01-20", MONTHLY), [100]);
        assert_eq!(rows(0, "2025-01-10", "2025-02-20", MONTHLY), [0, 0]);
    }

    #[test]
    fn releases_by_days_and_never_beyond_the_service() {
        let quarter = service("2025-01-01", "2025-04-01");
        let at = |day: &str| released_by(usd(9_000), quarter, day.parse().unwrap()).unwrap().minor;
        assert_eq!(at("2024-12-01"), 0);
        assert_eq!(at("2025-01-01"), 0);
        assert_eq!(at("2025-02-01"), 3_100);
        assert_eq!(at("2025-04-01"), 9_000);
        assert_eq!(at("2026-01-01"), 9_000);
        assert_eq!(
            rows(100, "2025-01-31", "2025-02-02", DeferralMethod::DailyCumulative),
            [50, 50]
        );
    }

    #[test]
    fn refuses_a_service_without_days() {
        let day: Date = "2025-01-01".parse().unwrap();
        assert_eq!(Service::try_new(day, day).unwrap_err().field, "to");
    }

    #[test]
    fn a_credit_releases_the_rest() {
        let day: Date = "2025-05-20".parse().unwrap();
        let release = |amount, released| credit_deferral(usd(amount), usd(released), day).map(|credit| credit.release.minor);
        assert_eq!(release(1_200, 400).unwrap(), 800);
        assert_eq!(release(-1_200, -400).unwrap(), -800);
        assert_eq!(release(1_200, 1_200).unwrap(), 0);
        assert_eq!(release(0, 0).unwrap(), 0);
        for (amount, released) in [(1_200, 1_201), (1_200, -1), (-1_200, 1), (0, 5)] {
            assert_eq!(release(amount, released).unwrap_err().field, "released");
        }
    }
}
