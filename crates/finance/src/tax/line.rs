//! Tax rounded line by line, or unit by unit, beside tax rounded once.

use strata_kernel::{Currency, Decimal, Money, Result};

use crate::quantum::RoundingMode;
use crate::ratio::Ratio;

/// Lines of one exact net, which may be finer than the currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EqualLines {
    /// Net of one line, unrounded, in major units.
    pub net: Decimal,
    /// How many there are.
    pub count: u32,
}

/// Base and tax of a set of lines, as a document shows them, in major units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TaxSum {
    /// Sum of the line nets, each rounded.
    pub base: Decimal,
    /// Tax.
    pub tax: Decimal,
}

/// Tax by line: the tax on each line's exact net is rounded to a multiple of `quantum`, then the lines are added.
/// Source: tax rounding "line" of Tryton's account module.
///
/// Half away from zero. A quantum that is not above zero is `INVALID_FIELD`.
pub fn line_method(lines: &[EqualLines], percent: Decimal, quantum: Decimal) -> Result<TaxSum> {
    sum(lines, quantum, |line| nearest(tax_of(line.net, percent)?, quantum))
}

/// Tax by document: the tax on the exact nets together is rounded once to a multiple of `quantum`. The base shown is
/// the sum of rounded lines all the same. Source: tax rounding "document" of Tryton's account module.
///
/// Half away from zero. A quantum that is not above zero is `INVALID_FIELD`.
pub fn document_method(lines: &[EqualLines], percent: Decimal, quantum: Decimal) -> Result<TaxSum> {
    let mut tax = Ratio::whole(0);
    for line in lines {
        tax = tax.plus(tax_of(line.net, percent)?.times(Ratio::whole(i64::from(line.count)))?)?;
    }
    let shown = sum(lines, quantum, |_| Ok(Decimal::ZERO))?;
    Ok(TaxSum {
        tax: nearest(tax, quantum)?,
        ..shown
    })
}

/// Tax on a quantity at a unit price: `round(quantity x price x percent/100)`.
///
/// In minor units, half away from zero. Beyond 64 bits it is `AMOUNT_OVERFLOW`. Source: "Visible currency rounding",
/// LibreOffice users list, 15 July 2013; EN 16931 BR-CO-17.
pub fn tax_on_quantity(unit_price: Decimal, quantity: Decimal, percent: Decimal, currency: Currency) -> Result<Money> {
    tax_of(unit_price, percent)?.times(Ratio::decimal(quantity))?.money(currency)
}

/// Tax of one unit, rounded, times the number of units: what single sales of them would carry. A quantity with a
/// fraction rounds once more at its end.
///
/// In minor units, half away from zero. Beyond 64 bits it is `AMOUNT_OVERFLOW`. Source: "Visible currency rounding",
/// LibreOffice users list, 15 July 2013.
pub fn tax_per_unit(unit_price: Decimal, quantity: Decimal, percent: Decimal, currency: Currency) -> Result<Money> {
    let unit = tax_of(unit_price, percent)?.money(currency)?;
    let minor = Ratio::whole(unit.minor).times(Ratio::decimal(quantity))?.round()?;
    Ok(Money::new(minor, currency))
}

fn sum(lines: &[EqualLines], quantum: Decimal, tax: impl Fn(&EqualLines) -> Result<Decimal>) -> Result<TaxSum> {
    let mut total = TaxSum {
        base: Decimal::ZERO,
        tax: Decimal::ZERO,
    };
    for line in lines {
        total.base = add(total.base, nearest(Ratio::decimal(line.net), quantum)?, line.count)?;
        total.tax = add(total.tax, tax(line)?, line.count)?;
    }
    Ok(total)
}

fn add(sum: Decimal, amount: Decimal, count: u32) -> Result<Decimal> {
    Ratio::decimal(amount)
        .times(Ratio::whole(i64::from(count)))?
        .plus(Ratio::decimal(sum))?
        .exact()
}

fn tax_of(net: Decimal, percent: Decimal) -> Result<Ratio> {
    Ratio::decimal(net).times(Ratio::decimal(percent))?.over(Ratio::whole(100))
}

fn nearest(value: Ratio, quantum: Decimal) -> Result<Decimal> {
    value.to_multiple(quantum, RoundingMode::HalfUp)
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

    #[test]
    fn lines_and_document_differ_by_what_rounding_loses() {
        let lines = [
            EqualLines {
                net: dec("1.001"),
                count: 100,
            },
            EqualLines {
                net: dec("-0.125"),
                count: 1,
            },
        ];
        let by_line = line_method(&lines, dec("20"), dec("0.01")).unwrap();
        assert_eq!((by_line.base, by_line.tax), (dec("99.87"), dec("19.97")));
        let once = document_method(&lines, dec("20"), dec("0.01")).unwrap();
        assert_eq!((once.base, once.tax), (dec("99.87"), dec("20.00")));
        let nothing = document_method(&[], dec("20"), dec("0.01")).unwrap();
        assert_eq!(nothing.base, Decimal::ZERO);
        assert_eq!(line_method(&lines, dec("20"), dec("-1")).unwrap_err().field, "quantum");
    }

    #[test]
    fn units_and_quantity_differ_too() {
        let usd = Currency::parse("USD").unwrap();
        let at = |quantity| {
            let quantity = dec(quantity);
            let whole = tax_on_quantity(dec("1.37"), quantity, dec("20"), usd).unwrap();
            (
                whole.minor,
                tax_per_unit(dec("1.37"), quantity, dec("20"), usd).unwrap().minor,
            )
        };
        assert_eq!(at("50"), (1_370, 1_350));
        assert_eq!(at("-50"), (-1_370, -1_350));
        assert_eq!(at("0.5"), (14, 14));
        let far = tax_per_unit(dec("92233720368547758"), dec("10000"), dec("100"), usd);
        assert_eq!(far.unwrap_err().reason, reason::AMOUNT_OVERFLOW);
    }
}
