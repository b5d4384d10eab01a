//! What work is sold for inside the firm.

use strata_kernel::{Date, Decimal, Error, Money, Result};

use crate::effort::{Effort, HourlyRate};
use crate::reason;

/// How the transfer price is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TransferMethod {
    /// A rate per hour.
    Rate(HourlyRate),
    /// Percent of the rate that the customer is billed.
    PercentOfBill(Decimal),
    /// The delivering entity's cost and so many percent on top.
    CostPlus(Decimal),
}

impl TransferMethod {
    /// Transfer price of an effort, rounded once: in the currency of the rate, of the bill or of the cost.
    /// A percent below zero, or a percent of a bill that there is none of, is `INVALID_FIELD`.
    ///
    /// Half away from zero. Source: OECD Transfer Pricing Guidelines, chapter II (comparable uncontrolled price, resale
    /// price, cost plus).
    pub fn price(self, effort: Effort, cost: HourlyRate, bill: Option<HourlyRate>) -> Result<Money> {
        let not_negative = |percent: Decimal| {
            if percent < Decimal::ZERO {
                return Err(Error::invalid("transfer", "a transfer price cannot be below zero"));
            }
            Ok(percent)
        };
        match self {
            Self::Rate(rate) => effort.price(rate, Decimal::ONE_HUNDRED),
            Self::PercentOfBill(percent) => {
                let bill = bill.ok_or_else(|| Error::invalid("transfer", "there is no bill rate to take a percent of"))?;
                effort.price(bill, not_negative(percent)?)
            }
            Self::CostPlus(percent) => {
                let whole = Decimal::ONE_HUNDRED
                    .checked_add(not_negative(percent)?)
                    .ok_or_else(crate::ratio::overflow)?;
                effort.price(cost, whole)
            }
        }
    }
}

/// What two entities agreed for a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransferRule {
    /// Code of the delivering entity.
    pub delivering: String,
    /// Code of the contracting entity.
    pub contracting: String,
    /// Role it prices. None: every role that has no rule of its own.
    pub role: Option<String>,
    /// First work date.
    pub from: Date,
    /// First work date it no longer prices. None: open.
    pub to: Option<Date>,
    /// How.
    pub method: TransferMethod,
}

/// What is the transfer price of this work?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TransferQuestion<'a> {
    /// Code of the delivering entity.
    pub delivering: &'a str,
    /// Code of the contracting entity.
    pub contracting: &'a str,
    /// Role on the entry.
    pub role: &'a str,
    /// Day of the work.
    pub work_date: Date,
}

/// Finds the one rule that prices work between two entities: the role's own before that of every role.
/// None is `RATE_NOT_FOUND`; two that are equally strong are `RATE_AMBIGUOUS`. A price is never a silent zero.
///
/// Source: transfer prices by lending and borrowing entity, Dynamics 365 Project Operations.
pub fn transfer_method(question: &TransferQuestion<'_>, rules: &[TransferRule]) -> Result<TransferMethod> {
    let fits = |rule: &&TransferRule| {
        rule.delivering == question.delivering
            && rule.contracting == question.contracting
            && rule.from <= question.work_date
            && rule.to.is_none_or(|to| question.work_date < to)
    };
    let held: Vec<&TransferRule> = rules.iter().filter(fits).collect();
    for role in [Some(question.role), None] {
        let mut strongest = held.iter().filter(|rule| rule.role.as_deref() == role);
        match (strongest.next(), strongest.next()) {
            (None, _) => {}
            (Some(only), None) => return Ok(only.method),
            (Some(_), Some(_)) => return Err(refused(question, reason::RATE_AMBIGUOUS, "more than one transfer price")),
        }
    }
    Err(refused(question, reason::RATE_NOT_FOUND, "no transfer price"))
}

fn refused(question: &TransferQuestion<'_>, reason: strata_kernel::Reason, what: &str) -> Error {
    let TransferQuestion {
        delivering,
        contracting,
        role,
        work_date,
    } = question;
    Error::precondition(
        reason,
        format!("{role} delivered by {delivering} for {contracting} on {work_date} has {what}"),
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use strata_kernel::Currency;

    use super::*;

    fn hourly(rate: i64, code: &str) -> HourlyRate {
        HourlyRate {
            rate: Decimal::from(rate),
            currency: Currency::parse(code).unwrap(),
        }
    }

    fn rule(role: Option<&str>, from: &str, percent: i64) -> TransferRule {
        TransferRule {
            delivering: "UK01".to_owned(),
            contracting: "US01".to_owned(),
            role: role.map(str::to_owned),
            from: from.parse().unwrap(),
            to: None,
            method: TransferMethod::PercentOfBill(Decimal::from(percent)),
        }
    }

    #[test]
    fn prices_by_each_method() {
        let (cost, bill) = (hourly(88, "GBP"), hourly(200, "USD"));
        let effort = Effort::minutes(100).unwrap();
        let price = |method: TransferMethod| {
            let money = method.price(effort, cost, Some(bill)).unwrap();
            format!("{money} {}", money.currency)
        };
        assert_eq!(price(TransferMethod::Rate(hourly(120, "EUR"))), "200.00 EUR");
        assert_eq!(price(TransferMethod::PercentOfBill(Decimal::from(60))), "200.00 USD");
        assert_eq!(price(TransferMethod::CostPlus(Decimal::from(10))), "161.33 GBP");
        for refused in [
            TransferMethod::CostPlus(Decimal::NEGATIVE_ONE).price(effort, cost, Some(bill)),
            TransferMethod::PercentOfBill(Decimal::ONE).price(effort, cost, None),
        ] {
            assert_eq!(refused.unwrap_err().field, "transfer");
        }
    }

    #[test]
    fn the_role_goes_before_every_role() {
        let rules = [
            rule(None, "2025-01-01", 60),
            rule(Some("partner"), "2025-01-01", 70),
            rule(Some("analyst"), "2025-01-01", 50),
            rule(Some("analyst"), "2025-06-01", 55),
        ];
        let find = |role, day: &str, rules: &[TransferRule]| {
            let question = TransferQuestion {
                delivering: "UK01",
                contracting: "US01",
                role,
                work_date: day.parse().unwrap(),
            };
            transfer_method(&question, rules).map_err(|error| error.reason)
        };
        let percent = |value: i64| Ok(TransferMethod::PercentOfBill(Decimal::from(value)));
        assert_eq!(find("partner", "2025-05-01", &rules), percent(70));
        assert_eq!(find("tester", "2025-05-01", &rules), percent(60));
        assert_eq!(find("analyst", "2025-06-01", &rules), Err(reason::RATE_AMBIGUOUS));
        assert_eq!(find("partner", "2024-12-31", &rules), Err(reason::RATE_NOT_FOUND));
        assert_eq!(find("partner", "2025-05-01", &[]), Err(reason::RATE_NOT_FOUND));
    }
}
