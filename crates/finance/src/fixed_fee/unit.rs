//! Units of delivery: a training session, a report, a device.

use strata_kernel::{Currency, Decimal, Error, Money, Result};

use crate::amount::quantity_amount;
use crate::ratio::overflow;

/// What was agreed to deliver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnitContract {
    /// Units agreed.
    pub units: Decimal,
    /// Price of one, in major units.
    pub unit_price: Decimal,
    /// Currency of the price.
    pub currency: Currency,
}

/// What a run bills of delivered units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnitBilling {
    /// Units delivered and not billed, at the unit price. Below zero when units billed were taken back.
    pub invoice_now: Money,
    /// Price of the units still to be delivered.
    pub remaining: Money,
}

/// Bills units that are delivered and accepted, and not billed yet: `(delivered - billed) x unit price`,
/// rounded once, as an invoice line is.
///
/// More units than agreed, and units below zero, are `INVALID_FIELD`: an addition is a change order.
/// Source: billing rule "unit of delivery", Dynamics 365 Project Operations, "Project contracts".
pub fn bill_units(contract: UnitContract, delivered: Decimal, billed: Decimal) -> Result<UnitBilling> {
    for (field, units) in [("delivered", delivered), ("billed", billed)] {
        if units < Decimal::ZERO || units > contract.units {
            return Err(Error::invalid(
                field,
                format!("{units} units are not within the {} agreed", contract.units),
            ));
        }
    }
    let price = |units: Option<Decimal>| quantity_amount(contract.unit_price, units.ok_or_else(overflow)?, contract.currency);
    Ok(UnitBilling {
        invoice_now: price(delivered.checked_sub(billed))?,
        remaining: price(contract.units.checked_sub(delivered))?,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use strata_kernel::parse_decimal;

    fn bill(units: i64, delivered: i64, billed: i64) -> Result<(String, String)> {
        let contract = UnitContract {
            units: Decimal::from(units),
            unit_price: parse_decimal("0.125").unwrap(),
            currency: Currency::parse("USD").unwrap(),
        };
        let billing = bill_units(contract, Decimal::from(delivered), Decimal::from(billed))?;
        Ok((billing.invoice_now.to_string(), billing.remaining.to_string()))
    }

    #[test]
    fn bills_the_difference() {
        assert_eq!(bill(5, 5, 2).unwrap(), ("0.38".into(), "0.00".into()));
        assert_eq!(bill(5, 2, 2).unwrap(), ("0.00".into(), "0.38".into()));
        assert_eq!(bill(5, 1, 4).unwrap().0, "-0.38", "taken back");
        assert_eq!(bill(0, 0, 0).unwrap(), ("0.00".into(), "0.00".into()));
    }

    #[test]
    fn refuses_units_that_were_not_agreed() {
        assert_eq!(bill(5, 6, 0).unwrap_err().field, "delivered");
        assert_eq!(bill(5, -1, 0).unwrap_err().field, "delivered");
        assert_eq!(bill(5, 5, 6).unwrap_err().field, "billed");
    }
}
