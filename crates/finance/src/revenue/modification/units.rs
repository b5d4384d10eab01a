//! Modification of a contract for units of one kind.

use strata_kernel::{Currency, Decimal, Error, Money, Result};

use super::{CatchUp, Distinctness, Treatment, catch_up, treatment};
use crate::ratio::Ratio;
use crate::revenue::progress::Progress;

/// The contract as it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnitsContract {
    /// Units promised.
    pub units: Decimal,
    /// Price of a unit, in major units of the currency.
    pub price: Decimal,
    /// Units delivered before the change.
    pub delivered: Decimal,
    /// Currency of both prices.
    pub currency: Currency,
}

/// What is added to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AddedUnits {
    /// Units added.
    pub units: Decimal,
    /// Price of an added unit, in major units.
    pub price: Decimal,
    /// That price is the stand-alone selling price of a unit now.
    pub price_is_standalone: bool,
    /// Whether the added units are distinct from the delivered ones.
    pub distinctness: Distinctness,
}

/// What follows from the change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnitsOutcome {
    /// Units of the old contract keep their price, and added units have theirs.
    SeparateContract {
        /// Price of an original unit.
        original: Decimal,
        /// Price of an added unit.
        added: Decimal,
    },
    /// All units still to deliver have one blended price.
    Prospective {
        /// Units still to deliver, old and added.
        units: Decimal,
        /// What they bring together, rounded once.
        consideration: Money,
        /// Price of one of them, rounded to the minor unit to show. Amounts come from the exact quotient.
        price: Money,
        /// Revenue of the units delivered next, rounded once.
        next: Money,
    },
    /// Delivered units share in the new price at once.
    CumulativeCatchUp(CatchUp),
    /// Each obligation has to be treated on its own; one price says nothing.
    SplitPerObligation,
}

/// Accounts for units added to a contract for units (IFRS 15 Example 5, ASC 606-10-55-111 to 55-116), with the
/// revenue of the next `deliver_next` units where they have one price.
///
/// A blended price is never rounded on the way: `consideration x delivered / units`, rounded once.
/// Refuses units below zero, more delivered than promised, more to deliver next than remain, and a blend
/// over no remaining unit (`INVALID_FIELD`).
pub fn modify_units(original: &UnitsContract, added: &AddedUnits, deliver_next: Decimal) -> Result<UnitsOutcome> {
    let non_negative = |value: Decimal, field: &str| match value < Decimal::ZERO {
        true => Err(Error::invalid(field, "a number of units cannot be below zero")),
        false => Ok(Ratio::decimal(value)),
    };
    let promised = non_negative(original.units, "original.units")?;
    let delivered = non_negative(original.delivered, "original.delivered")?;
    let more = non_negative(added.units, "added.units")?;
    let next = non_negative(deliver_next, "deliver_next")?;
    if original.delivered > original.units {
        return Err(Error::invalid("original.delivered", "more is delivered than was promised"));
    }
    let (old_price, new_price) = (Ratio::decimal(original.price), Ratio::decimal(added.price));
    let addition = more.times(new_price)?;
    match treatment(added.distinctness, added.price_is_standalone) {
        Treatment::SeparateContract => Ok(UnitsOutcome::SeparateContract {
            original: original.price,
            added: added.price,
        }),
        Treatment::Prospective => {
            let left = promised.minus(delivered)?;
            let units = left.plus(more)?;
            if !units.is_positive() || units.minus(next)?.is_negative() {
                return Err(Error::invalid("deliver_next", "not so many units remain to be delivered"));
            }
            let consideration = left.times(old_price)?.plus(addition)?;
            Ok(UnitsOutcome::Prospective {
                units: units.round_places(6)?.normalize(),
                consideration: consideration.money(original.currency)?,
                price: consideration.over(units)?.money(original.currency)?,
                next: consideration.times(next)?.over(units)?.money(original.currency)?,
            })
        }
        Treatment::CumulativeCatchUp => {
            let price_after = promised.times(old_price)?.plus(addition)?.money(original.currency)?;
            let before = delivered.times(old_price)?.money(original.currency)?;
            let progress = Progress::of(delivered, promised.plus(more)?)?;
            Ok(UnitsOutcome::CumulativeCatchUp(catch_up(&progress, price_after, before)?))
        }
        _ => Ok(UnitsOutcome::SplitPerObligation),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use strata_kernel::parse_decimal;

    fn contract(units: i64, delivered: i64) -> UnitsContract {
        UnitsContract {
            units: units.into(),
            price: Decimal::from(100),
            delivered: delivered.into(),
            currency: Currency::parse("USD").unwrap(),
        }
    }

    fn added(units: i64, price: &str, distinctness: Distinctness) -> AddedUnits {
        AddedUnits {
            units: units.into(),
            price: parse_decimal(price).unwrap(),
            price_is_standalone: false,
            distinctness,
        }
    }

    #[test]
    fn a_blend_is_shown_rounded_and_computed_exactly() {
        // 60 units for 6,000 and 30 for 2,400: 93.33 each, and 90 of them bring 8,400 all the same.
        let change = added(30, "80", Distinctness::Distinct);
        let outcome = modify_units(&contract(120, 60), &change, Decimal::from(90)).unwrap();
        let UnitsOutcome::Prospective {
            units,
            consideration,
            price,
            next,
        } = outcome
        else {
            panic!("{outcome:?}");
        };
        assert_eq!(units, Decimal::from(90));
        assert_eq!(
            [consideration, price, next].map(|money| money.to_string()),
            ["8400.00", "93.33", "8400.00"]
        );
    }

    #[test]
    fn one_obligation_is_caught_up() {
        let change = added(30, "80", Distinctness::NotDistinct);
        let outcome = modify_units(&contract(120, 60), &change, Decimal::ZERO).unwrap();
        let UnitsOutcome::CumulativeCatchUp(row) = outcome else {
            panic!("{outcome:?}");
        };
        assert_eq!(
            (row.catch_up.to_string(), row.remaining.to_string()),
            ("-240.00".to_owned(), "8640.00".to_owned())
        );
        let mixed = modify_units(&contract(1, 0), &added(1, "1", Distinctness::Mixed), Decimal::ZERO);
        assert_eq!(mixed.unwrap(), UnitsOutcome::SplitPerObligation);
    }

    #[test]
    fn refuses_units_that_cannot_be() {
        let field = |original: UnitsContract, change: AddedUnits, next: i64| {
            modify_units(&original, &change, next.into()).unwrap_err().field
        };
        let change = |units| added(units, "80", Distinctness::Distinct);
        assert_eq!(field(contract(10, 11), change(1), 0), "original.delivered");
        assert_eq!(field(contract(10, 5), change(-1), 0), "added.units");
        assert_eq!(field(contract(10, 5), change(1), 7), "deliver_next");
        assert_eq!(field(contract(10, 10), change(0), 0), "deliver_next");
    }
}
