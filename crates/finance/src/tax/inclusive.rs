//! Prices that include tax.

use strata_kernel::{Decimal, Error, Money, Result};

use crate::amount::difference;
use crate::ratio::Ratio;

/// A gross amount taken apart: net + tax = gross, exactly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Inclusive {
    /// Without tax.
    pub net: Money,
    /// The tax in it.
    pub tax: Money,
}

/// Takes the tax out of an amount that includes it: `tax = gross x p/(100 + p)`, rounded once; the net is the rest.
/// A percent below zero is `INVALID_FIELD`. Source: Directive 2006/112/EC, article 78, and common practice of till
/// receipts ("tax fraction").
pub fn split_gross(gross: Money, percent: Decimal) -> Result<Inclusive> {
    if percent < Decimal::ZERO {
        return Err(Error::invalid("percent", "a tax percent cannot be below zero"));
    }
    let percent = Ratio::decimal(percent);
    let minor = Ratio::whole(gross.minor)
        .times(percent)?
        .over(Ratio::whole(100).plus(percent)?)?
        .round()?;
    let tax = Money::new(minor, gross.currency);
    Ok(Inclusive {
        net: difference(gross, tax)?,
        tax,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use strata_kernel::{Currency, parse_decimal};

    use super::*;

    #[test]
    fn the_parts_make_the_gross() {
        let cases = [
            (11_900, "19", 1_900),
            (10_000, "19", 1_597),
            (-10_000, "19", -1_597),
            (1, "25.5", 0),
            (100, "0", 0),
        ];
        for (gross, percent, tax) in cases {
            let gross = Money::new(gross, Currency::parse("EUR").unwrap());
            let split = split_gross(gross, parse_decimal(percent).unwrap()).unwrap();
            assert_eq!(split.tax.minor, tax, "{gross} with {percent} %");
            assert_eq!(split.net.plus(split.tax).unwrap(), gross);
        }
        let euro = Money::new(1, Currency::parse("EUR").unwrap());
        assert_eq!(split_gross(euro, Decimal::NEGATIVE_ONE).unwrap_err().field, "percent");
    }
}
