//! Funding rules by priority, each a split by percent, under the limits of their sources.

use std::collections::{BTreeMap, HashSet};

use strata_kernel::{Currency, Decimal, Error, Money, Result};

use super::ledger::{Ledger, Split};
use crate::ratio::overflow;

/// A rule of funding: who pays which part of what it takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FundingRule {
    /// Lower goes first. No two rules share one.
    pub priority: u32,
    /// Percent of the transaction by source. Together above 0 and at most 100; below 100 the rule takes at most
    /// that part, and the rest goes to the next rule.
    pub split: BTreeMap<String, Decimal>,
}

/// Transactions, and who may pay for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fund<'a> {
    /// Rules, in any order.
    pub rules: &'a [FundingRule],
    /// The most that each source pays in all. A source without one pays without end.
    pub limits: &'a BTreeMap<String, Money>,
    /// What sources paid before.
    pub used: &'a BTreeMap<String, Money>,
    /// Transactions in their order. Below zero: a credit.
    pub transactions: &'a [Money],
    /// Currency of all of them.
    pub currency: Currency,
}

/// One transaction and who pays for it. Parts and the unfunded rest add up to the transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Funded {
    /// What each source pays; below zero it gets money back. Sources without a part are left out.
    pub parts: BTreeMap<String, Money>,
    /// What no rule takes. It waits for new funds.
    pub unfunded: Money,
}

/// Funds transactions one after the other.
///
/// A rule takes as much of a transaction as keeps its split inside every limit, so one exhausted source stops
/// the whole rule; the rest goes to the next rule by priority, and what no rule takes is unfunded. Parts of a
/// rule are shared out by largest remainder. A credit undoes what was taken last, first what was unfunded, and
/// gives the room back; what it credits beyond these transactions is unfunded, for nobody here paid it.
///
/// Source of the rule: funding rules and limits of Dynamics 365 project contracts.
/// Refuses (`INVALID_FIELD`) two rules of one priority, percents below zero, splits that add up to nothing or to
/// more than 100, limits below zero, and amounts of another currency.
pub fn fund(given: &Fund<'_>) -> Result<Vec<Funded>> {
    check(given)?;
    let mut rules: Vec<&FundingRule> = given.rules.iter().collect();
    rules.sort_by_key(|rule| rule.priority);
    let splits = rules.iter().map(|rule| split(&rule.split)).collect::<Result<Vec<Split>>>()?;
    let minor = |amounts: &BTreeMap<String, Money>| -> BTreeMap<String, i64> {
        amounts
            .iter()
            .map(|(source, amount)| (source.clone(), amount.minor))
            .collect()
    };
    let mut ledger = Ledger::new(minor(given.limits), minor(given.used));
    let money = |minor| Money::new(minor, given.currency);
    let mut funded = Vec::with_capacity(given.transactions.len());
    for transaction in given.transactions {
        let (parts, unfunded) = match transaction.minor {
            credit if credit < 0 => ledger.credit(credit)?,
            amount => ledger.take(amount, &splits)?,
        };
        let parts = parts.into_iter().filter(|(_, minor)| *minor != 0);
        funded.push(Funded {
            parts: parts.map(|(source, minor)| (source, money(minor))).collect(),
            unfunded: money(unfunded),
        });
    }
    Ok(funded)
}

/// Percents as whole weights of one scale.
fn split(percents: &BTreeMap<String, Decimal>) -> Result<Split> {
    let scale = percents
        .values()
        .map(|percent| percent.normalize().scale())
        .max()
        .unwrap_or(0);
    let unit = 10_i64.checked_pow(scale).ok_or_else(overflow)?;
    let whole = |percent: &Decimal| -> Result<i64> {
        let percent = percent.normalize();
        let factor = 10_i64.checked_pow(scale - percent.scale()).ok_or_else(overflow)?;
        let mantissa = i64::try_from(percent.mantissa()).map_err(|_| overflow())?;
        mantissa.checked_mul(factor).ok_or_else(overflow)
    };
    let shares = percents.iter().filter(|(_, percent)| !percent.is_zero());
    Ok(Split {
        weights: shares.clone().map(|(_, percent)| whole(percent)).collect::<Result<_>>()?,
        sources: shares.map(|(source, _)| source.clone()).collect(),
        hundred: unit.checked_mul(100).ok_or_else(overflow)?,
    })
}

fn check(given: &Fund<'_>) -> Result<()> {
    let mut priorities = HashSet::new();
    for rule in given.rules {
        if !priorities.insert(rule.priority) {
            let message = format!("two rules have priority {}; which goes first?", rule.priority);
            return Err(Error::invalid("priority", message));
        }
        let bound = |percent: &Decimal| *percent >= Decimal::ZERO && *percent <= Decimal::ONE_HUNDRED;
        let total = rule.split.values().try_fold(Decimal::ZERO, |sum, percent| {
            bound(percent).then(|| sum.checked_add(*percent)).flatten()
        });
        if !total.is_some_and(|total| total > Decimal::ZERO && total <= Decimal::ONE_HUNDRED) {
            let message = format!("the percents of rule {} add up to something between 0 and 100", rule.priority);
            return Err(Error::invalid("split", message));
        }
    }
    let amounts = given.limits.values().chain(given.used.values()).chain(given.transactions);
    if let Some(other) = amounts.clone().find(|amount| amount.currency != given.currency) {
        let message = format!("an amount in {} is among amounts in {}", other.currency, given.currency);
        return Err(Error::invalid("currency", message));
    }
    if given.limits.values().any(|limit| limit.minor < 0) {
        return Err(Error::invalid("limits", "a limit cannot be below zero"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn eur(minor: i64) -> Money {
        Money::new(minor, Currency::parse("EUR").unwrap())
    }

    fn rule(priority: u32, split: &[(&str, &str)]) -> FundingRule {
        let percent = |(source, text): &(&str, &str)| ((*source).to_owned(), strata_kernel::parse_decimal(text).unwrap());
        FundingRule {
            priority,
            split: split.iter().map(percent).collect(),
        }
    }

    fn told(rules: &[FundingRule], limits: &[(&str, i64)], amounts: &[i64]) -> Result<Vec<String>> {
        let limits = limits
            .iter()
            .map(|(source, limit)| ((*source).to_owned(), eur(*limit)))
            .collect();
        let transactions: Vec<Money> = amounts.iter().map(|amount| eur(*amount)).collect();
        let funded = fund(&Fund {
            rules,
            limits: &limits,
            used: &BTreeMap::new(),
            transactions: &transactions,
            currency: eur(0).currency,
        })?;
        let line = |funded: Funded| {
            let parts = funded
                .parts
                .iter()
                .map(|(source, amount)| format!("{source} {}", amount.minor));
            let rest = (funded.unfunded.minor != 0).then(|| format!("- {}", funded.unfunded.minor));
            parts.chain(rest).collect::<Vec<_>>().join(", ")
        };
        Ok(funded.into_iter().map(line).collect())
    }

    #[test]
    fn an_exhausted_source_stops_its_rule() {
        let rules = [
            rule(3, &[("fs1", "100")]),
            rule(1, &[("fs2", "50"), ("fs3", "50")]),
            rule(2, &[("fs3", "100")]),
        ];
        let limits = [("fs1", 10_000), ("fs2", 500), ("fs3", 750)];
        assert_eq!(
            told(&rules, &limits, &[100, 5_000, 9_000]).unwrap(),
            ["fs2 50, fs3 50", "fs1 3850, fs2 450, fs3 700", "fs1 6150, - 2850"]
        );
    }

    #[test]
    fn a_credit_undoes_what_was_taken_last() {
        let rules = [rule(1, &[("a", "75"), ("b", "25")]), rule(2, &[("c", "100")])];
        let limits = [("a", 300), ("c", 50)];
        assert_eq!(
            told(&rules, &limits, &[500, -60, -100, 30, -1_000]).unwrap(),
            [
                "a 300, b 100, c 50, - 50",
                "c -10, - -50",
                "a -45, b -15, c -40",
                "a 23, b 7",
                "a -278, b -92, - -630"
            ]
        );
    }

    #[test]
    fn a_split_below_100_leaves_the_rest_to_the_next_rule() {
        let rules = [rule(1, &[("a", "25")]), rule(2, &[("b", "100")])];
        assert_eq!(told(&rules, &[("a", 40)], &[101, 101]).unwrap(), ["a 25, b 76", "a 15, b 86"]);
        let thirds = [rule(1, &[("a", "33.3333"), ("b", "33.3333"), ("c", "33.3334"), ("d", "0")])];
        assert_eq!(told(&thirds, &[("d", 0)], &[100]).unwrap(), ["a 33, b 33, c 34"]);
    }

    #[test]
    fn refuses_rules_that_say_nothing() {
        let refused = |rules: &[FundingRule], limits: &[(&str, i64)]| told(rules, limits, &[1]).unwrap_err().field;
        let whole = rule(1, &[("a", "100")]);
        assert_eq!(refused(&[whole.clone(), whole.clone()], &[]), "priority");
        for split in [
            &[("a", "60"), ("b", "41")][..],
            &[("a", "-1"), ("b", "60")],
            &[("a", "0")],
            &[],
        ] {
            assert_eq!(refused(&[rule(1, split)], &[]), "split");
        }
        assert_eq!(refused(&[whole], &[("a", -1)]), "limits");
        assert_eq!(told(&[], &[], &[5]).unwrap(), ["- 5"]);
    }
}
