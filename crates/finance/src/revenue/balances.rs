//! What the customer owes and what is owed to the customer: receivables, contract assets, contract liabilities.

use std::collections::BTreeMap;

use strata_kernel::{Currency, Error, Money, Result};

use crate::amount::difference;

/// What stands between earned revenue and the right to its money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Right {
    /// Only time: approved work that waits for its invoice (IFRS 15.108). Time and material.
    OnlyTimeMissing,
    /// More than time: acceptance, a milestone, the end of a retention (IFRS 15.107). Fixed fees.
    Conditional,
}

/// A contract line at a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LineToDate {
    /// Cumulative revenue.
    pub revenue: Money,
    /// Billed, without tax: invoices less credits.
    pub billed: Money,
    /// What stands between the two.
    pub right: Right,
}

/// Position of one contract at a day. None of the three is below zero, and
/// `unbilled_receivable + contract_asset - contract_liability` is revenue less billed, exactly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// Earned, not billed, and only time is missing.
    pub unbilled_receivable: Money,
    /// Earned, not billed, and more than time is missing.
    pub contract_asset: Money,
    /// Billed or paid and not yet earned.
    pub contract_liability: Money,
}

impl Position {
    fn zero(currency: Currency) -> Self {
        let zero = Money::zero(currency);
        Self {
            unbilled_receivable: zero,
            contract_asset: zero,
            contract_liability: zero,
        }
    }

    fn plus(&self, other: &Self) -> Result<Self> {
        Ok(Self {
            unbilled_receivable: self.unbilled_receivable.plus(other.unbilled_receivable)?,
            contract_asset: self.contract_asset.plus(other.contract_asset)?,
            contract_liability: self.contract_liability.plus(other.contract_liability)?,
        })
    }
}

/// Position of one contract (IFRS 15.105-109, ASC 606-10-45-1 to 45-4): the unbilled receivable of the lines
/// where only time is missing, taken together, and the rest of the contract as one net asset or one net
/// liability. Lines in another currency are `RATE_CURRENCY_MISMATCH`.
pub fn position(currency: Currency, lines: &[LineToDate]) -> Result<Position> {
    let mut waiting = Money::zero(currency);
    let mut all = Money::zero(currency);
    for line in lines {
        let open = difference(line.revenue, line.billed)?;
        all = all.plus(open)?;
        if line.right == Right::OnlyTimeMissing {
            waiting = waiting.plus(open)?;
        }
    }
    let unbilled_receivable = above_zero(waiting);
    let (contract_asset, contract_liability) = net(difference(all, unbilled_receivable)?)?;
    Ok(Position {
        unbilled_receivable,
        contract_asset,
        contract_liability,
    })
}

/// Sum of positions, each netted inside its own contract: lines with the same contract id net against each
/// other, contracts never do.
///
/// Refuses as [`position`] does. Source: one net asset or liability for each contract, IFRS 15.BC317, ASC 606-10-45-1.
pub fn positions<'a>(
    currency: Currency,
    lines: impl IntoIterator<Item = (&'a str, LineToDate)>,
) -> Result<(BTreeMap<&'a str, Position>, Position)> {
    let mut contracts: BTreeMap<&str, Vec<LineToDate>> = BTreeMap::new();
    for (contract, line) in lines {
        contracts.entry(contract).or_default().push(line);
    }
    let mut total = Position::zero(currency);
    let mut each = BTreeMap::new();
    for (contract, lines) in contracts {
        let position = position(currency, &lines)?;
        total = total.plus(&position)?;
        each.insert(contract, position);
    }
    Ok((each, total))
}

/// What happens to one promise and its payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EventKind {
    /// A payment falls due.
    Due,
    /// The customer pays.
    Paid,
    /// The promise, or part of it, is fulfilled.
    Performed,
}

impl std::str::FromStr for EventKind {
    type Err = Error;

    /// Reads `due`, `paid` or `performed`; anything else is `INVALID_FIELD`.
    fn from_str(text: &str) -> Result<Self> {
        match text {
            "due" => Ok(Self::Due),
            "paid" => Ok(Self::Paid),
            "performed" => Ok(Self::Performed),
            other => Err(Error::invalid("event", format!("{other} is not due, paid or performed"))),
        }
    }
}

/// Balances of a contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Balances {
    /// Unconditional right to money that is not paid.
    pub receivable: Money,
    /// Earned beyond the unconditional right.
    pub contract_asset: Money,
    /// Paid, or due unconditionally, and not earned.
    pub contract_liability: Money,
    /// Revenue so far.
    pub revenue: Money,
}

/// Balances that follow from revenue, the unconditional right to consideration, and what is paid of it, all
/// to date (IFRS 15.105-108). `receivable + contract_asset - contract_liability` is revenue less paid.
///
/// Amounts in two currencies are `RATE_CURRENCY_MISMATCH`. Nothing is rounded.
pub fn balances(revenue: Money, unconditional: Money, paid: Money) -> Result<Balances> {
    let receivable = above_zero(difference(unconditional, paid)?);
    let (contract_asset, contract_liability) = net(difference(revenue, paid.plus(receivable)?)?)?;
    Ok(Balances {
        receivable,
        contract_asset,
        contract_liability,
        revenue,
    })
}

/// Balances after each event, in the order given (IFRS 15 Example 38, IE197-IE200).
///
/// A due amount of a contract that cannot be cancelled is an unconditional right at once. Of one that either
/// side can cancel it becomes one only as far as the promise is fulfilled, so an advance that is due makes no
/// receivable, and one that is paid makes a liability.
/// Amounts in two currencies are `RATE_CURRENCY_MISMATCH`. Nothing is rounded.
pub fn balance_steps(currency: Currency, cancellable: bool, events: &[(EventKind, Money)]) -> Result<Vec<Balances>> {
    let zero = Money::zero(currency);
    let (mut due, mut paid, mut performed) = (zero, zero, zero);
    let mut steps = Vec::with_capacity(events.len());
    for (kind, amount) in events {
        let total = match kind {
            EventKind::Due => &mut due,
            EventKind::Paid => &mut paid,
            EventKind::Performed => &mut performed,
        };
        *total = total.plus(*amount)?;
        let earned_due = Money::new(due.minor.min(performed.minor), currency);
        let unconditional = if cancellable { earned_due } else { due };
        steps.push(balances(performed, unconditional, paid)?);
    }
    Ok(steps)
}

/// What an accrual and its reversal leave, each with its own sign. Zero when they match.
///
/// Amounts in two currencies are `RATE_CURRENCY_MISMATCH`. Source: "Reconcile accrued revenue", Dynamics 365 Project
/// Operations.
pub fn accrual_imbalance(accrued: Money, reversed: Money) -> Result<Money> {
    accrued.plus(reversed)
}

fn above_zero(amount: Money) -> Money {
    Money::new(amount.minor.max(0), amount.currency)
}

/// One balance as an asset and a liability, of which one is zero.
fn net(balance: Money) -> Result<(Money, Money)> {
    let mirror = difference(Money::zero(balance.currency), balance)?;
    Ok((above_zero(balance), above_zero(mirror)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn eur(minor: i64) -> Money {
        Money::new(minor, Currency::parse("EUR").unwrap())
    }

    fn line(revenue: i64, billed: i64, right: Right) -> LineToDate {
        LineToDate {
            revenue: eur(revenue),
            billed: eur(billed),
            right,
        }
    }

    fn figures(position: &Position) -> [i64; 3] {
        [
            position.unbilled_receivable.minor,
            position.contract_asset.minor,
            position.contract_liability.minor,
        ]
    }

    #[test]
    fn a_contract_nets_all_but_what_only_waits_for_its_invoice() {
        use Right::{Conditional, OnlyTimeMissing};
        let cases: [(&[LineToDate], [i64; 3]); 6] = [
            (&[], [0, 0, 0]),
            (&[line(500, 200, OnlyTimeMissing)], [300, 0, 0]),
            (&[line(200, 500, OnlyTimeMissing)], [0, 0, 300]),
            (&[line(500, 200, Conditional), line(100, 250, Conditional)], [0, 150, 0]),
            (
                &[line(500, 200, OnlyTimeMissing), line(0, 1_000, Conditional)],
                [300, 0, 1_000],
            ),
            (&[line(200, 500, OnlyTimeMissing), line(900, 0, Conditional)], [0, 600, 0]),
        ];
        for (lines, expected) in cases {
            let got = position(eur(0).currency, lines).unwrap();
            assert_eq!(figures(&got), expected, "{lines:?}");
        }
    }

    #[test]
    fn contracts_never_net() {
        let lines = [
            ("b", line(80, 100, Right::Conditional)),
            ("a", line(50, 20, Right::Conditional)),
            ("b", line(15, 0, Right::Conditional)),
        ];
        let (each, total) = positions(eur(0).currency, lines).unwrap();
        assert_eq!(figures(&each["b"]), [0, 0, 5]);
        assert_eq!(figures(&total), [0, 30, 5]);
    }

    #[test]
    fn a_firm_due_date_makes_a_receivable_and_a_liability() {
        let events = [
            (EventKind::Due, eur(10)),
            (EventKind::Performed, eur(4)),
            (EventKind::Paid, eur(10)),
            (EventKind::Performed, eur(8)),
        ];
        let rows = |cancellable| -> Vec<[i64; 4]> {
            balance_steps(eur(0).currency, cancellable, &events)
                .unwrap()
                .iter()
                .map(|row| [row.receivable, row.contract_asset, row.contract_liability, row.revenue].map(|money| money.minor))
                .collect()
        };
        assert_eq!(rows(false), [[10, 0, 10, 0], [10, 0, 6, 4], [0, 0, 6, 4], [0, 2, 0, 12]]);
        assert_eq!(rows(true), [[0, 0, 0, 0], [4, 0, 0, 4], [0, 0, 6, 4], [0, 2, 0, 12]]);
    }

    #[test]
    fn overflow_and_other_currencies_are_errors() {
        let usd = Money::zero(Currency::parse("USD").unwrap());
        let mixed = balances(eur(1), usd, eur(0)).unwrap_err();
        assert_eq!(mixed.reason, crate::reason::RATE_CURRENCY_MISMATCH);
        let error = balances(eur(i64::MIN), eur(0), eur(0)).unwrap_err();
        assert_eq!(error.reason, crate::reason::AMOUNT_OVERFLOW);
        assert_eq!("cancelled".parse::<EventKind>().unwrap_err().field, "event");
    }
}
