//! Time and material: revenue follows the right to invoice, not the invoice.

use strata_kernel::{Error, Money, Result};

use crate::amount::at_most;

/// Cumulative revenue of time and material (practical expedient of IFRS 15 B16 and ASC 606-10-55-18): the
/// prices of approved chargeable time and expenses, invoiced or not, up to the cap.
///
/// Allowed where what is billed follows the value delivered. Nothing is rounded here: the prices are already.
/// A cap in another currency is `RATE_CURRENCY_MISMATCH`, one below zero `INVALID_FIELD`.
pub fn right_to_invoice(approved: Money, cap: Option<Money>) -> Result<Money> {
    let Some(cap) = cap else {
        return Ok(approved);
    };
    if cap.minor < 0 {
        return Err(Error::invalid("cap", "a cap cannot be below zero"));
    }
    at_most(approved, cap)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::reason;
    use strata_kernel::Currency;

    fn money(minor: i64, code: &str) -> Money {
        Money::new(minor, Currency::parse(code).unwrap())
    }

    #[test]
    fn the_cap_holds_revenue_too() {
        let cases = [
            (500, None, 500),
            (500, Some(400), 400),
            (500, Some(600), 500),
            (500, Some(0), 0),
            (-20, Some(0), -20),
        ];
        for (approved, cap, revenue) in cases {
            let cap = cap.map(|minor| money(minor, "JPY"));
            assert_eq!(right_to_invoice(money(approved, "JPY"), cap).unwrap().minor, revenue);
        }
    }

    #[test]
    fn refuses_caps_that_limit_nothing() {
        assert_eq!(
            right_to_invoice(money(1, "JPY"), Some(money(-1, "JPY"))).unwrap_err().field,
            "cap"
        );
        let error = right_to_invoice(money(1, "JPY"), Some(money(1, "EUR"))).unwrap_err();
        assert_eq!(error.reason, reason::RATE_CURRENCY_MISMATCH);
    }
}
