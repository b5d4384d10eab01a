//! Hours into money.

use strata_kernel::{Currency, Decimal, Error, Money, Result, round_half_away};

use crate::rates::RateUnit;
use crate::ratio::{Ratio, overflow};
use crate::reason;

/// Price of minutes: `rate x minutes/60 x multiplier_percent/100 x (1 - discount)`, rounded once to the
/// currency's minor unit, half away from zero.
///
/// `rate` is per hour in major units, `discount` a share from 0 to 1. Neither the hours nor the discounted
/// rate is rounded on the way: 20 minutes at 100.00 are 33.33, not 0.33 h at 100.00.
/// Refuses a multiplier below zero and a discount outside its range; a price beyond 64 bits is `AMOUNT_OVERFLOW`.
/// Source: the exact rate calculator of Kimai, rounded as EN 16931 rounds a line.
pub fn hours_amount(
    rate: Decimal,
    minutes: i64,
    multiplier_percent: Decimal,
    discount: Decimal,
    currency: Currency,
) -> Result<Money> {
    unit_amount(rate, RateUnit::HOUR, minutes, multiplier_percent, discount, currency)
}

/// [`hours_amount`] at a rate that pays for a unit of several hours, as a day rate does:
/// `rate x minutes / (60 x hours of the unit) x multiplier_percent/100 x (1 - discount)`, rounded once.
/// The rate is never turned into an hourly one on the way: 1000 a day of 7.5 hours has no exact hourly rate.
///
/// Refuses as [`hours_amount`] does. Source: "Unit groups and units", Dynamics 365 Project Service.
pub fn unit_amount(
    rate: Decimal,
    unit: RateUnit,
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
    Ratio::decimal(rate)
        .times(Ratio::whole(minutes))?
        .over(Ratio::decimal(unit.hours()))?
        .times(Ratio::decimal(multiplier_percent))?
        .over(Ratio::whole(60 * 100))?
        .times(Ratio::decimal(discount).complement()?)?
        .money(currency)
}

/// Price of a quantity, hours or pieces: `rate x quantity`, rounded once to the minor unit, half away from zero.
///
/// `rate` is in major units and may have more decimals than the currency. Beyond 64 bits it is `AMOUNT_OVERFLOW`.
/// Source: line net amount as quantity x price, EN 16931 BT-131.
pub fn quantity_amount(rate: Decimal, quantity: Decimal, currency: Currency) -> Result<Money> {
    Ratio::decimal(rate).times(Ratio::decimal(quantity))?.money(currency)
}

/// Sum of amounts in one currency, exact. None is zero; another currency is `RATE_CURRENCY_MISMATCH`.
///
/// A sum beyond 64 bits is `AMOUNT_OVERFLOW`. Source: EN 16931 BR-CO-10, sums of rounded amounts are not rounded again.
pub fn sum(amounts: impl IntoIterator<Item = Money>, currency: Currency) -> Result<Money> {
    amounts.into_iter().try_fold(Money::zero(currency), Money::plus)
}

/// Share of an amount: `amount x part / whole`, rounded once to the minor unit, half away from zero.
/// `whole` must be above zero; anything else is `INVALID_FIELD`.
pub(crate) fn share_of(amount: Money, part: i64, whole: i64) -> Result<Money> {
    if whole <= 0 {
        return Err(Error::invalid("whole", "a share needs something to be a share of"));
    }
    let minor = Ratio::whole(amount.minor)
        .times(Ratio::whole(part))?
        .over(Ratio::whole(whole))?
        .round()?;
    Ok(Money::new(minor, amount.currency))
}

/// Refuses (`INVALID_FIELD`) a percent outside 0 to 100.
pub(crate) fn check_percent(field: &str, percent: Decimal) -> Result<()> {
    if percent < Decimal::ZERO || percent > Decimal::ONE_HUNDRED {
        return Err(Error::invalid(field, format!("{percent} is no percent from 0 to 100")));
    }
    Ok(())
}

/// Hours as whole minutes. Refuses hours that are none: minutes are what is recorded, never a rounding of it.
///
/// Hours that are none are `INVALID_FIELD`, hours beyond 28 digits `AMOUNT_OVERFLOW`. Source: time is kept in minutes
/// by the project systems that send it.
pub fn minutes_of(hours: Decimal) -> Result<i64> {
    let minutes = hours.checked_mul(Decimal::from(60)).ok_or_else(overflow)?;
    if !minutes.fract().is_zero() {
        return Err(Error::invalid("hours", format!("{hours} hours are no whole minutes")));
    }
    round_half_away(minutes)
}

/// The exact negative of an amount: a credit. `AMOUNT_OVERFLOW` where there is none.
///
/// Source: a credit note mirrors its invoice, EN 16931 validation artefacts, BIS3_Invoice_positive and
/// BIS3_Invoice_negativ.
pub fn mirror(amount: Money) -> Result<Money> {
    let minor = amount.minor.checked_neg().ok_or_else(overflow)?;
    Ok(Money::new(minor, amount.currency))
}

/// A share of an amount: `amount x percent/100`, rounded once.
///
/// In minor units of the amount's currency, half away from zero; `percent` is exact. Beyond 64 bits it is
/// `AMOUNT_OVERFLOW`. Source: EN 16931 BR-CO-17 (tax amount).
pub fn percent_of(amount: Money, percent: Decimal) -> Result<Money> {
    let minor = Ratio::whole(amount.minor)
        .times(Ratio::decimal(percent))?
        .over(Ratio::whole(100))?
        .round()?;
    Ok(Money::new(minor, amount.currency))
}

/// An amount with a percentage added: `amount x (1 + percent/100)`, rounded once.
///
/// In minor units of the amount's currency, half away from zero. Beyond 64 bits it is `AMOUNT_OVERFLOW`. Source:
/// "charge percentage" markup, Dynamics 365 Project Operations.
pub fn with_percent(amount: Money, percent: Decimal) -> Result<Money> {
    let factor = Ratio::decimal(-percent).over(Ratio::whole(100))?.complement()?;
    let minor = Ratio::whole(amount.minor).times(factor)?.round()?;
    Ok(Money::new(minor, amount.currency))
}

/// What is left of an amount when another of the same currency is taken off. It may be below zero.
/// Another currency is `RATE_CURRENCY_MISMATCH`.
///
/// Beyond 64 bits it is `AMOUNT_OVERFLOW`. Exact, nothing is rounded. Source: EN 16931 BR-CO-13 and BR-CO-16, totals
/// are differences of amounts already rounded.
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
    fn a_quantity_is_priced_with_one_rounding() {
        let price = |quantity: &str, rate: &str, code: &str| {
            let currency = Currency::parse(code).unwrap();
            quantity_amount(parse_decimal(rate).unwrap(), parse_decimal(quantity).unwrap(), currency)
        };
        assert_eq!(price("3", "0.125", "USD").unwrap().to_string(), "0.38");
        assert_eq!(price("-3", "0.125", "USD").unwrap().to_string(), "-0.38");
        assert_eq!(price("2.5", "1001", "JPY").unwrap().to_string(), "2503");
        let huge = price("9999999999999999", "9999999999999999", "USD");
        assert_eq!(huge.unwrap_err().reason, reason::AMOUNT_OVERFLOW);
    }

    #[test]
    fn a_total_keeps_to_its_currency() {
        let money = |minor, code| Money::new(minor, Currency::parse(code).unwrap());
        let eur = Currency::parse("EUR").unwrap();
        assert_eq!(sum([], eur).unwrap(), Money::zero(eur));
        assert_eq!(sum([money(5, "EUR"), money(-7, "EUR")], eur).unwrap(), money(-2, "EUR"));
        assert!(sum([money(5, "USD")], eur).is_err());
        assert!(sum([money(i64::MAX, "EUR"), money(1, "EUR")], eur).is_err());
    }

    #[test]
    fn a_day_rate_is_not_made_hourly_first() {
        let eur = Currency::parse("EUR").unwrap();
        let day = RateUnit::of_hours(parse_decimal("7.5").unwrap()).unwrap();
        let price = |minutes| unit_amount(Decimal::from(1000), day, minutes, Decimal::ONE_HUNDRED, Decimal::ZERO, eur);
        assert_eq!(price(450).unwrap().to_string(), "1000.00");
        assert_eq!(price(-225).unwrap().to_string(), "-500.00");
        let hours = quantity_amount(parse_decimal("33.335").unwrap(), parse_decimal("0.33").unwrap(), eur);
        assert_eq!(hours.unwrap().to_string(), "11.00");
    }

    #[test]
    fn hours_are_whole_minutes_or_none() {
        let minutes = |text| minutes_of(parse_decimal(text).unwrap());
        assert_eq!((minutes("7.5").unwrap(), minutes("-0.25").unwrap()), (450, -15));
        assert_eq!(minutes("0.33").unwrap_err().field, "hours");
        assert!(minutes("79228162514264337593543950335").is_err());
    }

    #[test]
    fn sums_and_differences_stay_in_range_and_currency() {
        let eur = |minor| Money::new(minor, Currency::parse("EUR").unwrap());
        assert_eq!(difference(eur(5), eur(7)).unwrap(), eur(-2));
        assert_eq!(sum([eur(5), eur(-7)], eur(0).currency).unwrap(), eur(-2));
        assert_eq!(mirror(eur(i64::MIN)).unwrap_err().reason, crate::reason::AMOUNT_OVERFLOW);
        let yen = Money::zero(Currency::parse("JPY").unwrap());
        assert_eq!(
            difference(eur(1), yen).unwrap_err().reason,
            crate::reason::RATE_CURRENCY_MISMATCH
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
