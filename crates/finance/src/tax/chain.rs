//! Taxes in sequence, where a tax may enlarge the base of later ones.

use strata_kernel::{Currency, Decimal, Money, Result};

use crate::ratio::Ratio;

/// How a tax is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TaxAmount {
    /// A percent of the base.
    Percent(Decimal),
    /// So many major units for each unit sold.
    PerUnit(Decimal),
}

/// One tax of a chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainTax {
    /// Name.
    pub name: String,
    /// Place in the chain. Taxes of one place see the same base.
    pub sequence: i64,
    /// How it is measured.
    pub amount: TaxAmount,
    /// True when the base of later places includes it.
    pub updates_unit_price: bool,
}

/// One tax of a sale, exact, in major units.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainRow {
    /// Name of the tax.
    pub name: String,
    /// What it is measured on.
    pub base: Decimal,
    /// The tax, not rounded: see [`ChainRow::rounded`].
    pub tax: Decimal,
}

impl ChainRow {
    /// Base and tax in a currency, each rounded once: the named place of rounding.
    ///
    /// Half away from zero. Beyond 64 bits it is `AMOUNT_OVERFLOW`. Source: `Tax.compute` of Tryton's account module.
    pub fn rounded(&self, currency: Currency) -> Result<(Money, Money)> {
        Ok((Money::round(self.base, currency)?, Money::round(self.tax, currency)?))
    }
}

/// Taxes of a quantity at a unit price, by sequence; taxes of one sequence keep the order given. A tax that updates
/// the unit price enlarges the base of greater sequences only, not of its neighbours.
/// Source: `Tax.compute` of Tryton's account module.
///
/// Amounts are exact decimals in major units; more than 28 digits are `AMOUNT_OVERFLOW`.
pub fn chain(unit_price: Decimal, quantity: Decimal, taxes: &[ChainTax]) -> Result<Vec<ChainRow>> {
    let mut ordered: Vec<&ChainTax> = taxes.iter().collect();
    ordered.sort_by_key(|tax| tax.sequence);
    let quantity = Ratio::decimal(quantity);
    let mut price = Ratio::decimal(unit_price);
    let mut rows = Vec::with_capacity(ordered.len());
    for place in ordered.chunk_by(|left, right| left.sequence == right.sequence) {
        let mut next_price = price;
        for tax in place {
            let unit = match tax.amount {
                TaxAmount::Percent(percent) => price.times(Ratio::decimal(percent))?.over(Ratio::whole(100))?,
                TaxAmount::PerUnit(amount) => Ratio::decimal(amount),
            };
            if tax.updates_unit_price {
                next_price = next_price.plus(unit)?;
            }
            rows.push(ChainRow {
                name: tax.name.clone(),
                base: price.times(quantity)?.exact()?,
                tax: unit.times(quantity)?.exact()?,
            });
        }
        price = next_price;
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use strata_kernel::parse_decimal;

    use super::*;
    use crate::reason;

    fn dec(text: &str) -> Decimal {
        parse_decimal(text).unwrap()
    }

    fn tax(name: &str, sequence: i64, amount: TaxAmount, updates_unit_price: bool) -> ChainTax {
        ChainTax {
            name: name.to_owned(),
            sequence,
            amount,
            updates_unit_price,
        }
    }

    #[test]
    fn a_fixed_tax_is_per_unit_and_enlarges_what_follows() {
        let taxes = [
            tax("vat", 20, TaxAmount::Percent(dec("20")), false),
            tax("eco", 10, TaxAmount::PerUnit(dec("5")), true),
        ];
        let rows = chain(dec("100"), dec("5"), &taxes).unwrap();
        let found: Vec<_> = rows.iter().map(|row| (row.name.as_str(), row.base, row.tax)).collect();
        assert_eq!(found, [("eco", dec("500"), dec("25")), ("vat", dec("525"), dec("105"))]);
    }

    #[test]
    fn rounding_comes_last() {
        let taxes = [
            tax("a", 1, TaxAmount::Percent(dec("7.5")), true),
            tax("b", 2, TaxAmount::Percent(dec("10")), false),
        ];
        let rows = chain(dec("-0.33"), dec("1"), &taxes).unwrap();
        assert_eq!(rows[1].base, dec("-0.35475"));
        let usd = Currency::parse("USD").unwrap();
        let (base, amount) = rows[1].rounded(usd).unwrap();
        assert_eq!((base.minor, amount.minor), (-35, -4));
        assert!(chain(dec("1"), dec("1"), &[]).unwrap().is_empty());
        let far = chain(dec("79228162514264337593543950335"), dec("10"), &taxes);
        assert_eq!(far.unwrap_err().reason, reason::AMOUNT_OVERFLOW);
    }
}
