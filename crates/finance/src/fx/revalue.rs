//! What a changed rate does to balances: unrealized at a month's end, realized at payment.

use strata_kernel::{Currency, Decimal, Error, Money, Result};

use super::convert::convert;
use crate::amount::difference;

/// Kind of a balance in a foreign currency. Source: IAS 21.16 and 21.23, IFRIC 22, ASC 830-20-35.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum BalanceKind {
    /// Money in the bank.
    Cash,
    /// Billed and not paid.
    Receivable,
    /// Owed to a supplier or an employee.
    Payable,
    /// Earned, and only time stands before the bill.
    UnbilledReceivable,
    /// Earned, and more than time stands before the bill.
    ContractAsset,
    /// Billed or paid before it is earned: deferred revenue.
    ContractLiability,
    /// Paid ahead by the customer.
    Deposit,
    /// Cost already booked.
    Cost,
    /// Revenue already booked.
    Revenue,
}

impl BalanceKind {
    /// Every kind.
    pub const ALL: [Self; 9] = [
        Self::Cash,
        Self::Receivable,
        Self::Payable,
        Self::UnbilledReceivable,
        Self::ContractAsset,
        Self::ContractLiability,
        Self::Deposit,
        Self::Cost,
        Self::Revenue,
    ];

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cash => "cash",
            Self::Receivable => "receivable",
            Self::Payable => "payable",
            Self::UnbilledReceivable => "unbilled_receivable",
            Self::ContractAsset => "contract_asset",
            Self::ContractLiability => "contract_liability",
            Self::Deposit => "deposit",
            Self::Cost => "cost",
            Self::Revenue => "revenue",
        }
    }

    /// Reads the word for it. Any other is `INVALID_FIELD`.
    pub fn parse(word: &str) -> Result<Self> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == word)
            .ok_or_else(|| Error::invalid("kind", format!("\"{word}\" is no kind of balance")))
    }

    /// True when it will be settled in a fixed number of units of its currency, and so moves with the rate.
    /// An advance keeps the rate of its receipt: it is settled in work.
    pub fn is_monetary(self) -> bool {
        match self {
            Self::Cash | Self::Receivable | Self::Payable | Self::UnbilledReceivable | Self::ContractAsset => true,
            Self::ContractLiability | Self::Deposit | Self::Cost | Self::Revenue => false,
        }
    }
}

/// A balance in a foreign currency and what the books carry it at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BalanceItem {
    /// Kind.
    pub kind: BalanceKind,
    /// Amount in its own currency.
    pub amount: Money,
    /// Amount in the functional currency, at the rates it was booked with.
    pub booked: Money,
}

/// A month-end difference and what undoes it on the next day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unrealized {
    /// What the balance is worth on the closing day, in the functional currency.
    pub closing: Money,
    /// Closing value less booked value. Zero for what is not monetary.
    pub difference: Money,
    /// The exact negative of the difference, posted on the next day: payment is measured against booking.
    pub reversal: Money,
}

/// Revalues one balance at the closing rate, in units of the functional currency for one unit.
/// What is not monetary stays as it is booked. Rounded once, in the conversion.
///
/// A rate that is not above zero is `FX_RATE_INVALID`. Source: IAS 21.23 and 21.28, IFRIC 22, ASC 830-20-35-1.
pub fn revalue(item: BalanceItem, closing_rate: Decimal) -> Result<Unrealized> {
    let at_closing = convert(item.amount, closing_rate, item.booked.currency)?;
    let closing = if item.kind.is_monetary() { at_closing } else { item.booked };
    let difference = difference(closing, item.booked)?;
    Ok(Unrealized {
        closing,
        difference,
        reversal: negative(difference)?,
    })
}

/// Unrealized differences of a set of balances, summed by kind, in the order in which kinds first appear.
///
/// Sums are not rounded. Refuses as [`revalue`] does. Source: IAS 21.28.
pub fn unrealized_by_kind(items: &[BalanceItem], closing_rate: Decimal) -> Result<Vec<(BalanceKind, Money)>> {
    let mut sums: Vec<(BalanceKind, Money)> = Vec::new();
    for item in items {
        let found = revalue(*item, closing_rate)?.difference;
        match sums.iter_mut().find(|(kind, _)| *kind == item.kind) {
            Some((_, sum)) => *sum = sum.plus(found)?,
            None => sums.push((item.kind, found)),
        }
    }
    Ok(sums)
}

/// What a payment brings in the functional currency, and the difference that is now real.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settlement {
    /// The amount at the rate of the payment.
    pub settled: Money,
    /// Settled less booked: above zero is a gain on a receivable. Earlier month ends are reversed by now.
    pub realized: Money,
}

/// Settles an amount that was booked at the rate of its document, at the rate of its payment.
///
/// Rounded once to the functional currency's minor unit. A rate that is not above zero is `FX_RATE_INVALID`. Source:
/// IAS 21.28; "Currency exchange: example of a receivable currency transaction", Business Central.
pub fn settle(amount: Money, booked: Money, payment_rate: Decimal) -> Result<Settlement> {
    let settled = convert(amount, payment_rate, booked.currency)?;
    Ok(Settlement {
        settled,
        realized: difference(settled, booked)?,
    })
}

/// Realized difference of a payment, whole or in part: the amount at the payment's rate less the same amount
/// at the document's rate, each rounded to the functional currency's minor unit.
///
/// Refuses as [`settle`] does. Source: IAS 21.28.
pub fn realized_difference(amount: Money, document_rate: Decimal, payment_rate: Decimal, functional: Currency) -> Result<Money> {
    let booked = convert(amount, document_rate, functional)?;
    Ok(settle(amount, booked, payment_rate)?.realized)
}

fn negative(amount: Money) -> Result<Money> {
    difference(Money::zero(amount.currency), amount)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use strata_kernel::parse_decimal;

    use super::*;
    use crate::reason;

    fn money(minor: i64, code: &str) -> Money {
        Money::new(minor, Currency::parse(code).unwrap())
    }

    fn item(kind: BalanceKind, amount: i64, booked: i64) -> BalanceItem {
        BalanceItem {
            kind,
            amount: money(amount, "EUR"),
            booked: money(booked, "USD"),
        }
    }

    fn dec(text: &str) -> Decimal {
        parse_decimal(text).unwrap()
    }

    #[test]
    fn only_monetary_balances_move() {
        for kind in BalanceKind::ALL {
            let found = revalue(item(kind, 10_000, 11_000), dec("1.2")).unwrap();
            let moved = if kind.is_monetary() { 1_000 } else { 0 };
            assert_eq!(found.difference.minor, moved, "{}", kind.as_str());
            assert_eq!(found.reversal.minor, -moved);
            assert_eq!(BalanceKind::parse(kind.as_str()).unwrap(), kind);
        }
        assert_eq!(BalanceKind::parse("goodwill").unwrap_err().field, "kind");
    }

    #[test]
    fn sums_by_kind_in_the_order_given() {
        let items = [
            item(BalanceKind::Receivable, 100, 110),
            item(BalanceKind::Payable, -100, -110),
            item(BalanceKind::Receivable, 200, 230),
        ];
        let sums = unrealized_by_kind(&items, dec("1.2")).unwrap();
        let minors: Vec<_> = sums.iter().map(|(kind, sum)| (*kind, sum.minor)).collect();
        assert_eq!(minors, [(BalanceKind::Receivable, 20), (BalanceKind::Payable, -10)]);
        assert!(unrealized_by_kind(&[], dec("1")).unwrap().is_empty());
    }

    #[test]
    fn a_part_payment_realizes_its_part() {
        let usd = Currency::parse("USD").unwrap();
        let gain = realized_difference(money(50_000, "EUR"), dec("1.123"), dec("1.120"), usd).unwrap();
        assert_eq!(gain.to_string(), "-1.50");
    }

    #[test]
    fn refuses_rates_and_numbers_out_of_range() {
        let zero = revalue(item(BalanceKind::Deposit, 1, 1), Decimal::ZERO);
        assert_eq!(zero.unwrap_err().reason, reason::FX_RATE_INVALID);
        let far = revalue(item(BalanceKind::Receivable, i64::MAX, i64::MIN), Decimal::ONE);
        assert_eq!(far.unwrap_err().reason, reason::AMOUNT_OVERFLOW);
    }
}
