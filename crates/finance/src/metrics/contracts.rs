//! Figures of contracts: margin, backlog, percent billed, effective rate.

use strata_kernel::{Currency, Decimal, Error, Money, Result};

use super::Fraction;

/// Revenue less cost, in one currency and of one period. Whether the cost is burdened with overhead is the
/// caller's choice, to be named wherever the figure is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Margin {
    /// Revenue less cost.
    pub amount: Money,
    /// The margin over the revenue. Adds up over projects and months of one currency.
    pub of_revenue: Fraction,
}

/// Margin of a revenue. Without revenue it has an amount and no percentage. Refuses two currencies.
///
/// In minor units, exact; two currencies are `RATE_CURRENCY_MISMATCH`. The percentage is rounded when it is shown.
/// Source: gross margin, revenue less cost of sales, IAS 1.103.
pub fn margin(revenue: Money, cost: Money) -> Result<Margin> {
    let amount = difference(revenue, cost)?;
    Ok(Margin {
        amount,
        of_revenue: Fraction::new(amount.major(), revenue.major()),
    })
}

/// State of a contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ContractState {
    /// Not signed.
    Draft,
    /// Signed, not begun.
    Signed,
    /// Being worked on.
    Active,
    /// Done: everything is earned.
    Completed,
    /// Ended early: what is not earned never will be.
    Terminated,
}

impl ContractState {
    /// Reads a state by its name. Another word is `INVALID_FIELD`.
    pub fn parse(name: &str) -> Result<Self> {
        Ok(match name {
            "draft" => Self::Draft,
            "signed" => Self::Signed,
            "active" => Self::Active,
            "completed" => Self::Completed,
            "terminated" => Self::Terminated,
            _ => return Err(Error::invalid("state", format!("\"{name}\" is not a state of a contract"))),
        })
    }

    /// True when work is still owed and will be earned.
    fn is_open(self) -> bool {
        matches!(self, Self::Signed | Self::Active)
    }
}

/// A contract, as far as the backlog asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BacklogContract {
    /// State on the day of the figure.
    pub state: ContractState,
    /// Transaction price.
    pub transaction_price: Money,
    /// Cumulative revenue.
    pub revenue_to_date: Money,
    /// The most that can be billed. None: not capped.
    pub cap: Option<Money>,
    /// What the customer has set aside for it. None: nothing is said.
    pub fund: Option<Money>,
}

/// What is signed and not earned yet, in one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backlog {
    /// By transaction price.
    pub total: Money,
    /// By transaction price up to the cap and the fund of each contract. One that is passed leaves nothing.
    pub funded: Money,
}

/// Transaction price less cumulative revenue of the contracts that are signed or active.
/// Refuses a contract in another currency.
///
/// In minor units, exact; another currency is `RATE_CURRENCY_MISMATCH`. Source: remaining performance obligations, IFRS
/// 15.120, ASC 606-10-50-13.
pub fn backlog(contracts: &[BacklogContract], currency: Currency) -> Result<Backlog> {
    let mut backlog = Backlog {
        total: Money::zero(currency),
        funded: Money::zero(currency),
    };
    for contract in contracts.iter().filter(|contract| contract.state.is_open()) {
        let left = difference(contract.transaction_price, contract.revenue_to_date)?;
        let mut funded = left;
        for limit in [contract.cap, contract.fund].into_iter().flatten() {
            let below = difference(limit, contract.revenue_to_date)?;
            funded.minor = funded.minor.min(below.minor.max(0));
        }
        backlog.total = backlog.total.plus(left)?;
        backlog.funded = backlog.funded.plus(funded)?;
    }
    Ok(backlog)
}

/// Amounts and hours that can be billed, and are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PercentBilled {
    /// What can be billed.
    pub billable_amount: Money,
    /// What is billed.
    pub billed_amount: Money,
    /// Hours that can be billed.
    pub billable_hours: Decimal,
    /// Hours that are billed.
    pub billed_hours: Decimal,
}

/// Billed over billable, by amount; by hours when there is no amount to bill. Refuses two currencies.
/// Source: the timesheet of ERPNext.
pub fn percent_billed(work: PercentBilled) -> Result<Fraction> {
    work.billed_amount.plus(Money::zero(work.billable_amount.currency))?;
    Ok(match work.billable_amount.minor {
        0 => Fraction::new(work.billed_hours, work.billable_hours),
        _ => Fraction::new(work.billed_amount.major(), work.billable_amount.major()),
    })
}

/// An amount per hour, rounded once to the currency's minor unit: the effective rate, when the amount is the
/// revenue of time and the hours are those worked for it. None without hours.
///
/// Half away from zero. An amount beyond 28 digits is `AMOUNT_OVERFLOW`. Source: effective bill rate, "Glossary of
/// terms", Ruddr.
pub fn rate_per_hour(amount: Money, hours: Decimal) -> Result<Option<Decimal>> {
    Fraction::new(amount.major(), hours).value(amount.currency.exponent())
}

fn difference(from: Money, less: Money) -> Result<Money> {
    let mirror = less.minor.checked_neg().ok_or_else(crate::ratio::overflow)?;
    from.plus(Money::new(mirror, less.currency))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::reason;

    fn usd(minor: i64) -> Money {
        Money::new(minor, Currency::parse("USD").unwrap())
    }

    fn eur(minor: i64) -> Money {
        Money::new(minor, Currency::parse("EUR").unwrap())
    }

    #[test]
    fn a_margin_without_revenue_has_no_percentage() {
        let loss = margin(usd(0), usd(500)).unwrap();
        assert_eq!((loss.amount, loss.of_revenue.percent().unwrap()), (usd(-500), None));
        let gain = margin(usd(30_000), usd(20_000)).unwrap();
        assert_eq!(gain.of_revenue.percent().unwrap().unwrap().to_string(), "33.3");
        assert_eq!(margin(usd(1), eur(1)).unwrap_err().reason, reason::RATE_CURRENCY_MISMATCH);
        assert_eq!(margin(usd(1), usd(i64::MIN)).unwrap_err().reason, reason::AMOUNT_OVERFLOW);
    }

    #[test]
    fn the_backlog_stops_at_the_limit() {
        let contract = |state, [cap, fund]: [Option<i64>; 2]| BacklogContract {
            state: ContractState::parse(state).unwrap(),
            transaction_price: usd(1_000),
            revenue_to_date: usd(400),
            cap: cap.map(usd),
            fund: fund.map(usd),
        };
        let figure = |contract| {
            let backlog = backlog(&[contract], usd(0).currency).unwrap();
            (backlog.total.minor, backlog.funded.minor)
        };
        assert_eq!(figure(contract("active", [None, None])), (600, 600));
        assert_eq!(figure(contract("signed", [Some(700), Some(900)])), (600, 300));
        assert_eq!(figure(contract("active", [Some(2_000), None])), (600, 600));
        assert_eq!(figure(contract("active", [None, Some(100)])), (600, 0));
        for state in ["draft", "completed", "terminated"] {
            assert_eq!(figure(contract(state, [None, None])), (0, 0), "{state}");
        }
        assert_eq!(ContractState::parse("won").unwrap_err().field, "state");
        let other = backlog(&[contract("active", [None, None])], eur(0).currency).unwrap_err();
        assert_eq!(other.reason, reason::RATE_CURRENCY_MISMATCH);
    }

    #[test]
    fn percent_billed_goes_by_hours_without_an_amount() {
        let mut work = PercentBilled {
            billable_amount: usd(300),
            billed_amount: usd(100),
            billable_hours: Decimal::ONE,
            billed_hours: Decimal::ONE,
        };
        let percent = |work| {
            percent_billed(work)
                .unwrap()
                .percent()
                .unwrap()
                .map(|percent| percent.to_string())
        };
        assert_eq!(percent(work), Some("33.3".into()));
        (work.billable_amount, work.billed_amount) = (usd(0), usd(0));
        assert_eq!(percent(work), Some("100.0".into()));
        work.billable_hours = Decimal::ZERO;
        assert_eq!(percent(work), None);
    }

    #[test]
    fn a_rate_has_the_decimals_of_its_currency() {
        let yen = Money::new(1_000, Currency::parse("JPY").unwrap());
        assert_eq!(rate_per_hour(yen, Decimal::from(3)).unwrap().unwrap().to_string(), "333");
        assert_eq!(rate_per_hour(yen, Decimal::ZERO).unwrap(), None);
    }
}
