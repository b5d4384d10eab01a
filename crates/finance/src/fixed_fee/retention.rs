//! Retention: the customer holds back a part of each phase until a condition is met.

use strata_kernel::{Decimal, Money, Result};

use crate::amount::{check_percent, difference, percent_of};

/// A phase that is billed under retention.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetentionPhase {
    /// What the phase is worth.
    pub gross: Money,
    /// Percent of the gross that is held back.
    pub retain_percent: Decimal,
    /// Percent, of what was held before the phase, that is set free by it.
    pub release_percent: Decimal,
}

/// What a phase does to the money held back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetentionStep {
    /// Held back of this phase: a contract asset, not yet a receivable.
    pub retained: Money,
    /// Set free of what was held before: due now.
    pub released: Money,
    /// Due now: the gross, less what is retained, plus what is released.
    pub payable: Money,
    /// Held back after the phase.
    pub held: Money,
}

/// Retains and releases phase by phase. Both percents are rounded once each, half away from zero; the release
/// is a percent of the balance before the phase, so releasing 100 percent leaves nothing behind.
///
/// Percents outside 0 to 100 are `INVALID_FIELD`. Source: "Vendor retention overview", Dynamics 365 Project
/// Operations; withheld consideration as a contract asset: IFRS 15.107, ASC 606-10-45-3.
pub fn retain(phases: &[RetentionPhase]) -> Result<Vec<RetentionStep>> {
    let mut steps = Vec::with_capacity(phases.len());
    let mut held: Option<Money> = None;
    for phase in phases {
        check_percent("retain_percent", phase.retain_percent)?;
        check_percent("release_percent", phase.release_percent)?;
        let before = held.unwrap_or(Money::zero(phase.gross.currency));
        let retained = percent_of(phase.gross, phase.retain_percent)?;
        let released = percent_of(before, phase.release_percent)?;
        let after = difference(before.plus(retained)?, released)?;
        steps.push(RetentionStep {
            retained,
            released,
            payable: difference(phase.gross, retained)?.plus(released)?,
            held: after,
        });
        held = Some(after);
    }
    Ok(steps)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use strata_kernel::Currency;

    fn usd(minor: i64) -> Money {
        Money::new(minor, Currency::parse("USD").unwrap())
    }

    fn phase(gross: i64, retain: i64, release: i64) -> RetentionPhase {
        RetentionPhase {
            gross: usd(gross),
            retain_percent: Decimal::from(retain),
            release_percent: Decimal::from(release),
        }
    }

    #[test]
    fn a_release_counts_what_was_held_before_the_phase() {
        let steps = retain(&[phase(1_001, 10, 100), phase(1_001, 10, 50), phase(0, 0, 100)]).unwrap();
        let seen: Vec<_> = steps.iter().map(|step| (step.released.minor, step.held.minor)).collect();
        assert_eq!(seen, [(0, 100), (50, 150), (150, 0)]);
        assert_eq!(steps.iter().map(|step| step.payable.minor).sum::<i64>(), 2_002);
        assert!(retain(&[]).unwrap().is_empty());
    }

    #[test]
    fn a_credited_phase_mirrors() {
        let steps = retain(&[phase(-1_005, 10, 0)]).unwrap();
        assert_eq!((steps[0].retained, steps[0].payable), (usd(-101), usd(-904)));
    }

    #[test]
    fn refuses_percents_out_of_range() {
        assert_eq!(retain(&[phase(1, 101, 0)]).unwrap_err().field, "retain_percent");
        assert_eq!(retain(&[phase(1, 0, -1)]).unwrap_err().field, "release_percent");
    }
}
