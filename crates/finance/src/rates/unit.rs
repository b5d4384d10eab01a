//! The stretch of work that a rate pays for.

use strata_kernel::{Decimal, Error, Result};

/// Hours that one unit of a rate stands for: 1 for an hourly rate, the hours of a working day for a daily one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RateUnit {
    hours: Decimal,
}

impl RateUnit {
    /// An hourly rate.
    pub const HOUR: Self = Self { hours: Decimal::ONE };

    /// A rate per day or month of so many hours, as its card says. Refuses zero hours and less.
    ///
    /// Zero hours and less are `INVALID_FIELD`. Source: "Unit groups and units", Dynamics 365 Project Service.
    pub fn of_hours(hours: Decimal) -> Result<Self> {
        if hours <= Decimal::ZERO {
            return Err(Error::invalid("unit_hours", "a rate pays for more than zero hours"));
        }
        Ok(Self { hours })
    }

    /// Hours of one unit, above zero.
    pub fn hours(self) -> Decimal {
        self.hours
    }

    /// Minutes of one unit, for people: a sum beyond what a decimal holds is cut off.
    pub fn minutes(self) -> Decimal {
        self.hours.saturating_mul(Decimal::from(60)).normalize()
    }

    /// "hour", or "8 hours" for a day of eight.
    pub fn in_words(self) -> String {
        if self == Self::HOUR {
            return "hour".to_owned();
        }
        format!("{} hours", self.hours.normalize())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn stands_for_some_time() {
        assert_eq!(RateUnit::of_hours(Decimal::ONE).unwrap(), RateUnit::HOUR);
        assert_eq!(RateUnit::of_hours(Decimal::new(750, 2)).unwrap().in_words(), "7.5 hours");
        for hours in [Decimal::ZERO, Decimal::NEGATIVE_ONE] {
            assert_eq!(RateUnit::of_hours(hours).unwrap_err().field, "unit_hours");
        }
    }
}
