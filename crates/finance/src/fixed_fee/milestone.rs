//! Milestones: billed once, when accepted.

use strata_kernel::{Money, Result};

use super::due::MilestoneState;
use super::schedule::{Share, instalments};
use crate::amount::{difference, sum};

/// A milestone of a fixed price.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Milestone {
    /// Its id.
    pub id: String,
    /// What it is worth.
    pub share: Share,
    /// How far it is, as known to the run.
    pub state: MilestoneState,
}

/// One milestone on an invoice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MilestoneLine {
    /// Id of the milestone.
    pub id: String,
    /// Its amount.
    pub amount: Money,
}

/// What a run bills of a fixed price.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MilestoneBilling {
    /// Milestones that are due, in the order given.
    pub lines: Vec<MilestoneLine>,
    /// Their sum.
    pub invoice_now: Money,
    /// What is left of the price after this invoice. Below zero when milestones exceed the price.
    pub remaining: Money,
}

/// Bills the milestones that are accepted and not invoiced yet, each at its agreed amount or its rounded
/// percent of the price (see [`instalments`]); nothing is rounded after that.
///
/// Amounts in another currency than the price are `RATE_CURRENCY_MISMATCH`.
/// Source: billing rule "milestone", Dynamics 365 Project Operations, "Project contracts".
pub fn bill_milestones(price: Money, milestones: &[Milestone]) -> Result<MilestoneBilling> {
    let shares: Vec<Share> = milestones.iter().map(|milestone| milestone.share).collect();
    let mut lines = Vec::new();
    let mut billed = Money::zero(price.currency);
    for (milestone, amount) in milestones.iter().zip(instalments(price, &shares)?) {
        if milestone.state == MilestoneState::Invoiced {
            billed = billed.plus(amount)?;
        } else if milestone.state.is_due() {
            lines.push(MilestoneLine {
                id: milestone.id.clone(),
                amount,
            });
        }
    }
    let invoice_now = sum(lines.iter().map(|line| line.amount), price.currency)?;
    Ok(MilestoneBilling {
        remaining: difference(difference(price, billed)?, invoice_now)?,
        invoice_now,
        lines,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use strata_kernel::{Currency, Decimal};

    fn usd(minor: i64) -> Money {
        Money::new(minor, Currency::parse("USD").unwrap())
    }

    fn milestone(id: &str, share: Share, state: MilestoneState) -> Milestone {
        Milestone {
            id: id.to_owned(),
            share,
            state,
        }
    }

    #[test]
    fn an_accepted_milestone_is_billed_once() {
        let mut milestones = [
            milestone("m1", Share::Amount(usd(400)), MilestoneState::Invoiced),
            milestone("m2", Share::Amount(usd(500)), MilestoneState::Accepted),
            milestone("m3", Share::Amount(usd(100)), MilestoneState::Open),
        ];
        let billing = bill_milestones(usd(1_000), &milestones).unwrap();
        assert_eq!((billing.invoice_now, billing.remaining), (usd(500), usd(100)));
        assert_eq!(billing.lines.len(), 1);
        milestones[1].state = MilestoneState::Invoiced;
        let again = bill_milestones(usd(1_000), &milestones).unwrap();
        assert_eq!((again.invoice_now, again.remaining), (usd(0), usd(100)));
    }

    #[test]
    fn percents_and_change_orders_go_together() {
        let third = Share::Percent(Decimal::new(3_333, 2));
        let milestones = [
            milestone("m1", third, MilestoneState::Invoiced),
            milestone("m2", third, MilestoneState::Accepted),
            milestone("m3", Share::Percent(Decimal::new(3_334, 2)), MilestoneState::Accepted),
            milestone("order", Share::Amount(usd(50)), MilestoneState::Open),
        ];
        let billing = bill_milestones(usd(1_001), &milestones).unwrap();
        assert_eq!(billing.lines[1].amount, usd(333));
        assert_eq!((billing.invoice_now, billing.remaining), (usd(667), usd(0)));
    }

    #[test]
    fn no_milestones_bill_nothing_and_currencies_do_not_mix() {
        let nothing = bill_milestones(usd(7), &[]).unwrap();
        assert_eq!((nothing.invoice_now, nothing.remaining), (usd(0), usd(7)));
        let euro = Money::new(1, Currency::parse("EUR").unwrap());
        let mixed = [milestone("m", Share::Amount(euro), MilestoneState::Accepted)];
        assert!(bill_milestones(usd(7), &mixed).is_err());
    }
}
