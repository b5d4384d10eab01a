//! An agreement that funds several projects.

use strata_kernel::{Error, Money, Result};

use crate::amount::{difference, sum};

/// How much of an agreement is given to projects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AgreementFunding {
    /// Given to projects.
    pub funded: Money,
    /// Left of the agreement.
    pub unfunded: Money,
}

/// Adds up what an agreement gives to its projects.
///
/// Source of the rule: agreements and funding, Oracle Projects. Refuses (`INVALID_FIELD`) shares below zero, and
/// more than the agreement holds.
pub fn fund_agreement(agreement: Money, allocations: impl IntoIterator<Item = Money>) -> Result<AgreementFunding> {
    let allocations: Vec<Money> = allocations.into_iter().collect();
    if allocations.iter().any(|amount| amount.minor < 0) {
        return Err(Error::invalid(
            "allocations",
            "a project is not funded with less than nothing",
        ));
    }
    let funded = sum(allocations, agreement.currency)?;
    let unfunded = difference(agreement, funded)?;
    if unfunded.minor < 0 {
        let message = format!("projects are given {funded}, the agreement holds {agreement}");
        return Err(Error::invalid("allocations", message));
    }
    Ok(AgreementFunding { funded, unfunded })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use strata_kernel::Currency;

    #[test]
    fn never_more_than_the_agreement() {
        let eur = |minor| Money::new(minor, Currency::parse("EUR").unwrap());
        let total = fund_agreement(eur(100), [eur(40), eur(60)]).unwrap();
        assert_eq!((total.funded, total.unfunded), (eur(100), eur(0)));
        assert_eq!(fund_agreement(eur(100), []).unwrap().unfunded, eur(100));
        for refused in [[eur(40), eur(61)], [eur(-1), eur(5)]] {
            assert_eq!(fund_agreement(eur(100), refused).unwrap_err().field, "allocations");
        }
    }
}
