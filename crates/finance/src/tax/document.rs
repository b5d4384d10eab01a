//! Tax of a whole document: the sum is taxed, not the lines.

use strata_kernel::{Money, Result};

use super::TaxTreatment;
use crate::amount::percent_of;
use crate::ratio::Ratio;
use crate::spread::spread;

/// One tax row of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TaxRow {
    /// Category and percent.
    pub treatment: TaxTreatment,
    /// Sum of the line nets it applies to.
    pub taxable: Money,
    /// Tax, rounded once on that sum.
    pub tax: Money,
}

/// Tax of a document, by category and percent in the order of their first line: the line nets are summed first,
/// and each sum is taxed and rounded once. Tax by line differs by cents; never mix the two.
/// Source: EN 16931 BR-CO-17, BR-S-08 and BR-S-09.
///
/// In minor units, half away from zero. Lines in two currencies are `RATE_CURRENCY_MISMATCH`.
pub fn document_tax(lines: &[(TaxTreatment, Money)]) -> Result<Vec<TaxRow>> {
    let mut sums: Vec<(TaxTreatment, Money)> = Vec::new();
    for (treatment, net) in lines {
        match sums.iter_mut().find(|(known, _)| known == treatment) {
            Some((_, sum)) => *sum = sum.plus(*net)?,
            None => sums.push((*treatment, *net)),
        }
    }
    sums.into_iter()
        .map(|(treatment, taxable)| tax_row(treatment, taxable))
        .collect()
}

/// The one tax row of a document whose lines are all treated alike.
///
/// Rounded once, half away from zero. Beyond 64 bits it is `AMOUNT_OVERFLOW`. Source: EN 16931 BR-CO-17.
pub fn tax_row(treatment: TaxTreatment, taxable: Money) -> Result<TaxRow> {
    Ok(TaxRow {
        treatment,
        taxable,
        tax: percent_of(taxable, treatment.percent)?,
    })
}

/// The document's tax spread over its lines, for analytics or the credit of one line: each row goes to its lines
/// by largest remainder, so that they add up to it. It is never computed anew for a line.
///
/// Refuses as [`document_tax`] does. Source: largest remainder, as moneyphp allocates; EN 16931 has no tax by line.
pub fn tax_by_line(lines: &[(TaxTreatment, Money)]) -> Result<Vec<Money>> {
    let mut shares: Vec<Money> = lines.iter().map(|(_, net)| Money::zero(net.currency)).collect();
    for row in document_tax(lines)? {
        let percent = Ratio::decimal(row.treatment.percent).over(Ratio::whole(100))?;
        let (places, exact): (Vec<usize>, Vec<Ratio>) = lines
            .iter()
            .enumerate()
            .filter(|(_, (treatment, _))| *treatment == row.treatment)
            .map(|(place, (_, net))| Ok((place, Ratio::whole(net.minor).times(percent)?)))
            .collect::<Result<Vec<_>>>()?
            .into_iter()
            .unzip();
        for (place, part) in places.into_iter().zip(spread(row.tax.minor, &exact)?) {
            if let Some(share) = shares.get_mut(place) {
                share.minor = part;
            }
        }
    }
    Ok(shares)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use strata_kernel::{Currency, Decimal};

    use super::*;
    use crate::tax::TaxCategory;

    #[test]
    fn taxes_the_sum_not_the_lines() {
        let eur = Currency::parse("EUR").unwrap();
        let standard = TaxTreatment {
            category: TaxCategory::Standard,
            percent: Decimal::from(19),
        };
        let exempt = TaxTreatment {
            category: TaxCategory::Exempt,
            percent: Decimal::ZERO,
        };
        // 19 % of 0.03 is 0.0057: a cent for each of three lines, two cents for their sum.
        let line = (standard, Money::new(3, eur));
        let rows = document_tax(&[line, (exempt, Money::new(500, eur)), line, line]).unwrap();
        assert_eq!(rows.len(), 2);
        assert_eq!((rows[0].taxable.minor, rows[0].tax.minor), (9, 2));
        assert_eq!((rows[1].taxable.minor, rows[1].tax.minor), (500, 0));
        let mirror = tax_row(standard, Money::new(-9, eur)).unwrap();
        assert_eq!(mirror.tax.minor, -2);
    }

    #[test]
    fn lines_share_the_tax_of_their_row() {
        let eur = Currency::parse("EUR").unwrap();
        let at = |percent, minor| {
            let treatment = TaxTreatment {
                category: TaxCategory::Standard,
                percent: Decimal::from(percent),
            };
            (treatment, Money::new(minor, eur))
        };
        let lines = [at(19, 3), at(7, 1_000), at(19, 3), at(19, 3)];
        let shares: Vec<i64> = tax_by_line(&lines).unwrap().iter().map(|share| share.minor).collect();
        assert_eq!(shares, [1, 70, 1, 0]);
        assert!(tax_by_line(&[]).unwrap().is_empty());
    }
}
