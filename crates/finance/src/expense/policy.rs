//! When an expense needs a receipt.

use strata_kernel::{Error, Money, Result};

use crate::reason;

/// Refuses (`RECEIPT_MISSING`) an amount above the limit that has no receipt.
/// An amount equal to the limit is fine. Without a limit for the currency the policy asks for no receipt.
///
/// Amounts are in minor units and compared exactly; a limit in another currency is `INVALID_FIELD`. Source: the
/// firm's expense policy.
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use strata_kernel::Currency;

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
}
