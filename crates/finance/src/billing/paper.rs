//! Target minus billed, for one source: what has to go on paper.

use strata_kernel::{Money, Result};

use crate::amount::{difference, mirror};

/// What turns the billed net of a source into its target. Amounts are never zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paper {
    /// Full credit of what is billed, below zero for a bill above zero.
    pub credit: Option<Money>,
    /// Full bill at the target.
    pub bill: Option<Money>,
}

impl Paper {
    /// Paper between what is billed (None: no run has considered the source) and what it should cost now.
    ///
    /// A first bill is the target. A price that stands makes nothing. One that changed makes a full credit and
    /// a full bill, never a line with the difference; a target of zero is a credit alone.
    /// Nothing is rounded. Amounts in two currencies are `RATE_CURRENCY_MISMATCH`, one without a mirror is
    /// `AMOUNT_OVERFLOW`. Source: corrective invoices, Dynamics 365 Project Operations.
    pub fn between(billed: Option<Money>, target: Money) -> Result<Self> {
        let shown = |amount: Money| (amount.minor != 0).then_some(amount);
        match billed {
            None => Ok(Self {
                credit: None,
                bill: shown(target),
            }),
            Some(billed) if difference(target, billed)?.minor == 0 => Ok(Self {
                credit: None,
                bill: None,
            }),
            Some(billed) => Ok(Self {
                credit: shown(mirror(billed)?),
                bill: shown(target),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use strata_kernel::Currency;

    #[test]
    fn a_change_is_a_full_credit_and_a_full_bill() {
        let eur = |minor| Money::new(minor, Currency::parse("EUR").unwrap());
        let paper = |billed: Option<i64>, target| {
            let paper = Paper::between(billed.map(eur), eur(target)).unwrap();
            (paper.credit.map(|money| money.minor), paper.bill.map(|money| money.minor))
        };
        assert_eq!(paper(None, 900), (None, Some(900)));
        assert_eq!(paper(None, 0), (None, None));
        assert_eq!(paper(Some(900), 900), (None, None));
        assert_eq!(paper(Some(900), 990), (Some(-900), Some(990)));
        assert_eq!(paper(Some(900), 0), (Some(-900), None), "a void");
        assert_eq!(paper(Some(0), 900), (None, Some(900)));
        let yen = Money::zero(Currency::parse("JPY").unwrap());
        assert!(Paper::between(Some(eur(1)), yen).is_err());
    }
}
