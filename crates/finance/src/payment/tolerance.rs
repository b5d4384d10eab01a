//! Early-payment discount, its grace time, and the small rest that is not worth asking for.

use strata_kernel::{Date, Error, Money, Result};

use crate::amount::difference;

/// What the terms of an invoice allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PaymentTerms {
    /// Off when paid early.
    pub discount: Money,
    /// Last day of the discount. None: there is no discount.
    pub discount_date: Option<Date>,
    /// Last day on which the discount may still be accepted. None: there is no grace time.
    pub discount_grace_date: Option<Date>,
    /// True when a late discount is accepted within the grace time.
    pub accept_late_discount: bool,
    /// Largest rest, of either sign, that is closed. Tested after the discount.
    pub max_tolerance: Money,
}

/// Which allowances closed, or would close, the invoice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ToleranceKind {
    /// None.
    None,
    /// A small rest.
    Payment,
    /// A late discount.
    Discount,
    /// Both.
    DiscountAndPayment,
}

impl ToleranceKind {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "None",
            Self::Payment => "PaymentTolerance",
            Self::Discount => "PaymentDiscountTolerance",
            Self::DiscountAndPayment => "PaymentDiscountTolerance & PaymentTolerance",
        }
    }
}

/// What a payment does to an invoice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ToleranceOutcome {
    /// True when nothing is left, neither of the invoice nor of the payment.
    pub closed: bool,
    /// Which allowances were used.
    pub kind: ToleranceKind,
    /// The discount taken, in time or late.
    pub discount: Money,
    /// So much of it as was accepted late, which goes to an account of its own.
    pub late_discount: Money,
    /// The small rest: above zero it is given up, below zero it was paid too much and is kept as a gain.
    pub tolerance: Money,
    /// What is left to pay.
    pub remaining_on_invoice: Money,
    /// What is left of the payment, on the customer.
    pub remaining_on_payment: Money,
}

/// Settles an invoice with one payment.
///
/// The discount counts up to its day, and in the grace time if a late one is accepted. If what is then left is within
/// the tolerance, both are closed. A payment of more closes the invoice and keeps its rest; a payment of less leaves
/// the invoice open without any discount. A credit memo, below zero, mirrors an invoice.
/// A discount or a tolerance below zero, or a discount of more than the invoice, is `INVALID_FIELD`.
/// Source: "Payment tolerance and payment discount tolerance", example 1, Dynamics 365 Business Central.
pub fn settle_within_tolerance(invoice: Money, terms: PaymentTerms, payment: Money, paid_on: Date) -> Result<ToleranceOutcome> {
    check(invoice, terms)?;
    let nothing = Money::zero(invoice.currency);
    if invoice.minor < 0 {
        let mirror = settle_within_tolerance(difference(nothing, invoice)?, terms, difference(nothing, payment)?, paid_on)?;
        return mirror.mirrored();
    }
    let in_time = terms.discount_date.is_some_and(|last| paid_on <= last);
    let in_grace = terms.discount_date.is_some() && terms.discount_grace_date.is_some_and(|last| paid_on <= last);
    let late = !in_time && in_grace && terms.accept_late_discount && terms.discount.minor != 0;
    let discount = if in_time || late { terms.discount } else { nothing };
    let rest = difference(difference(invoice, discount)?, payment)?;
    let tolerated = rest.minor.unsigned_abs() <= terms.max_tolerance.minor.unsigned_abs();
    if !tolerated && rest.minor > 0 {
        return Ok(ToleranceOutcome {
            closed: false,
            kind: ToleranceKind::None,
            discount: nothing,
            late_discount: nothing,
            tolerance: nothing,
            remaining_on_invoice: difference(invoice, payment)?,
            remaining_on_payment: nothing,
        });
    }
    let tolerance = if tolerated { rest } else { nothing };
    Ok(ToleranceOutcome {
        closed: tolerated,
        kind: match (late, tolerance.minor != 0) {
            (false, false) => ToleranceKind::None,
            (false, true) => ToleranceKind::Payment,
            (true, false) => ToleranceKind::Discount,
            (true, true) => ToleranceKind::DiscountAndPayment,
        },
        discount,
        late_discount: if late { discount } else { nothing },
        tolerance,
        remaining_on_invoice: nothing,
        remaining_on_payment: difference(tolerance, rest)?,
    })
}

fn check(invoice: Money, terms: PaymentTerms) -> Result<()> {
    if terms.max_tolerance.minor < 0 {
        return Err(Error::invalid("max_tolerance", "a tolerance cannot be below zero"));
    }
    if terms.discount.minor < 0 || terms.discount.minor.unsigned_abs() > invoice.minor.unsigned_abs() {
        return Err(Error::invalid(
            "discount",
            format!("a discount of {} cannot come off {invoice}", terms.discount),
        ));
    }
    Ok(())
}

impl ToleranceOutcome {
    fn mirrored(self) -> Result<Self> {
        let negative = |amount: Money| difference(Money::zero(amount.currency), amount);
        Ok(Self {
            discount: negative(self.discount)?,
            late_discount: negative(self.late_discount)?,
            tolerance: negative(self.tolerance)?,
            remaining_on_invoice: negative(self.remaining_on_invoice)?,
            remaining_on_payment: negative(self.remaining_on_payment)?,
            ..self
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use strata_kernel::Currency;

    use super::*;

    fn usd(major: i64) -> Money {
        Money::new(major * 100, Currency::parse("USD").unwrap())
    }

    fn terms(accept_late_discount: bool) -> PaymentTerms {
        PaymentTerms {
            discount: usd(20),
            discount_date: "2003-01-15".parse().ok(),
            discount_grace_date: "2003-01-20".parse().ok(),
            accept_late_discount,
            max_tolerance: usd(5),
        }
    }

    fn settle(day: &str, payment: i64, accept: bool) -> ToleranceOutcome {
        settle_within_tolerance(usd(1_000), terms(accept), usd(payment), day.parse().unwrap()).unwrap()
    }

    /// Every row of the published table: day, payment, accepted, kind, tolerance, left on the invoice and the payment.
    #[test]
    fn the_published_table_holds() {
        use ToleranceKind as Kind;
        let (early, grace, late) = ("2003-01-15", "2003-01-18", "2003-01-21");
        let rows = [
            (early, 985, true, Kind::Payment, -5, 0, 0),
            (early, 980, true, Kind::None, 0, 0, 0),
            (early, 975, true, Kind::Payment, 5, 0, 0),
            (grace, 1_005, true, Kind::Discount, 0, 0, 25),
            (grace, 1_000, true, Kind::Discount, 0, 0, 20),
            (grace, 995, true, Kind::Discount, 0, 0, 15),
            (grace, 1_005, false, Kind::Payment, -5, 0, 0),
            (grace, 1_000, false, Kind::None, 0, 0, 0),
            (grace, 995, false, Kind::Payment, 5, 0, 0),
            (grace, 985, true, Kind::DiscountAndPayment, -5, 0, 0),
            (grace, 980, true, Kind::Discount, 0, 0, 0),
            (grace, 975, true, Kind::DiscountAndPayment, 5, 0, 0),
            (late, 1_005, true, Kind::Payment, -5, 0, 0),
            (late, 1_000, true, Kind::None, 0, 0, 0),
            (late, 995, true, Kind::Payment, 5, 0, 0),
            (late, 985, true, Kind::None, 0, 15, 0),
            (late, 980, true, Kind::None, 0, 20, 0),
            (late, 975, true, Kind::None, 0, 25, 0),
        ];
        for (day, payment, accept, kind, tolerance, on_invoice, on_payment) in rows {
            let found = settle(day, payment, accept);
            let row = format!("{payment} on {day}");
            assert_eq!((found.kind, found.tolerance), (kind, usd(tolerance)), "{row}");
            let left = (found.remaining_on_invoice, found.remaining_on_payment);
            assert_eq!(left, (usd(on_invoice), usd(on_payment)), "{row}");
            assert_eq!(found.closed, on_invoice == 0 && on_payment == 0, "{row}");
            let late_discount = if matches!(kind, Kind::Discount | Kind::DiscountAndPayment) {
                20
            } else {
                0
            };
            assert_eq!(found.late_discount, usd(late_discount), "{row}");
        }
    }

    #[test]
    fn too_little_in_time_takes_no_discount() {
        let found = settle("2003-01-10", 974, true);
        assert_eq!(
            (found.closed, found.discount, found.remaining_on_invoice),
            (false, usd(0), usd(26))
        );
    }

    #[test]
    fn a_credit_memo_mirrors() {
        let day = "2003-01-15".parse().unwrap();
        let found = settle_within_tolerance(usd(-1_000), terms(false), usd(-985), day).unwrap();
        assert_eq!((found.closed, found.tolerance, found.discount), (true, usd(5), usd(-20)));
    }

    #[test]
    fn refuses_terms_that_cannot_be() {
        let day = "2003-01-15".parse().unwrap();
        let field = |terms| settle_within_tolerance(usd(10), terms, usd(10), day).unwrap_err().field;
        assert_eq!(field(terms(false)), "discount");
        let negative = PaymentTerms {
            max_tolerance: usd(-1),
            ..terms(false)
        };
        assert_eq!(field(negative), "max_tolerance");
    }
}
