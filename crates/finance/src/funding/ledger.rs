//! What sources have paid while transactions are funded, and how to undo it.

use std::collections::BTreeMap;

use strata_kernel::Result;

use crate::allocate::allocate;
use crate::ratio::overflow;

/// The split of a rule in whole weights. Weights are above zero and at most `hundred` together.
pub(super) struct Split {
    pub(super) sources: Vec<String>,
    pub(super) weights: Vec<i64>,
    /// The weight of everything.
    pub(super) hundred: i64,
}

/// What sources pay of one transaction, in minor units.
type Parts = BTreeMap<String, i64>;

/// One portion that was taken: by the sources of a rule, or by nobody.
struct Taken {
    sources: Vec<String>,
    shares: Vec<i64>,
    total: i64,
}

/// Limits, payments so far, and what was taken in which order.
pub(super) struct Ledger {
    limits: BTreeMap<String, i64>,
    used: BTreeMap<String, i64>,
    taken: Vec<Taken>,
}

impl Ledger {
    pub(super) fn new(limits: BTreeMap<String, i64>, used: BTreeMap<String, i64>) -> Self {
        Self {
            limits,
            used,
            taken: Vec::new(),
        }
    }

    /// Funds an amount of zero or more by the rules in their order. Gives the parts and what is unfunded.
    pub(super) fn take(&mut self, amount: i64, rules: &[Split]) -> Result<(Parts, i64)> {
        let mut parts = Parts::new();
        let mut rest = amount;
        for rule in rules {
            let portion = self.portion(rest, rule)?;
            if portion == 0 {
                continue;
            }
            let shares = allocate(portion, &rule.weights)?;
            self.book(&mut parts, &rule.sources, &shares)?;
            self.taken.push(Taken {
                sources: rule.sources.clone(),
                shares,
                total: portion,
            });
            rest -= portion;
        }
        if rest > 0 {
            self.taken.push(Taken {
                sources: Vec::new(),
                shares: Vec::new(),
                total: rest,
            });
        }
        Ok((parts, rest))
    }

    /// Undoes what was taken last, up to an amount below zero. Gives the parts and what nobody gets back.
    pub(super) fn credit(&mut self, amount: i64) -> Result<(Parts, i64)> {
        let mut parts = Parts::new();
        let (mut rest, mut unfunded) = (amount, 0_i64);
        while rest < 0 {
            let Some(mut last) = self.taken.pop() else { break };
            // Not below minus the portion, which is above zero: it cannot leave the range.
            let back = rest.max(-last.total);
            rest -= back;
            if last.sources.is_empty() {
                unfunded += back;
            } else {
                let shares = allocate(back, &last.shares)?;
                self.book(&mut parts, &last.sources, &shares)?;
                last.shares.iter_mut().zip(&shares).for_each(|(left, share)| *left += share);
            }
            last.total += back;
            if last.total > 0 {
                self.taken.push(last);
            }
        }
        Ok((parts, unfunded.checked_add(rest).ok_or_else(overflow)?))
    }

    /// The most of `rest` that a rule may take: its percent of it, and no share beyond the room of its source.
    /// Shares are whole and room is whole, so a share that is rounded up stays inside as well.
    fn portion(&self, rest: i64, rule: &Split) -> Result<i64> {
        let weight: i128 = rule.weights.iter().map(|weight| i128::from(*weight)).sum();
        let hundred = i128::from(rule.hundred);
        // Half a unit more, floored: rest is not below zero, so this rounds half away from zero.
        let mut most = (2 * i128::from(rest) * weight + hundred) / (2 * hundred);
        for (source, share) in rule.sources.iter().zip(&rule.weights) {
            let Some(limit) = self.limits.get(source) else { continue };
            let used = self.used.get(source).copied().unwrap_or(0);
            let room = (i128::from(*limit) - i128::from(used)).max(0);
            let product = room.checked_mul(weight).ok_or_else(overflow)?;
            most = most.min(product / i128::from(*share));
        }
        i64::try_from(most).map_err(|_| overflow())
    }

    fn book(&mut self, parts: &mut Parts, sources: &[String], shares: &[i64]) -> Result<()> {
        for (source, share) in sources.iter().zip(shares) {
            for sums in [&mut self.used, &mut *parts] {
                let sum = sums.entry(source.clone()).or_insert(0);
                *sum = sum.checked_add(*share).ok_or_else(overflow)?;
            }
        }
        Ok(())
    }
}
