//! What a customer pays for an expense, and when it needs a receipt.

use strata_kernel::{Currency, Decimal, Error, Money, Result};

use crate::amount::with_percent;
use crate::{fx, reason};

/// Refuses (`RECEIPT_MISSING`) an amount above the limit that has no receipt.
/// An amount equal to the limit is fine. Without a limit for the currency the policy asks for no receipt.
pub fn check_receipt(amount: Money, has_receipt: bool, limit: Option<Money>) -> Result<()> {
    let Some(limit) = limit else { return Ok(()) };
    if limit.currency != amount.currency {
        return Err(Error::invalid(
            "limit",
            format!("a limit in {} says nothing about {}", limit.currency, amount.currency),
        ));
    }
    if has_receipt || amount.minor <= limit.minor {
        return Ok(());
    }
    Err(Error::precondition(
        reason::RECEIPT_MISSING,
        format!(
            "{amount} {} is above the limit of {limit} and has no receipt",
            amount.currency
        ),
    ))
}

/// Price of a billable expense: converted at the rate of the day it was incurred
/// and rounded, then marked up and rounded. `rate` is one unit of the expense's currency in units of the
/// contract's; the same currency takes 1. Reimbursement of the employee never carries the markup.
pub fn billable_price(amount: Money, rate: Decimal, contract_currency: Currency, markup_percent: Decimal) -> Result<Money> {
    if markup_percent < Decimal::ZERO {
        return Err(Error::invalid("markup_percent", "a markup cannot be below zero"));
    }
    with_percent(fx::convert(amount, rate, contract_currency)?, markup_percent)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use strata_kernel::parse_decimal;

    fn money(text: &str, code: &str) -> Money {
        Money::parse(text, Currency::parse(code).unwrap()).unwrap()
    }

    #[test]
    fn a_receipt_is_needed_above_the_limit_only() {
        let limit = Some(money("25.00", "USD"));
        assert!(check_receipt(money("25.00", "USD"), false, limit).is_ok());
        assert!(check_receipt(money("25.01", "USD"), true, limit).is_ok());
        assert!(check_receipt(money("-90.00", "USD"), false, limit).is_ok());
        assert!(check_receipt(money("900", "USD"), false, None).is_ok());
        let error = check_receipt(money("25.01", "USD"), false, limit).unwrap_err();
        assert_eq!(error.reason, reason::RECEIPT_MISSING);
        assert_eq!(check_receipt(money("1", "EUR"), false, limit).unwrap_err().field, "limit");
    }

    #[test]
    fn converts_and_rounds_before_the_markup() {
        let eur = Currency::parse("EUR").unwrap();
        let price = billable_price(
            money("123.45", "GBP"),
            parse_decimal("1.1713").unwrap(),
            eur,
            Decimal::from(5),
        )
        .unwrap();
        assert_eq!(price.to_string(), "151.83");
        // 0.05 x 1.1 is 0.055, rounded 0.06, x 1.1 is 0.066, rounded 0.07; one rounding would give 0.06.
        let rate = parse_decimal("1.1").unwrap();
        assert_eq!(
            billable_price(money("0.05", "GBP"), rate, eur, Decimal::from(10))
                .unwrap()
                .to_string(),
            "0.07"
        );
        assert!(billable_price(money("1", "GBP"), rate, eur, Decimal::from(-1)).is_err());
    }
}
