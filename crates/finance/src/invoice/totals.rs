//! Totals of an invoice or a credit note as EN 16931 computes them.

use strata_kernel::{Currency, Decimal, Error, Money, Result};

use crate::amount::{difference, percent_of};
use crate::ratio::Ratio;
use crate::tax::{TaxRow, TaxTreatment, document_tax};

/// Whether something is taken off or put on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AllowanceKind {
    /// Taken off.
    Allowance,
    /// Put on.
    Charge,
}

impl AllowanceKind {
    /// Reads "allowance" or "charge". Any other word is `INVALID_FIELD`.
    pub fn parse(word: &str) -> Result<Self> {
        match word {
            "allowance" => Ok(Self::Allowance),
            "charge" => Ok(Self::Charge),
            _ => Err(Error::invalid("kind", format!("\"{word}\" is neither allowance nor charge"))),
        }
    }
}

/// A discount or a surcharge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AllowanceCharge {
    /// Off or on.
    pub kind: AllowanceKind,
    /// How much, in the currency of the document (BT-92, BT-99, BT-136, BT-141).
    pub amount: Money,
}

impl AllowanceCharge {
    /// A percentage of a base amount, rounded once (BT-93 x BT-94, BT-100 x BT-101).
    ///
    /// Half away from zero. Beyond 64 bits it is `AMOUNT_OVERFLOW`. Source: PEPPOL-EN16931-R040.
    pub fn of_base(kind: AllowanceKind, base: Money, percent: Decimal) -> Result<Self> {
        let amount = percent_of(base, percent)?;
        Ok(Self { kind, amount })
    }

    fn add_to(self, sum: Money) -> Result<Money> {
        match self.kind {
            AllowanceKind::Charge => sum.plus(self.amount),
            AllowanceKind::Allowance => difference(sum, self.amount),
        }
    }
}

/// An allowance or charge on the whole document, with its own tax.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DocumentAllowanceCharge {
    /// What is taken off or put on.
    pub item: AllowanceCharge,
    /// How it is taxed.
    pub tax: TaxTreatment,
}

/// A line before it is priced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvoiceLine {
    /// Invoiced quantity (BT-129). Below zero: something is given back.
    pub quantity: Decimal,
    /// Net price of `base_quantity` units in major units, with as many decimals as was agreed (BT-146).
    pub price: Decimal,
    /// Units that the price is for (BT-149), above zero; usually 1.
    pub base_quantity: Decimal,
    /// What is taken off and put on before tax.
    pub allowances_charges: Vec<AllowanceCharge>,
    /// How the line is taxed.
    pub tax: TaxTreatment,
}

/// Totals of a document, all in its currency: net + tax = gross, exactly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvoiceTotals {
    /// Net of each line, in the order given (BT-131).
    pub line_nets: Vec<Money>,
    /// Sum of the line nets (BT-106).
    pub net_lines: Money,
    /// Sum of document allowances (BT-107).
    pub allowances: Money,
    /// Sum of document charges (BT-108).
    pub charges: Money,
    /// Without tax (BT-109).
    pub net: Money,
    /// Tax by category and percent, in the order in which the document first names them (BG-23).
    pub tax_rows: Vec<TaxRow>,
    /// Sum of the tax rows (BT-110).
    pub tax: Money,
    /// With tax (BT-112).
    pub gross: Money,
    /// What is left to pay: gross less prepaid, and the rounding to what can be paid (BT-115).
    pub payable: Money,
}

/// `quantity x price / per`, rounded once to the currency's minor unit. `price` is in major units and for `per`
/// units, which must be above zero (`INVALID_FIELD`).
///
/// Half away from zero. Source: EN 16931 BT-131, PEPPOL-EN16931-R120.
pub fn priced(quantity: Decimal, price: Decimal, per: Decimal, currency: Currency) -> Result<Money> {
    if per <= Decimal::ZERO {
        return Err(Error::invalid("base_quantity", "a price is for a quantity above zero"));
    }
    Ratio::decimal(quantity)
        .times(Ratio::decimal(price))?
        .over(Ratio::decimal(per))?
        .money(currency)
}

/// Net of a line: the priced quantity, rounded, then charges and allowances, which are amounts already.
/// Source: EN 16931 BT-131, PEPPOL-EN16931-R120.
///
/// Refuses as [`priced`] does; amounts in another currency are `RATE_CURRENCY_MISMATCH`.
pub fn line_net(line: &InvoiceLine, currency: Currency) -> Result<Money> {
    let mut net = priced(line.quantity, line.price, line.base_quantity, currency)?;
    for item in &line.allowances_charges {
        net = item.add_to(net)?;
    }
    Ok(net)
}

/// Totals of a document (EN 16931 BR-CO-10 to BR-CO-17). `prepaid` was paid before (BT-113); `rounding` is added to the
/// amount due, as where there are no small coins (BT-114, zero unless the document says so). Lines are rounded one by
/// one, tax once per category and percent on the sum of what it applies to; sums are not rounded again. A credit note
/// with positive amounts computes alike. Refuses a treatment that cannot be (see [`TaxTreatment::check`]), and amounts in another
/// currency (`RATE_CURRENCY_MISMATCH`).
pub fn invoice_totals(
    currency: Currency,
    lines: &[InvoiceLine],
    document_items: &[DocumentAllowanceCharge],
    prepaid: Money,
    rounding: Money,
) -> Result<InvoiceTotals> {
    let zero = Money::zero(currency);
    let (mut net_lines, mut allowances, mut charges) = (zero, zero, zero);
    let mut line_nets = Vec::with_capacity(lines.len());
    let mut taxed = Vec::with_capacity(lines.len() + document_items.len());
    for line in lines {
        line.tax.check()?;
        let net = line_net(line, currency)?;
        net_lines = net_lines.plus(net)?;
        line_nets.push(net);
        taxed.push((line.tax, net));
    }
    for entry in document_items {
        entry.tax.check()?;
        match entry.item.kind {
            AllowanceKind::Allowance => allowances = allowances.plus(entry.item.amount)?,
            AllowanceKind::Charge => charges = charges.plus(entry.item.amount)?,
        }
        taxed.push((entry.tax, entry.item.add_to(zero)?));
    }
    let tax_rows = document_tax(&taxed)?;
    let mut tax = zero;
    for row in &tax_rows {
        tax = tax.plus(row.tax)?;
    }
    let net = difference(net_lines.plus(charges)?, allowances)?;
    let gross = net.plus(tax)?;
    Ok(InvoiceTotals {
        line_nets,
        net_lines,
        allowances,
        charges,
        net,
        tax_rows,
        tax,
        gross,
        payable: difference(gross, prepaid)?.plus(rounding)?,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use strata_kernel::parse_decimal;

    use super::*;
    use crate::reason;
    use crate::tax::TaxCategory;

    fn cur(code: &str) -> Currency {
        Currency::parse(code).unwrap()
    }

    fn standard(percent: &str) -> TaxTreatment {
        TaxTreatment {
            category: TaxCategory::Standard,
            percent: parse_decimal(percent).unwrap(),
        }
    }

    fn line(quantity: &str, price: &str, per: &str) -> InvoiceLine {
        InvoiceLine {
            quantity: parse_decimal(quantity).unwrap(),
            price: parse_decimal(price).unwrap(),
            base_quantity: parse_decimal(per).unwrap(),
            allowances_charges: Vec::new(),
            tax: standard("19"),
        }
    }

    #[test]
    fn a_price_for_many_units_is_divided_last() {
        // 10 x 1.00 / 3 is 3.33; a unit price rounded first would give 3.30.
        assert_eq!(line_net(&line("10", "1.00", "3"), cur("EUR")).unwrap().to_string(), "3.33");
        assert_eq!(line_net(&line("-1", "0.005", "1"), cur("EUR")).unwrap().to_string(), "-0.01");
        assert_eq!(line_net(&line("1.5", "333", "1"), cur("JPY")).unwrap().to_string(), "500");
        assert_eq!(line_net(&line("1", "1", "0"), cur("EUR")).unwrap_err().field, "base_quantity");
    }

    #[test]
    fn a_percentage_comes_off_its_base() {
        let eur = cur("EUR");
        let mut given = line("1", "100", "1");
        let tenth = AllowanceCharge::of_base(AllowanceKind::Allowance, Money::new(10_000, eur), Decimal::TEN).unwrap();
        given.allowances_charges.push(tenth);
        assert_eq!(line_net(&given, eur).unwrap().to_string(), "90.00");
    }

    #[test]
    fn nothing_makes_a_document_of_nothing() {
        let eur = cur("EUR");
        let totals = invoice_totals(eur, &[], &[], Money::new(500, eur), Money::new(-2, eur)).unwrap();
        assert_eq!((totals.gross.minor, totals.payable.minor), (0, -502), "prepaid, and rounded");
        assert!(totals.tax_rows.is_empty());
    }

    #[test]
    fn refuses_what_makes_no_document() {
        let eur = cur("EUR");
        let mut exempt = line("1", "1", "1");
        exempt.tax.category = TaxCategory::Exempt;
        let taxed_exempt = invoice_totals(eur, &[exempt], &[], Money::zero(eur), Money::zero(eur)).unwrap_err();
        assert_eq!(taxed_exempt.field, "percent");
        let far = invoice_totals(
            eur,
            &[line("92233720368547758.07", "1", "1")],
            &[],
            Money::zero(eur),
            Money::zero(eur),
        );
        assert_eq!(far.unwrap_err().reason, reason::AMOUNT_OVERFLOW);
        let dollars = invoice_totals(eur, &[], &[], Money::zero(cur("USD")), Money::zero(eur)).unwrap_err();
        assert_eq!(dollars.reason, reason::RATE_CURRENCY_MISMATCH);
        assert!(AllowanceKind::parse("discount").is_err());
    }
}
