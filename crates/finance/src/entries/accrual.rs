//! Entries of time and material work that is earned before it is billed.

use strata_kernel::{Decimal, Money, Result};

use super::posting::{Account, LedgerEntry};
use crate::amount::difference;
use crate::effort::{Effort, HourlyRate};

/// What an accrual posts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Accrual {
    /// Cost of the work, from pay to the project.
    pub cost: LedgerEntry,
    /// Its sales value, earned and not billed. The invoice reverses it.
    pub sale: LedgerEntry,
    /// Sale less cost. None when they are in two currencies.
    pub profit: Option<Money>,
}

impl Accrual {
    /// Both entries, cost first.
    pub fn entries(&self) -> [LedgerEntry; 2] {
        [self.cost, self.sale]
    }
}

/// Accrues hours of time and material work: cost and sales value, each rounded once.
/// Source: "Project invoicing", Dynamics 365 Project Operations; ASC 606-10-55-18 (right to invoice).
///
/// Beyond 64 bits it is `AMOUNT_OVERFLOW`.
pub fn accrue(effort: Effort, cost: HourlyRate, bill: HourlyRate) -> Result<Accrual> {
    let cost = effort.price(cost, Decimal::ONE_HUNDRED)?;
    let sale = effort.price(bill, Decimal::ONE_HUNDRED)?;
    let profit = (cost.currency == sale.currency).then(|| difference(sale, cost)).transpose()?;
    Ok(Accrual {
        cost: LedgerEntry {
            debit: Account::ProjectCost,
            credit: Account::PayrollAllocation,
            amount: cost,
        },
        sale: LedgerEntry {
            debit: Account::WipSalesValue,
            credit: Account::AccruedRevenue,
            amount: sale,
        },
        profit,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use strata_kernel::Currency;

    use super::*;

    #[test]
    fn two_currencies_have_no_profit() {
        let hourly = |rate: i64, code| HourlyRate {
            rate: Decimal::from(rate),
            currency: Currency::parse(code).unwrap(),
        };
        let effort = Effort::minutes(90).unwrap();
        assert_eq!(accrue(effort, hourly(50, "GBP"), hourly(75, "USD")).unwrap().profit, None);
        let loss = accrue(effort, hourly(75, "USD"), hourly(50, "USD")).unwrap();
        assert_eq!(loss.profit.unwrap().to_string(), "-37.50");
        assert_eq!(loss.entries()[1].amount.to_string(), "75.00");
    }
}
