//! Several caps at once: the tightest decides.

use strata_kernel::{Error, Money, Result};

use super::{CapKind, CapSplit, room, test_limit, within};

/// One cap that an amount stands under.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CapLevel {
    /// Where it stands: contract line, contract, customer order, task.
    pub name: String,
    /// Hard or soft.
    pub kind: CapKind,
    /// The most. None: no limit at this level.
    pub cap: Option<Money>,
    /// Billed against it so far, credits taken off.
    pub used: Money,
}

/// What the levels let through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LevelOutcome {
    /// What may be billed and what waits.
    pub split: CapSplit,
    /// Name of the hard level with the least room, when it kept something back. Of equal ones the first given.
    pub failed_level: Option<String>,
    /// Names of the soft levels that what is billed passes (`CAP_WARNING`).
    pub warned_levels: Vec<String>,
}

/// Room is the least of (cap - used) over the hard levels. Soft levels keep nothing back; those that the billed
/// part passes are named. Refuses a level that is given twice.
///
/// Amounts are in minor units of one currency and are never rounded; a level in another is `RATE_CURRENCY_MISMATCH`,
/// one given twice `INVALID_FIELD`. Source: not-to-exceed limits by level, Dynamics 365 Project Operations.
pub fn within_levels(amount: Money, levels: &[CapLevel]) -> Result<LevelOutcome> {
    let mut split = CapSplit {
        billable: amount,
        over_cap: Money::zero(amount.currency),
    };
    let mut failed_level = None;
    for (index, level) in levels.iter().enumerate() {
        if levels.iter().take(index).any(|other| other.name == level.name) {
            return Err(Error::invalid("levels", format!("level \"{}\" is given twice", level.name)));
        }
        let (CapKind::Hard, Some(cap)) = (level.kind, level.cap) else {
            continue;
        };
        let here = within(amount, room(cap, level.used)?)?;
        if here.over_cap.minor > split.over_cap.minor {
            split = here;
            failed_level = Some(level.name.clone());
        }
    }
    let mut warned_levels = Vec::new();
    for level in levels.iter().filter(|level| level.kind == CapKind::Soft) {
        let Some(cap) = level.cap else { continue };
        if test_limit(CapKind::Soft, cap, level.used, split.billable)?.warning.is_some() {
            warned_levels.push(level.name.clone());
        }
    }
    Ok(LevelOutcome {
        split,
        failed_level,
        warned_levels,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use strata_kernel::Currency;

    fn eur(minor: i64) -> Money {
        Money::new(minor, Currency::parse("EUR").unwrap())
    }

    fn level(name: &str, kind: CapKind, cap: Option<i64>, used: i64) -> CapLevel {
        CapLevel {
            name: name.to_owned(),
            kind,
            cap: cap.map(eur),
            used: eur(used),
        }
    }

    #[test]
    fn the_tightest_hard_level_decides_and_soft_ones_warn() {
        let levels = [
            level("task", CapKind::Soft, Some(100), 90),
            level("contract_line", CapKind::Hard, Some(500), 440),
            level("contract", CapKind::Hard, Some(2000), 1940),
            level("customer_order", CapKind::Hard, None, 9999),
        ];
        let outcome = within_levels(eur(80), &levels).unwrap();
        assert_eq!((outcome.split.billable, outcome.split.over_cap), (eur(60), eur(20)));
        assert_eq!(outcome.failed_level.as_deref(), Some("contract_line"), "the first of equals");
        assert_eq!(outcome.warned_levels, ["task"]);
        let fits = within_levels(eur(10), &levels).unwrap();
        assert_eq!((fits.failed_level, fits.warned_levels.len()), (None, 0));
        assert_eq!(within_levels(eur(-10), &levels).unwrap().split.billable, eur(-10));
        assert_eq!(within_levels(eur(10), &[]).unwrap().split.billable, eur(10));
        let twice = [levels[1].clone(), levels[1].clone()];
        assert_eq!(within_levels(eur(10), &twice).unwrap_err().field, "levels");
    }
}
