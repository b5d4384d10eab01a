//! Hours into money.

use strata_kernel::{Currency, Decimal, Error, Money, Result};

use crate::ratio::{Ratio, overflow};
use crate::reason;

/// Price of minutes: `rate x minutes/60 x multiplier_percent/100 x (1 - discount)`, rounded once to the
/// currency's minor unit, half away from zero.
///
/// `rate` is per hour in major units, `discount` a share from 0 to 1. Neither the hours nor the discounted
/// rate is rounded on the way: 20 minutes at 100.00 are 33.33, not 0.33 h at 100.00.
/// Refuses a multiplier below zero and a discount outside its range; a price beyond 64 bits is `AMOUNT_OVERFLOW`.
pub fn hours_amount(
    rate: Decimal,
    minutes: i64,
    multiplier_percent: Decimal,
    discount: Decimal,
    currency: Currency,
) -> Result<Money> {
    if multiplier_percent.is_sign_negative() && !multiplier_percent.is_zero() {
        return Err(Error::invalid("multiplier_percent", "a multiplier cannot be below zero"));
    }
    if discount < Decimal::ZERO || discount > Decimal::ONE {
        return Err(Error::invalid("discount", "a discount is a share from 0 to 1"));
    }
    let minor = Ratio::decimal(rate)
        .times(Ratio::whole(minutes))?
        .times(Ratio::decimal(multiplier_percent))?
        .over(Ratio::whole(60 * 100))?
        .times(Ratio::decimal(discount).complement()?)?
        .times(Ratio::rescale(0, currency.exponent()))?
        .round()?;
    Ok(Money::new(minor, currency))
}

/// A share of an amount: `amount x percent/100`, rounded once.
pub fn percent_of(amount: Money, percent: Decimal) -> Result<Money> {
    let minor = Ratio::whole(amount.minor)
        .times(Ratio::decimal(percent))?
        .over(Ratio::whole(100))?
        .round()?;
    Ok(Money::new(minor, amount.currency))
}

/// An amount with a percentage added: `amount x (1 + percent/100)`, rounded once.
pub fn with_percent(amount: Money, percent: Decimal) -> Result<Money> {
    let factor = Ratio::decimal(-percent).over(Ratio::whole(100))?.complement()?;
    let minor = Ratio::whole(amount.minor).times(factor)?.round()?;
    Ok(Money::new(minor, amount.currency))
}

/// What is left of an amount when another of the same currency is taken off. It may be below zero.
/// Another currency is `RATE_CURRENCY_MISMATCH`.
pub fn difference(amount: Money, taken: Money) -> Result<Money> {
    same_currency(amount, taken)?;
    let minor = amount.minor.checked_sub(taken.minor).ok_or_else(overflow)?;
    Ok(Money::new(minor, amount.currency))
}

/// An amount held below a limit of the same currency. Another currency is `RATE_CURRENCY_MISMATCH`.
pub(crate) fn at_most(amount: Money, limit: Money) -> Result<Money> {
    same_currency(amount, limit)?;
    Ok(Money::new(amount.minor.min(limit.minor), amount.currency))
}

/// Refuses to set amounts in two currencies against each other.
pub(crate) fn same_currency(one: Money, other: Money) -> Result<()> {
    if one.currency == other.currency {
        return Ok(());
    }
    Err(Error::precondition(
        reason::RATE_CURRENCY_MISMATCH,
        format!("amounts in {} and {} do not compare", one.currency, other.currency),
    ))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use strata_kernel::parse_decimal;

    fn price(rate: &str, minutes: i64, percent: &str, discount: &str, code: &str) -> Result<String> {
        hours_amount(
            parse_decimal(rate)?,
            minutes,
            parse_decimal(percent)?,
            parse_decimal(discount)?,
            Currency::parse(code)?,
        )
        .map(|money| money.to_string())
    }

    #[test]
    fn rounds_once_at_the_end() {
        let cases = [
            ("100.00", 20, "100", "0", "USD", "33.33"),
            ("140.00", 390, "100", "0", "USD", "910.00"),
            ("165.00", 450, "100", "0", "EUR", "1237.50"),
            // 0.125 is half a cent: away from zero, both ways.
            ("0.25", 30, "100", "0", "USD", "0.13"),
            ("0.25", -30, "100", "0", "USD", "-0.13"),
            // 33.333... x 1.5 is 50.00; rounding the hour price first would give 49.995.
            ("100", 20, "150", "0", "USD", "50.00"),
            ("100", 20, "150", "0.1", "USD", "45.00"),
            ("15000", 7, "125", "0", "JPY", "2188"),
            ("10.001", 60, "100", "0", "KWD", "10.001"),
            ("100", 60, "100", "1", "USD", "0.00"),
        ];
        for (rate, minutes, percent, discount, code, expected) in cases {
            let got = price(rate, minutes, percent, discount, code).unwrap();
            assert_eq!(got, expected, "{minutes} min at {rate} {code}");
        }
    }

    #[test]
    fn refuses_what_makes_no_price() {
        assert_eq!(price("1", 60, "-1", "0", "USD").unwrap_err().field, "multiplier_percent");
        assert_eq!(price("1", 60, "100", "1.01", "USD").unwrap_err().field, "discount");
        assert_eq!(price("1", 60, "100", "-0.01", "USD").unwrap_err().field, "discount");
        let huge = "9999999999999999999999999999";
        assert_eq!(
            price(huge, i64::MAX, "1000", "0", "USD").unwrap_err().reason,
            crate::reason::AMOUNT_OVERFLOW
        );
    }

    #[test]
    fn adds_a_percentage() {
        let eur = Currency::parse("EUR").unwrap();
        let marked = with_percent(Money::new(14_460, eur), Decimal::from(5)).unwrap();
        assert_eq!(marked.to_string(), "151.83");
        let share = percent_of(Money::new(-6_050, eur), Decimal::from(19)).unwrap();
        assert_eq!(share.to_string(), "-11.50");
    }

    #[test]
    fn a_difference_stays_in_range_and_in_its_currency() {
        let money = |minor, code| Money::new(minor, Currency::parse(code).unwrap());
        assert_eq!(difference(money(5, "EUR"), money(7, "EUR")).unwrap(), money(-2, "EUR"));
        let refused = |left, right| difference(left, right).unwrap_err().reason;
        assert_eq!(refused(money(5, "EUR"), money(5, "USD")), reason::RATE_CURRENCY_MISMATCH);
        assert_eq!(refused(money(i64::MIN, "EUR"), money(1, "EUR")), reason::AMOUNT_OVERFLOW);
    }
}
