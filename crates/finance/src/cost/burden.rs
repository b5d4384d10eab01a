//! Burden: overhead on raw cost, tier by tier.

use strata_kernel::{Decimal, Error, Money, Result};

use crate::amount::percent_of;

/// A cost with its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CostAmount {
    /// Name, unique in a build-up.
    pub name: String,
    /// Amount.
    pub amount: Money,
}

/// One kind of overhead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BurdenTier {
    /// Name, unique in a build-up.
    pub name: String,
    /// Percent of its base.
    pub percent: Decimal,
    /// Names of raw costs and of tiers before it, which together are its base.
    pub of: Vec<String>,
}

/// Burden of raw costs: each tier is a percent of the costs and earlier tiers it names, rounded once.
/// What is burdened is raw cost and tiers together.
///
/// A name that neither a raw cost nor an earlier tier has, a name used twice, a percent below zero, and no raw cost
/// at all are `INVALID_FIELD`. Source: "Overview of burdening", Oracle Projects.
pub fn burden(raw: &[CostAmount], tiers: &[BurdenTier]) -> Result<Vec<CostAmount>> {
    let Some(first) = raw.first() else {
        return Err(Error::invalid("raw", "burden is on at least one cost"));
    };
    let mut known: Vec<CostAmount> = Vec::with_capacity(raw.len() + tiers.len());
    for cost in raw {
        add(&mut known, cost.clone())?;
    }
    for tier in tiers {
        let mut base = Money::zero(first.amount.currency);
        for name in &tier.of {
            let part = known
                .iter()
                .find(|cost| cost.name == *name)
                .ok_or_else(|| Error::invalid("of", format!("{} is on {name}, which is no cost before it", tier.name)))?;
            base = base.plus(part.amount)?;
        }
        let amount = overhead(base, tier.percent)?;
        add(
            &mut known,
            CostAmount {
                name: tier.name.clone(),
                amount,
            },
        )?;
    }
    Ok(known.split_off(raw.len()))
}

fn add(known: &mut Vec<CostAmount>, cost: CostAmount) -> Result<()> {
    if known.iter().any(|other| other.name == cost.name) {
        return Err(Error::invalid("name", format!("{} is there twice", cost.name)));
    }
    known.push(cost);
    Ok(())
}

fn overhead(base: Money, percent: Decimal) -> Result<Money> {
    if percent < Decimal::ZERO {
        return Err(Error::invalid("percent", "burden cannot be below zero percent"));
    }
    percent_of(base, percent)
}

/// A raw cost with its burden.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Burdened {
    /// The overhead, rounded once.
    pub burden: Money,
    /// Raw cost and overhead.
    pub burdened: Money,
}

/// Burden of one percentage on one raw cost. A percent below zero is `INVALID_FIELD`.
///
/// In minor units, rounded once, half away from zero. Source: "Overview of burdening", Oracle Projects.
pub fn burdened(raw: Money, percent: Decimal) -> Result<Burdened> {
    let burden = overhead(raw, percent)?;
    Ok(Burdened {
        burden,
        burdened: raw.plus(burden)?,
    })
}

/// The usual build-up: overhead on labor and handling on materials, then general and administrative cost on all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TwoTierCost {
    /// Overhead on labor.
    pub overhead: Money,
    /// Labor with its overhead.
    pub total_labor: Money,
    /// Handling of materials.
    pub handling: Money,
    /// Materials with their handling.
    pub total_materials: Money,
    /// Both.
    pub subtotal: Money,
    /// General and administrative cost.
    pub general: Money,
    /// Everything.
    pub total: Money,
}

/// Builds up the cost of labor and materials in two tiers. Refuses as [`burden`] does.
///
/// Each overhead is rounded once, sums are not. Source: "Overview of burdening: cost buildup example", Oracle Projects.
pub fn two_tier_cost(
    labor: Money,
    overhead_percent: Decimal,
    materials: Money,
    handling_percent: Decimal,
    general_percent: Decimal,
) -> Result<TwoTierCost> {
    let raw = [("labor", labor), ("materials", materials)].map(|(name, amount)| CostAmount {
        name: name.to_owned(),
        amount,
    });
    let tiers = [
        tier("overhead", overhead_percent, &["labor"]),
        tier("handling", handling_percent, &["materials"]),
        tier("general", general_percent, &["labor", "overhead", "materials", "handling"]),
    ];
    let found = burden(&raw, &tiers)?;
    let amount = |name: &str| {
        let cost = found.iter().find(|cost| cost.name == name);
        cost.map_or(Money::zero(labor.currency), |cost| cost.amount)
    };
    let (overhead, handling, general) = (amount("overhead"), amount("handling"), amount("general"));
    let (total_labor, total_materials) = (labor.plus(overhead)?, materials.plus(handling)?);
    let subtotal = total_labor.plus(total_materials)?;
    Ok(TwoTierCost {
        overhead,
        total_labor,
        handling,
        total_materials,
        subtotal,
        general,
        total: subtotal.plus(general)?,
    })
}

fn tier(name: &str, percent: Decimal, of: &[&str]) -> BurdenTier {
    BurdenTier {
        name: name.to_owned(),
        percent,
        of: of.iter().map(|name| (*name).to_owned()).collect(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use strata_kernel::Currency;

    use super::*;
    use crate::reason;

    fn usd(minor: i64) -> Money {
        Money::new(minor, Currency::parse("USD").unwrap())
    }

    fn raw(minor: i64) -> CostAmount {
        CostAmount {
            name: "labor".to_owned(),
            amount: usd(minor),
        }
    }

    #[test]
    fn a_tier_stands_on_those_before_it() {
        let tiers = [
            tier("fringe", Decimal::from(30), &["labor"]),
            tier("overhead", Decimal::from(50), &["labor", "fringe"]),
        ];
        let found: Vec<i64> = burden(&[raw(1_001)], &tiers)
            .unwrap()
            .iter()
            .map(|cost| cost.amount.minor)
            .collect();
        assert_eq!(found, [300, 651]);
        assert_eq!(burdened(usd(-1_000), Decimal::from(30)).unwrap().burdened, usd(-1_300));
    }

    #[test]
    fn refuses_a_build_up_that_hangs_in_the_air() {
        let field = |raw: &[CostAmount], tiers: &[BurdenTier]| burden(raw, tiers).unwrap_err().field;
        assert_eq!(field(&[], &[]), "raw");
        assert_eq!(field(&[raw(1)], &[tier("a", Decimal::ONE, &["a"])]), "of");
        assert_eq!(field(&[raw(1)], &[tier("a", Decimal::NEGATIVE_ONE, &["labor"])]), "percent");
        assert_eq!(field(&[raw(1), raw(2)], &[]), "name");
        let far = burdened(usd(i64::MAX), Decimal::ONE).unwrap_err();
        assert_eq!(far.reason, reason::AMOUNT_OVERFLOW);
    }
}
