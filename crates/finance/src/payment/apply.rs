//! Payments applied to documents: those the remittance names, else the oldest due first.

use strata_kernel::{Date, Error, Money, Result};

use super::{Receivable, ReceivableState};

/// An open document of a customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenItem {
    /// Document number.
    pub number: String,
    /// Day it is due.
    pub due_date: Date,
    /// Amounts.
    pub receivable: Receivable,
}

/// A part of a payment that settles a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Application {
    /// Number of the document.
    pub number: String,
    /// How much.
    pub amount: Money,
}

/// Where a payment went. Its applications and what is unapplied add up to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    /// By document, in the order in which it was applied.
    pub applications: Vec<Application>,
    /// What is left on the customer.
    pub unapplied: Money,
}

/// Applies a payment to the documents of a customer and changes what is open of them.
///
/// Without a remittance the oldest due comes first, then the smaller number. A remittance names documents, which are
/// then settled in its order and no other is touched; a document that the customer does not have is `INVALID_FIELD`,
/// and nothing is applied. An overpayment stays unapplied.
/// Amounts are in minor units of one currency, not rounded. Source: application to the oldest, "Apply to Oldest" of
/// Business Central; remittance advice, EN 16931 BT-83.
pub fn apply(payment: Money, items: &mut [OpenItem], remittance: &[String]) -> Result<Applied> {
    let order = order(items, remittance)?;
    let mut changed: Vec<(usize, Receivable)> = Vec::new();
    let (mut applications, mut left) = (Vec::new(), payment);
    for index in order {
        let Some(item) = items.get(index) else { continue };
        // A credit memo and an invoice settle each other by an application of their own, not in passing.
        if left.minor == 0 || item.receivable.gross.minor.signum() != payment.minor.signum() {
            continue;
        }
        let mut receivable = item.receivable;
        let rest = receivable.apply(left)?;
        let amount = crate::amount::difference(left, rest)?;
        if amount.minor != 0 {
            applications.push(Application {
                number: item.number.clone(),
                amount,
            });
            changed.push((index, receivable));
        }
        left = rest;
    }
    for (index, receivable) in changed {
        if let Some(item) = items.get_mut(index) {
            item.receivable = receivable;
        }
    }
    Ok(Applied {
        applications,
        unapplied: left,
    })
}

fn order(items: &[OpenItem], remittance: &[String]) -> Result<Vec<usize>> {
    if remittance.is_empty() {
        let mut order: Vec<(Date, &str, usize)> = items
            .iter()
            .enumerate()
            .map(|(index, item)| (item.due_date, item.number.as_str(), index))
            .collect();
        order.sort_unstable();
        return Ok(order.into_iter().map(|(_, _, index)| index).collect());
    }
    let mut order: Vec<usize> = Vec::with_capacity(remittance.len());
    for number in remittance {
        let found = items.iter().position(|item| item.number == *number);
        let index = found.ok_or_else(|| Error::invalid("remittance", format!("the customer has no document \"{number}\"")))?;
        if !order.contains(&index) {
            order.push(index);
        }
    }
    Ok(order)
}

/// A document after a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PaymentStep {
    /// State.
    pub state: ReceivableState,
    /// What is open.
    pub open: Money,
    /// What is unapplied of this payment and those before it.
    pub unapplied: Money,
}

/// Applies payments to one document in their order. A payment of the other sign takes back: first what is
/// unapplied, then what is applied, which reopens the document.
///
/// Refuses as [`Receivable::apply`] does. Source: payment states of Tryton's `account_invoice`; unapplied payments on
/// account.
pub fn apply_in_turn(receivable: &mut Receivable, payments: &[Money]) -> Result<Vec<PaymentStep>> {
    let mut unapplied = Money::zero(receivable.gross.currency);
    let mut steps = Vec::with_capacity(payments.len());
    for payment in payments {
        unapplied = receivable.apply(unapplied.plus(*payment)?)?;
        steps.push(PaymentStep {
            state: receivable.state()?,
            open: receivable.open()?,
            unapplied,
        });
    }
    Ok(steps)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use strata_kernel::Currency;

    use super::*;

    fn eur(minor: i64) -> Money {
        Money::new(minor, Currency::parse("EUR").unwrap())
    }

    fn items() -> Vec<OpenItem> {
        let item = |number: &str, due: &str, gross| OpenItem {
            number: number.to_owned(),
            due_date: due.parse().unwrap(),
            receivable: Receivable::posted(eur(gross)),
        };
        vec![
            item("3", "2025-05-01", 300),
            item("2", "2025-04-01", 200),
            item("1", "2025-04-01", 100),
            item("CM", "2025-01-01", -50),
        ]
    }

    fn names(applied: &Applied) -> Vec<(&str, i64)> {
        let pair = |part: &Application| part.amount.minor;
        applied
            .applications
            .iter()
            .map(|part| (part.number.as_str(), pair(part)))
            .collect()
    }

    #[test]
    fn the_oldest_due_is_paid_first() {
        let mut open = items();
        let applied = apply(eur(350), &mut open, &[]).unwrap();
        assert_eq!(names(&applied), [("1", 100), ("2", 200), ("3", 50)]);
        assert_eq!(applied.unapplied, eur(0));
        assert_eq!(open[0].receivable.open().unwrap(), eur(250));
        let rest = apply(eur(300), &mut open, &[]).unwrap();
        assert_eq!((names(&rest), rest.unapplied), (vec![("3", 250)], eur(50)));
        let refund = apply(eur(-50), &mut open, &[]).unwrap();
        assert_eq!(names(&refund), [("CM", -50)]);
    }

    #[test]
    fn a_remittance_decides() {
        let named = ["3".to_owned(), "3".to_owned(), "1".to_owned()];
        let mut open = items();
        let applied = apply(eur(450), &mut open, &named).unwrap();
        assert_eq!((names(&applied), applied.unapplied), (vec![("3", 300), ("1", 100)], eur(50)));
        let before = items();
        let mut same = items();
        assert_eq!(apply(eur(1), &mut same, &["9".to_owned()]).unwrap_err().field, "remittance");
        assert_eq!(same, before);
    }

    #[test]
    fn what_is_taken_back_reopens() {
        let mut invoice = Receivable::posted(eur(1_000));
        let steps = apply_in_turn(&mut invoice, &[eur(0), eur(600), eur(600), eur(-300)]).unwrap();
        let found: Vec<_> = steps
            .iter()
            .map(|step| (step.state.as_str(), step.open.minor, step.unapplied.minor))
            .collect();
        assert_eq!(
            found,
            [
                ("posted", 1_000, 0),
                ("part_paid", 400, 0),
                ("paid", 0, 200),
                ("part_paid", 100, 0)
            ]
        );
        assert!(apply_in_turn(&mut invoice, &[]).unwrap().is_empty());
    }
}
