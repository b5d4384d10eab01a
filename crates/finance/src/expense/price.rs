//! What an expense costs, what the employee gets back of it, and what the customer pays.

use strata_kernel::{Currency, Decimal, Error, Money, Result};

use crate::amount::{check_percent, with_percent};
use crate::fx;
use crate::ratio::Ratio;

/// Price of a billable expense: converted at the rate of the day it was incurred
/// and rounded, then marked up and rounded. `rate` is one unit of the expense's currency in units of the
/// contract's; the same currency takes 1. Reimbursement of the employee never carries the markup.
///
/// In minor units, half away from zero, twice: after the conversion and after the markup. A rate that is not above zero
/// is `FX_RATE_INVALID`, a markup below zero `INVALID_FIELD`. Source: IAS 21.21 (rate of the day); "charge percentage"
/// of Dynamics 365 Project Operations.
pub fn billable_price(amount: Money, rate: Decimal, contract_currency: Currency, markup_percent: Decimal) -> Result<Money> {
    sales_price(fx::convert(amount, rate, contract_currency)?, markup_percent)
}

/// Cost with the markup on it, rounded once. A markup below zero is `INVALID_FIELD`.
///
/// Half away from zero. Source: "charge percentage" of "Understand how cost prices, sales prices, transfer prices, and
/// taxes work together", Dynamics 365 Project Operations.
pub fn sales_price(cost: Money, markup_percent: Decimal) -> Result<Money> {
    if markup_percent < Decimal::ZERO {
        return Err(Error::invalid("markup_percent", "a markup cannot be below zero"));
    }
    with_percent(cost, markup_percent)
}

/// Who bears an expense. One says nothing about the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExpenseSwitches {
    /// The firm owes it to the employee. Not when it was paid with a company card.
    pub reimbursable: bool,
    /// The customer owes it to the firm.
    pub billable: bool,
}

/// Both sides of an expense.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settlement {
    /// Paid to the employee: the cost, never a markup.
    pub reimburse_employee: Money,
    /// Charged to the customer: the cost with its markup.
    pub bill_customer: Money,
}

/// Settles an expense in the contract's currency by its two switches. The markup is rounded once; one below
/// zero is `INVALID_FIELD`. Source: expense markup, Dynamics 365 Project Operations, "Understand how cost prices,
/// sales prices, transfer prices, and taxes work together".
pub fn settle(cost: Money, markup_percent: Decimal, switches: ExpenseSwitches) -> Result<Settlement> {
    let price = sales_price(cost, markup_percent)?;
    let owed = |owed, amount| if owed { amount } else { Money::zero(cost.currency) };
    Ok(Settlement {
        reimburse_employee: owed(switches.reimbursable, cost),
        bill_customer: owed(switches.billable, price),
    })
}

/// The tax on a purchase, and how much of it stays a cost of the buyer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExpenseTax {
    /// Percent of the net.
    pub percent: Decimal,
    /// True when the amount entered has the tax in it.
    pub included: bool,
    /// How much of it comes back.
    pub recovery: TaxRecovery,
}

/// How much of the tax on a purchase the buyer gets back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TaxRecovery {
    /// None of it, as under the sales taxes of the United States.
    Nothing,
    /// All but a percent of it, from 0 to 100, as under a value added tax.
    AllBut(Decimal),
}

/// Cost of an expense to the project: the net plus the tax that is not recovered, rounded once.
/// An amount that includes the tax is first divided by `1 + percent/100`, exactly.
///
/// A tax percent below zero and a share outside 0 to 100 are `INVALID_FIELD`.
/// Source: the six cases of "Understand how cost prices, sales prices, transfer prices, and taxes work together",
/// Dynamics 365 Project Operations.
pub fn cost_with_tax(amount: Money, tax: ExpenseTax) -> Result<Money> {
    if tax.percent < Decimal::ZERO {
        return Err(Error::invalid("tax_percent", "a tax cannot be below zero"));
    }
    let kept = match tax.recovery {
        TaxRecovery::Nothing => Decimal::ONE_HUNDRED,
        TaxRecovery::AllBut(percent) => percent,
    };
    check_percent("non_deductible_percent", kept)?;
    let one_plus = |share: Ratio| Ratio::whole(1).plus(share);
    let rate = Ratio::decimal(tax.percent).over(Ratio::whole(100))?;
    let kept = rate.times(Ratio::decimal(kept))?.over(Ratio::whole(100))?;
    let mut net = Ratio::whole(amount.minor);
    if tax.included {
        net = net.over(one_plus(rate)?)?;
    }
    Ok(Money::new(net.times(one_plus(kept)?)?.round()?, amount.currency))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use strata_kernel::parse_decimal;

    fn money(text: &str, code: &str) -> Money {
        Money::parse(text, Currency::parse(code).unwrap()).unwrap()
    }

    fn usd(text: &str) -> Money {
        money(text, "USD")
    }

    #[test]
    fn converts_and_rounds_before_the_markup() {
        let eur = Currency::parse("EUR").unwrap();
        let price = |text: &str, rate: &str, markup: i64| {
            let rate = parse_decimal(rate).unwrap();
            billable_price(money(text, "GBP"), rate, eur, Decimal::from(markup)).map(|price| price.to_string())
        };
        assert_eq!(price("123.45", "1.1713", 5).unwrap(), "151.83");
        // 0.05 x 1.1 is 0.055, rounded 0.06, x 1.1 is 0.066, rounded 0.07; one rounding would give 0.06.
        assert_eq!(price("0.05", "1.1", 10).unwrap(), "0.07");
        assert!(price("1", "1.1", -1).is_err());
    }

    #[test]
    fn reimbursement_and_billing_are_independent() {
        for (reimbursable, billable, reimburse, bill) in [
            (true, true, "10.00", "11.00"),
            (true, false, "10.00", "0.00"),
            (false, true, "0.00", "11.00"),
            (false, false, "0.00", "0.00"),
        ] {
            let switches = ExpenseSwitches { reimbursable, billable };
            let settled = settle(usd("10.00"), Decimal::TEN, switches).unwrap();
            assert_eq!(settled.reimburse_employee, usd(reimburse));
            assert_eq!(settled.bill_customer, usd(bill));
        }
    }

    fn all_but(percent: i64) -> TaxRecovery {
        TaxRecovery::AllBut(Decimal::from(percent))
    }

    #[test]
    fn tax_that_is_not_recovered_is_cost() {
        // The published cases at 5 percent; the source prints 961 for 961.90.
        let cases = [
            (false, all_but(0), "1000.00", "1050.00"),
            (false, TaxRecovery::Nothing, "1050.00", "1102.50"),
            (false, all_but(20), "1010.00", "1060.50"),
            (true, all_but(0), "952.38", "1000.00"),
            (true, TaxRecovery::Nothing, "1000.00", "1050.00"),
            (true, all_but(20), "961.90", "1010.00"),
        ];
        for (included, recovery, cost, price) in cases {
            let tax = ExpenseTax {
                percent: Decimal::from(5),
                included,
                recovery,
            };
            let got = cost_with_tax(usd("1000"), tax).unwrap();
            assert_eq!(got, usd(cost), "{included} {recovery:?}");
            assert_eq!(
                sales_price(got, Decimal::from(5)).unwrap(),
                usd(price),
                "{included} {recovery:?}"
            );
            assert_eq!(cost_with_tax(usd("-1000"), tax).unwrap(), got.negated());
        }
    }

    #[test]
    fn refuses_taxes_that_cannot_be() {
        let tax = |percent: i64, kept: i64| ExpenseTax {
            percent: Decimal::from(percent),
            included: true,
            recovery: all_but(kept),
        };
        assert_eq!(cost_with_tax(usd("1"), tax(-1, 0)).unwrap_err().field, "tax_percent");
        assert_eq!(
            cost_with_tax(usd("1"), tax(5, 101)).unwrap_err().field,
            "non_deductible_percent"
        );
        assert_eq!(cost_with_tax(usd("1"), tax(0, 100)).unwrap(), usd("1"));
    }
}
