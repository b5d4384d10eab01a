//! Utilization: how much of people's capacity is worked for customers.

use strata_kernel::{Decimal, Error, Result};

use super::Fraction;
use crate::ratio::overflow;

/// What makes the capacity of a person in a range of days. All days and minutes are of the range in which the
/// person is employed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Capacity {
    /// Working days of the person's calendar.
    pub working_days: u32,
    /// Minutes of a working day at full time.
    pub daily_minutes: u32,
    /// Full-time equivalent in percent: 80 works four days of five.
    pub fte_percent: Decimal,
    /// Minutes of public holidays on working days.
    pub holiday_minutes: u32,
    /// Minutes of leave.
    pub leave_minutes: u32,
}

impl Capacity {
    /// `working days x daily minutes x fte - holidays - leave`, exact. Never below zero: who is away for
    /// longer than there is to work has no capacity. Refuses an fte below zero.
    ///
    /// An fte below zero is `INVALID_FIELD`. Source: capacity in `hr_utilization_report` of the Odoo Community
    /// Association.
    pub fn minutes(self) -> Result<Decimal> {
        if self.fte_percent < Decimal::ZERO {
            return Err(Error::invalid("fte_percent", "a full-time equivalent cannot be below zero"));
        }
        let full = u64::from(self.working_days) * u64::from(self.daily_minutes);
        let away = u64::from(self.holiday_minutes) + u64::from(self.leave_minutes);
        let share = self.fte_percent.checked_mul(Decimal::new(1, 2)).ok_or_else(overflow)?;
        let capacity = Decimal::from(full).checked_mul(share).ok_or_else(overflow)?;
        let left = capacity.checked_sub(Decimal::from(away)).ok_or_else(overflow)?;
        Ok(left.max(Decimal::ZERO))
    }
}

/// Time of a person. Both figures in the same unit, hours or minutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PersonTime {
    /// True when the person is active in the range. Others do not count, neither their time nor their capacity.
    pub active: bool,
    /// What the person could work: [`Capacity::minutes`].
    pub capacity: Decimal,
    /// What was worked and approved, not rounded: of billable entries for billable utilization, of all entries
    /// for customers for total utilization.
    pub worked: Decimal,
}

/// Time over capacity of the active people, added up: [`Fraction::share`] is the utilization, and it
/// adds up further over teams and months. Without capacity it has no value.
///
/// Hours are not rounded. Sums beyond 28 digits are `AMOUNT_OVERFLOW`. Source: `hr_utilization_report` of the Odoo
/// Community Association; "View chargeable utilization for resources", Dynamics 365 Project Service.
pub fn utilization(people: &[PersonTime]) -> Result<Fraction> {
    let active = people.iter().filter(|person| person.active);
    Fraction::sum(active.map(|person| Fraction::new(person.worked, person.capacity)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const MARCH: Capacity = Capacity {
        working_days: 21,
        daily_minutes: 480,
        fte_percent: Decimal::ONE_HUNDRED,
        holiday_minutes: 480,
        leave_minutes: 960,
    };

    #[test]
    fn capacity_is_what_is_left_to_work() {
        assert_eq!(MARCH.minutes().unwrap(), Decimal::from(8_640));
        let part_time = Capacity {
            fte_percent: Decimal::new(625, 1),
            ..MARCH
        };
        assert_eq!(part_time.minutes().unwrap(), Decimal::from(4_860));
        let away = Capacity {
            working_days: 2,
            ..MARCH
        };
        assert_eq!(away.minutes().unwrap(), Decimal::ZERO);
        let refused = Capacity {
            fte_percent: Decimal::NEGATIVE_ONE,
            ..MARCH
        };
        assert_eq!(refused.minutes().unwrap_err().field, "fte_percent");
    }

    #[test]
    fn people_who_left_do_not_count() {
        let person = |active, worked: i64| PersonTime {
            active,
            capacity: Decimal::from(8),
            worked: Decimal::from(worked),
        };
        let share = utilization(&[person(true, 6), person(false, 8)]).unwrap();
        assert_eq!(share, Fraction::new(6, 8));
        assert_eq!(utilization(&[person(false, 8)]).unwrap().share().unwrap(), None);
        assert_eq!(utilization(&[]).unwrap().share().unwrap(), None);
    }
}
