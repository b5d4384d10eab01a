//! Daily travel allowance, less the meals that were provided. It needs no receipt.

use std::collections::BTreeMap;

use strata_kernel::{Decimal, Error, Money, Result};

use crate::amount::{check_percent, difference, percent_of, share_of};
use crate::ratio::overflow;

/// Allowance of one day at a place. All three amounts are in one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DailyAllowance {
    /// For the night.
    pub lodging: Money,
    /// For meals.
    pub meals: Money,
    /// For tips and other small things.
    pub incidentals: Money,
    /// Percent of meals and incidentals that the first and the last day get. 100 unless the policy says less;
    /// 75 for travel of the United States government (41 CFR 301-11.101). Lodging is not cut.
    pub travel_day_percent: Decimal,
}

/// Allowance of a trip.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PerDiem {
    /// Before meals provided.
    pub gross: Money,
    /// Taken off for them.
    pub meal_reduction: Money,
    /// What is paid.
    pub payable: Money,
}

/// Allowance of a trip with its days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PerDiemByDay {
    /// The whole trip.
    pub trip: PerDiem,
    /// Meals and incidentals that are left of each day.
    pub meals_and_incidentals: Vec<Money>,
}

/// Allowance of a trip where each meal provided takes off a percent of the day's meal allowance, by a table from
/// kind of meal to percent. `provided` counts them by kind over the trip. The meals and incidentals of a travel
/// day are rounded once, the reduction once for the trip; it never touches the incidentals (41 CFR 301-11.18).
///
/// Percents outside 0 to 100, a kind that the table lacks, and more meals of a kind than days are `INVALID_FIELD`.
/// Source: "Per diem expenses", meal type per trip, Dynamics 365 Project Operations.
pub fn per_diem_by_meal(
    allowance: DailyAllowance,
    days: u32,
    reduction: &BTreeMap<String, Decimal>,
    provided: &BTreeMap<String, u32>,
) -> Result<PerDiem> {
    let mut percent = Decimal::ZERO;
    for (meal, count) in provided {
        let each = reduction
            .get(meal)
            .ok_or_else(|| Error::invalid("reduction", format!("the policy says nothing of {meal}")))?;
        check_percent("reduction", *each)?;
        if *count > days {
            return Err(Error::invalid("provided", format!("{count} times {meal} in {days} days")));
        }
        let taken = each.checked_mul(Decimal::from(*count));
        percent = taken.and_then(|taken| percent.checked_add(taken)).ok_or_else(overflow)?;
    }
    let day = MealAllowance::of(allowance)?;
    let travel_days = days.min(2);
    let gross_meals = times(day.full, days - travel_days)?.plus(times(day.travel, travel_days)?)?;
    let kept = times(allowance.incidentals, days)?;
    let taken = capped(percent_of(allowance.meals, percent)?, gross_meals, kept)?;
    trip(allowance, days, gross_meals, taken)
}

/// Allowance of a trip where the number of meals provided on a day takes off a percent of that day's meal
/// allowance, by a table from count to percent. No entry for zero meals takes nothing off. `meals_per_day` has
/// one count for each day. Every day is rounded by itself. The reduction never touches the incidentals
/// (41 CFR 301-11.18).
///
/// Percents outside 0 to 100, a count that the table lacks, and another number of counts than days are
/// `INVALID_FIELD`. Source: "Per diem expenses", number of meals per day, Dynamics 365 Project Operations.
pub fn per_diem_by_day(
    allowance: DailyAllowance,
    days: u32,
    reduction_by_count: &BTreeMap<u32, Decimal>,
    meals_per_day: &[u32],
) -> Result<PerDiemByDay> {
    if u32::try_from(meals_per_day.len()) != Ok(days) {
        return Err(Error::invalid(
            "meals_per_day",
            format!("meals of {} days for a trip of {days}", meals_per_day.len()),
        ));
    }
    let day = MealAllowance::of(allowance)?;
    let last = meals_per_day.len().saturating_sub(1);
    let mut gross_meals = Money::zero(allowance.meals.currency);
    let mut reduction = gross_meals;
    let mut left = Vec::with_capacity(meals_per_day.len());
    for (index, count) in meals_per_day.iter().enumerate() {
        let gross = if index == 0 || index == last { day.travel } else { day.full };
        let percent = percent_for(reduction_by_count, *count)?;
        let taken = capped(percent_of(allowance.meals, percent)?, gross, allowance.incidentals)?;
        gross_meals = gross_meals.plus(gross)?;
        reduction = reduction.plus(taken)?;
        left.push(difference(gross, taken)?);
    }
    Ok(PerDiemByDay {
        trip: trip(allowance, days, gross_meals, reduction)?,
        meals_and_incidentals: left,
    })
}

fn percent_for(reduction_by_count: &BTreeMap<u32, Decimal>, count: u32) -> Result<Decimal> {
    let percent = match reduction_by_count.get(&count) {
        Some(percent) => *percent,
        None if count == 0 => Decimal::ZERO,
        None => {
            return Err(Error::invalid(
                "reduction_by_count",
                format!("the policy says nothing of {count} meals a day"),
            ));
        }
    };
    check_percent("reduction_by_count", percent)?;
    Ok(percent)
}

/// Meals and incidentals of a day, before meals provided.
struct MealAllowance {
    full: Money,
    /// The first and the last day.
    travel: Money,
}

impl MealAllowance {
    fn of(allowance: DailyAllowance) -> Result<Self> {
        check_percent("travel_day_percent", allowance.travel_day_percent)?;
        for (field, amount) in [
            ("lodging", allowance.lodging),
            ("meals", allowance.meals),
            ("incidentals", allowance.incidentals),
        ] {
            if amount.minor < 0 {
                return Err(Error::invalid(field, "an allowance cannot be below zero"));
            }
        }
        let full = allowance.meals.plus(allowance.incidentals)?;
        let travel = percent_of(full, allowance.travel_day_percent)?;
        Ok(Self { full, travel })
    }
}

/// A reduction that leaves at least the incidentals, as far as the day has them.
fn capped(reduction: Money, gross: Money, kept: Money) -> Result<Money> {
    let most = difference(gross, kept)?.minor.max(0);
    Ok(Money::new(reduction.minor.min(most), reduction.currency))
}

fn trip(allowance: DailyAllowance, days: u32, gross_meals: Money, meal_reduction: Money) -> Result<PerDiem> {
    let gross = times(allowance.lodging, days)?.plus(gross_meals)?;
    Ok(PerDiem {
        gross,
        meal_reduction,
        payable: difference(gross, meal_reduction)?,
    })
}

fn times(amount: Money, count: u32) -> Result<Money> {
    share_of(amount, i64::from(count), 1)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use strata_kernel::Currency;

    fn usd(minor: i64) -> Money {
        Money::new(minor, Currency::parse("USD").unwrap())
    }

    fn allowance(travel_day_percent: i64) -> DailyAllowance {
        DailyAllowance {
            lodging: usd(15_000),
            meals: usd(7_500),
            incidentals: usd(500),
            travel_day_percent: Decimal::from(travel_day_percent),
        }
    }

    /// Breakfast 30 percent, lunch 30, dinner 40.
    fn by_meal(travel_day_percent: i64, days: u32, provided: &[(&str, u32)]) -> Result<PerDiem> {
        let percents = [("breakfast", 30), ("lunch", 30), ("dinner", 40), ("brunch", 130)];
        let reduction = percents.map(|(meal, percent)| (meal.to_owned(), Decimal::from(percent)));
        let provided = provided.iter().map(|(meal, count)| ((*meal).to_owned(), *count)).collect();
        per_diem_by_meal(allowance(travel_day_percent), days, &reduction.into(), &provided)
    }

    fn table() -> BTreeMap<u32, Decimal> {
        [(1, 20), (2, 50), (3, 100)]
            .map(|(count, percent)| (count, Decimal::from(percent)))
            .into()
    }

    #[test]
    fn travel_days_cut_meals_and_incidentals_only() {
        for (days, gross) in [(0, 0), (1, 21_000), (2, 42_000), (3, 65_000)] {
            let trip = by_meal(75, days, &[]).unwrap();
            assert_eq!((trip.gross, trip.payable), (usd(gross), usd(gross)), "{days} days");
            assert_eq!(
                per_diem_by_day(allowance(75), days, &table(), &vec![0; days as usize])
                    .unwrap()
                    .trip,
                trip
            );
        }
    }

    #[test]
    fn meals_provided_leave_the_incidentals() {
        let trip = by_meal(75, 2, &[("breakfast", 2), ("lunch", 2), ("dinner", 2)]).unwrap();
        assert_eq!((trip.meal_reduction, trip.payable), (usd(11_000), usd(31_000)));
        let by_day = per_diem_by_day(allowance(75), 2, &table(), &[3, 3]).unwrap();
        assert_eq!(by_day.trip, trip);
        assert_eq!(by_day.meals_and_incidentals, [usd(500), usd(500)]);
        let bare = per_diem_by_day(allowance(0), 1, &table(), &[3]).unwrap();
        assert_eq!(bare.trip.payable, usd(15_000), "nothing to take off");
    }

    #[test]
    fn refuses_what_no_trip_has() {
        let field = |result: Result<PerDiem>| result.unwrap_err().field;
        assert_eq!(field(by_meal(100, 2, &[("lunch", 3)])), "provided");
        assert_eq!(field(by_meal(100, 2, &[("brunch", 1)])), "reduction");
        assert_eq!(field(by_meal(100, 2, &[("supper", 1)])), "reduction");
        assert_eq!(field(by_meal(101, 2, &[])), "travel_day_percent");
        assert_eq!(by_meal(100, u32::MAX, &[]).unwrap().gross.minor, 23_000 * i64::from(u32::MAX));
        let by_day = |meals: &[u32]| per_diem_by_day(allowance(100), 2, &table(), meals).unwrap_err().field;
        assert_eq!(by_day(&[0]), "meals_per_day");
        assert_eq!(by_day(&[0, 4]), "reduction_by_count");
        let mut owed = allowance(100);
        owed.meals = usd(-1);
        assert_eq!(field(per_diem_by_meal(owed, 2, &BTreeMap::new(), &BTreeMap::new())), "meals");
    }
}
