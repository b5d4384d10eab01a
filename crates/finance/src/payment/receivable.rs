//! What is open of a document, and the state that follows from it.

use strata_kernel::{Error, Money, Result};

use crate::amount::difference;

/// State of a posted document. It follows from the amounts, never from a flag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ReceivableState {
    /// Nothing is paid of it.
    Posted,
    /// Paid in part.
    PartPaid,
    /// Nothing is open.
    Paid,
    /// Credited in full.
    Credited,
    /// The rest is given up.
    WrittenOff,
}

impl ReceivableState {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Posted => "posted",
            Self::PartPaid => "part_paid",
            Self::Paid => "paid",
            Self::Credited => "credited",
            Self::WrittenOff => "written_off",
        }
    }
}

/// A posted document and what has happened to it. Its own amount never changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Receivable {
    /// With tax. Below zero: a credit memo, whose amounts all mirror those of an invoice.
    pub gross: Money,
    /// Applied from payments, less what was reversed.
    pub applied: Money,
    /// Credited by credit memos.
    pub credited: Money,
    /// Given up: bad-debt cost, not less revenue. The time behind it does not become billable again.
    pub written_off: Money,
}

impl Receivable {
    /// A document as it is posted.
    pub fn posted(gross: Money) -> Self {
        let nothing = Money::zero(gross.currency);
        Self {
            gross,
            applied: nothing,
            credited: nothing,
            written_off: nothing,
        }
    }

    /// What is open: gross less applied, credited and written off. It turns its sign only when a document is
    /// credited that was paid before: so much goes back to the customer's account.
    ///
    /// Amounts in two currencies are `RATE_CURRENCY_MISMATCH`. Source: amount due for payment, EN 16931 BT-115.
    pub fn open(&self) -> Result<Money> {
        let unpaid = difference(self.gross, self.applied)?;
        difference(difference(unpaid, self.credited)?, self.written_off)
    }

    /// The state that follows from the amounts.
    ///
    /// Refuses as [`Receivable::open`] does. Source: the state follows from what is open, never from a flag.
    pub fn state(&self) -> Result<ReceivableState> {
        let open = self.open()?.minor;
        Ok(if self.gross.minor != 0 && self.credited == self.gross {
            ReceivableState::Credited
        } else if open.signum() == self.gross.minor.signum() && open != 0 {
            match self.applied.minor {
                0 => ReceivableState::Posted,
                _ => ReceivableState::PartPaid,
            }
        } else if self.written_off.minor != 0 {
            ReceivableState::WrittenOff
        } else {
            ReceivableState::Paid
        })
    }

    /// Applies a payment as far as it goes, and returns what is left of it: an overpayment stays unapplied on the
    /// customer. An amount of the other sign reverses: it reopens at most what was applied.
    ///
    /// In minor units, not rounded. A payment in another currency is `INVALID_FIELD`. Source: unapplied payments on
    /// account, IFRS 15.108 for what is a receivable.
    pub fn apply(&mut self, payment: Money) -> Result<Money> {
        let (sign, open) = (self.gross.minor.signum(), self.open()?);
        if payment.currency != open.currency {
            return Err(Error::invalid(
                "payment",
                format!("a payment in {} cannot settle {}", payment.currency, open.currency),
            ));
        }
        let taken = if payment.minor.signum() == sign {
            // A document that is overcredited takes nothing.
            nearer_zero(payment.minor, if open.minor.signum() == sign { open.minor } else { 0 })
        } else {
            // Never beyond what is applied.
            nearer_zero(payment.minor, self.applied.minor.saturating_neg())
        };
        let taken = Money::new(taken, payment.currency);
        self.applied = self.applied.plus(taken)?;
        difference(payment, taken)
    }

    /// Gives up an amount of what is open. More than is open is `INVALID_FIELD`.
    ///
    /// Source: write-off, IFRS 9.5.4.4: it lowers the gross carrying amount and is no reduction of revenue.
    pub fn write_off(&mut self, amount: Money) -> Result<()> {
        let open = self.open()?;
        let rest = difference(open, amount)?;
        let within = rest.minor == 0 || rest.minor.signum() == open.minor.signum();
        if !within || amount.minor.signum() == -open.minor.signum() {
            return Err(Error::invalid(
                "amount",
                format!("{amount} cannot be written off of {open} that is open"),
            ));
        }
        self.written_off = self.written_off.plus(amount)?;
        Ok(())
    }

    /// Credits an amount. More than the document has not been credited yet is `INVALID_FIELD`.
    ///
    /// Source: preceding invoice reference of a credit note, EN 16931 BG-3.
    pub fn credit(&mut self, amount: Money) -> Result<()> {
        let credited = self.credited.plus(amount)?;
        let rest = difference(self.gross, credited)?;
        let within = rest.minor == 0 || rest.minor.signum() == self.gross.minor.signum();
        if !within || amount.minor.signum() == -self.gross.minor.signum() {
            return Err(Error::invalid(
                "amount",
                format!("{amount} cannot be credited of a document of {}", self.gross),
            ));
        }
        self.credited = credited;
        Ok(())
    }
}

/// Of two amounts of one sign, or zero, the one nearer to zero.
fn nearer_zero(left: i64, right: i64) -> i64 {
    if left.unsigned_abs() <= right.unsigned_abs() {
        left
    } else {
        right
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use strata_kernel::Currency;

    use super::*;
    use crate::reason;

    fn eur(minor: i64) -> Money {
        Money::new(minor, Currency::parse("EUR").unwrap())
    }

    #[test]
    fn state_follows_from_what_is_open() {
        let mut invoice = Receivable::posted(eur(1_000));
        assert_eq!(invoice.state().unwrap(), ReceivableState::Posted);
        assert_eq!(invoice.apply(eur(400)).unwrap(), eur(0));
        assert_eq!(
            (invoice.state().unwrap(), invoice.open().unwrap()),
            (ReceivableState::PartPaid, eur(600))
        );
        assert_eq!(invoice.apply(eur(700)).unwrap(), eur(100));
        assert_eq!(invoice.state().unwrap(), ReceivableState::Paid);
        // The bank takes the second payment back; more than was applied it cannot take.
        assert_eq!(invoice.apply(eur(-600)).unwrap(), eur(0));
        assert_eq!(
            (invoice.state().unwrap(), invoice.open().unwrap()),
            (ReceivableState::PartPaid, eur(600))
        );
        assert_eq!(invoice.apply(eur(-500)).unwrap(), eur(-100));
        assert_eq!(invoice.state().unwrap(), ReceivableState::Posted);
    }

    #[test]
    fn a_credit_memo_mirrors_an_invoice() {
        let mut memo = Receivable::posted(eur(-1_000));
        assert_eq!(memo.apply(eur(-400)).unwrap(), eur(0));
        assert_eq!(
            (memo.state().unwrap(), memo.open().unwrap()),
            (ReceivableState::PartPaid, eur(-600))
        );
        assert_eq!(memo.apply(eur(-601)).unwrap(), eur(-1));
        assert_eq!(memo.state().unwrap(), ReceivableState::Paid);
    }

    #[test]
    fn credits_and_write_offs_close_what_is_open() {
        let mut invoice = Receivable::posted(eur(1_000));
        invoice.credit(eur(300)).unwrap();
        assert_eq!(invoice.state().unwrap(), ReceivableState::Posted);
        assert_eq!(invoice.write_off(eur(701)).unwrap_err().field, "amount");
        assert_eq!(invoice.write_off(eur(-1)).unwrap_err().field, "amount");
        invoice.write_off(eur(700)).unwrap();
        assert_eq!(
            (invoice.state().unwrap(), invoice.open().unwrap()),
            (ReceivableState::WrittenOff, eur(0))
        );

        let mut credited = Receivable::posted(eur(1_000));
        credited.apply(eur(250)).unwrap();
        assert_eq!(credited.credit(eur(1_001)).unwrap_err().field, "amount");
        credited.credit(eur(1_000)).unwrap();
        assert_eq!(
            (credited.state().unwrap(), credited.open().unwrap()),
            (ReceivableState::Credited, eur(-250))
        );
        assert_eq!(credited.apply(eur(5)).unwrap(), eur(5), "a credited document takes no money");
    }

    #[test]
    fn nothing_and_too_much_are_no_panic() {
        assert_eq!(Receivable::posted(eur(0)).state().unwrap(), ReceivableState::Paid);
        assert_eq!(Receivable::posted(eur(0)).apply(eur(5)).unwrap(), eur(5));
        let mut invoice = Receivable::posted(eur(i64::MIN));
        invoice.applied = eur(i64::MAX);
        assert_eq!(invoice.open().unwrap_err().reason, reason::AMOUNT_OVERFLOW);
        let dollars = Money::new(5, Currency::parse("USD").unwrap());
        assert_eq!(Receivable::posted(eur(5)).apply(dollars).unwrap_err().field, "payment");
    }
}
