//! Whether an expense that is billed on is revenue, or money that passes through.

use strata_kernel::{Money, Result};

use crate::amount::difference;

/// Who controls what was bought before the customer has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Control {
    /// The firm: it chose and is responsible for it.
    #[default]
    Principal,
    /// Somebody else: the firm arranged it.
    Agent,
}

/// An expense in profit and loss.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExpenseResult {
    /// Revenue.
    pub revenue: Money,
    /// Cost.
    pub cost: Money,
}

/// Revenue and cost of an expense that is billed on at a price. A principal shows both in full; an agent shows its fee
/// as revenue, the price less the cost, and no cost. The profit is the same. Nothing is rounded.
///
/// Amounts in two currencies are `RATE_CURRENCY_MISMATCH`.
/// Source: principal versus agent, IFRS 15 B34-B38, ASC 606-10-55-36 to 55-40; reimbursed out-of-pocket expenses.
pub fn expense_result(cost: Money, price: Money, control: Control) -> Result<ExpenseResult> {
    let fee = difference(price, cost)?;
    Ok(match control {
        Control::Principal => ExpenseResult { revenue: price, cost },
        Control::Agent => ExpenseResult {
            revenue: fee,
            cost: Money::zero(cost.currency),
        },
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use strata_kernel::Currency;

    #[test]
    fn an_agent_earns_the_fee_only() {
        let eur = |minor| Money::new(minor, Currency::parse("EUR").unwrap());
        let result = |control| expense_result(eur(1_000), eur(1_050), control).unwrap();
        let (gross, net) = (result(Control::default()), result(Control::Agent));
        assert_eq!((gross.revenue, gross.cost), (eur(1_050), eur(1_000)));
        assert_eq!((net.revenue, net.cost), (eur(50), eur(0)));
        let usd = Money::zero(Currency::parse("USD").unwrap());
        assert!(expense_result(eur(1), usd, Control::Agent).is_err());
    }
}
