//! What worked time costs.

use strata_contract::strata::master::v1::Employee;
use strata_contract::{date, require_money};
use strata_finance::amount::hours_amount;
use strata_kernel::{Date, Decimal, Error, Money, Result};

/// Cost of minutes at the rate that holds on the work date: minutes as worked, not rounded.
pub(super) fn cost(employee: &Employee, work_date: Date, minutes: i64) -> Result<Money> {
    let mut held: Option<(Date, Money)> = None;
    for rate in &employee.cost_rates {
        let Some(from) = rate.effective_date.as_ref() else { continue };
        let from = date(from)?;
        if from <= work_date && held.is_none_or(|(since, _)| since <= from) {
            held = Some((from, require_money(rate.hourly_cost.as_ref(), "hourly_cost")?));
        }
    }
    let Some((_, rate)) = held else {
        let text = format!(
            "HR says no hourly cost of {} for {work_date}; enter the pay that held then",
            employee.number
        );
        return Err(Error::precondition("RATE_NOT_FOUND", text).at("cost_rates"));
    };
    hours_amount(rate.major(), minutes, Decimal::ONE_HUNDRED, Decimal::ZERO, rate.currency)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use strata_contract::pb_date;
    use strata_contract::strata::common::v1 as common;
    use strata_contract::strata::master::v1::CostRate;

    use super::*;

    #[test]
    fn the_rate_of_the_work_date_counts() {
        let rate = |from: &str, minor_units| CostRate {
            effective_date: Some(pb_date(from.parse().unwrap())),
            hourly_cost: Some(common::Money {
                currency_code: "USD".into(),
                minor_units,
            }),
        };
        let person = Employee {
            cost_rates: vec![rate("2025-07-01", 6000), rate("2025-01-01", 5000)],
            ..Employee::default()
        };
        let on = |day: &str| cost(&person, day.parse().unwrap(), 90);
        assert_eq!(on("2025-06-30").unwrap().minor, 7500);
        assert_eq!(on("2025-07-01").unwrap().minor, 9000);
        assert_eq!(on("2024-12-31").unwrap_err().reason, "RATE_NOT_FOUND");
    }
}
