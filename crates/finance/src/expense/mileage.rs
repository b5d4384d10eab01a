//! Mileage allowance in tiers of distance.

use strata_kernel::{Currency, Decimal, Error, Money, Result};

use crate::amount::quantity_amount;

/// A rate for the part of a year's distance up to a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MileageTier {
    /// Distance in the year up to which it holds. None: no limit.
    pub up_to: Option<Decimal>,
    /// Allowance per unit of distance, in major units.
    pub rate: Decimal,
}

/// Allowance for a trip, tier by tier: one amount for each tier it touches, each rounded once. Distance adds up
/// per employee and calendar year, so a trip starts in the tier that `distance_before` has reached.
///
/// Tiers must ascend and cover the whole distance, and distances cannot be below zero: `INVALID_FIELD`.
/// Source: "Set up mileage using mileage rate tiers" (tiers by upper limit), Dynamics 365 Project Operations.
pub fn mileage(distance: Decimal, distance_before: Decimal, tiers: &[MileageTier], currency: Currency) -> Result<Vec<Money>> {
    for (field, value) in [("distance", distance), ("distance_before", distance_before)] {
        if value < Decimal::ZERO {
            return Err(Error::invalid(field, "a distance cannot be below zero"));
        }
    }
    let end = distance_before
        .checked_add(distance)
        .ok_or_else(|| Error::invalid("distance", "the distance is out of range"))?;
    let mut parts = Vec::new();
    let mut reached = Decimal::ZERO;
    let mut paid_to = distance_before;
    for tier in tiers {
        let limit = tier.up_to.unwrap_or(Decimal::MAX);
        if limit <= reached {
            return Err(Error::invalid(
                "tiers",
                "the tiers must ascend, and the one without a limit comes last",
            ));
        }
        reached = limit;
        let stop = end.min(limit);
        if stop > paid_to {
            parts.push(quantity_amount(tier.rate, stop - paid_to, currency)?);
            paid_to = stop;
        }
    }
    if paid_to < end {
        return Err(Error::invalid(
            "tiers",
            format!("no tier has a rate for distance beyond {reached}"),
        ));
    }
    Ok(parts)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use strata_kernel::parse_decimal;

    fn dec(text: &str) -> Decimal {
        parse_decimal(text).unwrap()
    }

    fn tiers(limits: &[(Option<&str>, &str)]) -> Vec<MileageTier> {
        let tier = |(up_to, rate): &(Option<&str>, &str)| MileageTier {
            up_to: up_to.map(dec),
            rate: dec(rate),
        };
        limits.iter().map(tier).collect()
    }

    fn parts(distance: &str, before: &str, limits: &[(Option<&str>, &str)]) -> Result<Vec<String>> {
        let amounts = mileage(dec(distance), dec(before), &tiers(limits), Currency::parse("USD").unwrap())?;
        Ok(amounts.iter().map(Money::to_string).collect())
    }

    #[test]
    fn a_trip_starts_in_the_tier_already_reached() {
        let limits = [(Some("1000"), "0.45"), (Some("5000"), "0.25"), (None, "0.1")];
        for (distance, before, expected) in [
            ("500", "0", &["225.00"][..]),
            ("500", "800", &["90.00", "75.00"]),
            ("500", "1000", &["125.00"]),
            ("10000", "999.5", &["0.23", "1000.00", "599.95"]),
            ("0", "800", &[]),
        ] {
            assert_eq!(
                parts(distance, before, &limits).unwrap(),
                expected,
                "{distance} after {before}"
            );
        }
    }

    #[test]
    fn refuses_distance_without_a_rate() {
        assert_eq!(parts("1", "10", &[(Some("10"), "1")]).unwrap_err().field, "tiers");
        assert_eq!(parts("1", "0", &[]).unwrap_err().field, "tiers");
        assert_eq!(parts("0", "0", &[]).unwrap(), Vec::<String>::new());
        assert_eq!(
            parts("1", "0", &[(Some("5"), "1"), (Some("5"), "2")]).unwrap_err().field,
            "tiers"
        );
        assert_eq!(parts("1", "0", &[(None, "1"), (Some("5"), "2")]).unwrap_err().field, "tiers");
        assert_eq!(parts("-1", "0", &[(None, "1")]).unwrap_err().field, "distance");
        assert_eq!(parts("1", "-1", &[(None, "1")]).unwrap_err().field, "distance_before");
    }
}
