//! A document in the functional currency.

use strata_kernel::{Currency, Decimal, Money, Result};

use super::convert::{convert, factor};
use crate::ratio::Ratio;
use crate::spread::spread;

/// A document in the functional currency: its gross, and that gross spread over lines and tax.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConvertedDocument {
    /// Lines and tax of the document in its own currency.
    pub original_gross: Money,
    /// The gross, converted once.
    pub gross: Money,
    /// Line by line, in the order given.
    pub lines: Vec<Money>,
    /// The tax.
    pub tax: Money,
}

/// Converts a document's gross once and spreads it over lines and tax by largest remainder,
/// so that lines + tax = gross in both currencies. A document of opposite
/// signs gives the exact mirror.
///
/// Amounts in two currencies are `RATE_CURRENCY_MISMATCH`, a rate that is not above zero is `FX_RATE_INVALID`. Source:
/// IAS 21.21 for the rate; largest remainder for the parts, as moneyphp allocates.
pub fn convert_document(lines: &[Money], tax: Money, rate: Decimal, to: Currency) -> Result<ConvertedDocument> {
    let parts: Vec<Money> = lines.iter().copied().chain([tax]).collect();
    let mut gross = Money::zero(tax.currency);
    for part in &parts {
        gross = gross.plus(*part)?;
    }
    let total = convert(gross, rate, to)?;
    let factor = factor(rate, tax.currency, to)?;
    let exact = parts
        .iter()
        .map(|part| Ratio::whole(part.minor).times(factor))
        .collect::<Result<Vec<Ratio>>>()?;
    let mut spread = spread(total.minor, &exact)?;
    let tax = Money::new(spread.pop().unwrap_or_default(), to);
    Ok(ConvertedDocument {
        original_gross: gross,
        gross: total,
        lines: spread.into_iter().map(|minor| Money::new(minor, to)).collect(),
        tax,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use strata_kernel::parse_decimal;

    use super::*;

    fn cur(code: &str) -> Currency {
        Currency::parse(code).unwrap()
    }

    fn eur(minor: i64) -> Money {
        Money::new(minor, cur("EUR"))
    }

    #[test]
    fn a_document_balances_in_both_currencies() {
        let rate = parse_decimal("1.0837").unwrap();
        let document = convert_document(&[eur(3_333), eur(3_333), eur(3_334)], eur(1_900), rate, cur("USD")).unwrap();
        assert_eq!(document.gross.to_string(), "128.96");
        let parts: Vec<i64> = document.lines.iter().map(|line| line.minor).collect();
        assert_eq!((parts, document.tax.minor), (vec![3_612, 3_612, 3_613], 2_059));
    }

    #[test]
    fn a_credit_with_its_rebill_does_not_magnify_rounding() {
        let rate = parse_decimal("1.0837").unwrap();
        let lines = [eur(-100_000_000), eur(100_000_001)];
        let document = convert_document(&lines, eur(0), rate, cur("USD")).unwrap();
        assert_eq!(document.gross.minor, 1);
        let parts: Vec<i64> = document.lines.iter().map(|line| line.minor).collect();
        assert_eq!(parts, [-108_370_000, 108_370_001]);
        let nothing = convert_document(&[eur(-5), eur(5)], eur(0), rate, cur("USD")).unwrap();
        assert_eq!(
            nothing.lines.iter().map(|line| line.minor).sum::<i64>() + nothing.tax.minor,
            0
        );
    }
}
