//! Output method: progress by accepted milestones.

use strata_kernel::{Decimal, Error, Result};

use super::progress::Progress;
use crate::ratio::Ratio;

/// A milestone of a contract line, as far as revenue asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Milestone {
    /// Its weight among all milestones of the line: percents, or the amounts of the schedule.
    pub weight: Decimal,
    /// The customer has accepted it by the close.
    pub accepted: bool,
}

/// Milestones from a column of weights and a column of acceptances. Columns of different length are
/// `INVALID_FIELD`.
///
/// Source: output method by milestones reached, IFRS 15 B15, ASC 606-10-55-17.
pub fn milestones(weights: &[Decimal], accepted: &[bool]) -> Result<Vec<Milestone>> {
    if weights.len() != accepted.len() {
        return Err(Error::invalid("accepted", "every milestone is accepted or not"));
    }
    let pairs = weights.iter().zip(accepted);
    Ok(pairs.map(|(&weight, &accepted)| Milestone { weight, accepted }).collect())
}

/// Progress by output (IFRS 15 B15, ASC 606-10-55-17): weight of the accepted milestones over the weight of
/// all of them, so that the last acceptance earns the whole price whatever the weights add up to.
///
/// Refuses a weight below zero, and weights that are all zero (`INVALID_FIELD`).
pub fn milestone_progress(milestones: &[Milestone]) -> Result<Progress> {
    let mut all = Ratio::whole(0);
    let mut accepted = Ratio::whole(0);
    for milestone in milestones {
        if milestone.weight < Decimal::ZERO {
            return Err(Error::invalid("weight", "the weight of a milestone cannot be below zero"));
        }
        let weight = Ratio::decimal(milestone.weight);
        all = all.plus(weight)?;
        if milestone.accepted {
            accepted = accepted.plus(weight)?;
        }
    }
    Progress::of(accepted, all)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use strata_kernel::{Currency, Money, parse_decimal};

    fn progress(milestones: &[(&str, bool)]) -> Result<Progress> {
        let weights: Vec<Decimal> = milestones.iter().map(|(weight, _)| parse_decimal(weight).unwrap()).collect();
        let accepted: Vec<bool> = milestones.iter().map(|(_, accepted)| *accepted).collect();
        milestone_progress(&super::milestones(&weights, &accepted)?)
    }

    #[test]
    fn the_last_acceptance_earns_the_whole_price() {
        let price = Money::new(100_001, Currency::parse("KWD").unwrap());
        let thirds = |accepted: [bool; 3]| {
            let [a, b, c] = accepted;
            let progress = progress(&[("33.33", a), ("33.33", b), ("33.33", c)]).unwrap();
            progress.earned(price).unwrap().minor
        };
        assert_eq!(thirds([false; 3]), 0);
        assert_eq!(thirds([true, false, false]), 33_334);
        assert_eq!(thirds([false, true, true]), 66_667);
        assert_eq!(thirds([true; 3]), 100_001);
        assert!(progress(&[("0", true), ("5", false)]).unwrap().share().unwrap().is_zero());
    }

    #[test]
    fn refuses_weights_that_weigh_nothing() {
        assert_eq!(progress(&[("-1", true), ("2", false)]).unwrap_err().field, "weight");
        assert_eq!(progress(&[("0", true)]).unwrap_err().field, "whole");
        assert!(progress(&[]).is_err());
        assert_eq!(milestones(&[Decimal::ONE], &[]).unwrap_err().field, "accepted");
    }
}
