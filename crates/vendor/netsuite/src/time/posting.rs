//! A time posting as a `timeBill`, and whether the books hold the same one.

use serde_json::{Value, json};
use strata_contract::strata::system::erp::v1::TimePosting;
use strata_contract::{require_date, require_money};
use strata_kernel::{Date, Money, Result};
use strata_vendor_http::{Misfit, Reader, exact, number};

use crate::fields::{
    BILL_AMOUNT, BILL_CURRENCY, BILLABLE_MINUTES, COST_AMOUNT, COST_CURRENCY, TIME_APPROVED, TIME_ORIGINAL_PERIOD, WORK_DATE,
};
use crate::suiteql;
use crate::wire::must;

/// Column of the person.
pub(super) const EMPLOYEE: &str = "employee";
/// Column of the project.
pub(super) const PROJECT: &str = "customer";

/// The record of a posting. Refused when a day or an amount does not fit.
pub(crate) fn record(posting: &TimePosting) -> Result<Value> {
    let cost = require_money(posting.cost_amount.as_ref(), "cost_amount")?;
    let mut body = json!({
        "externalId": posting.key,
        "employee": {"id": posting.employee_id},
        // The field is called customer and holds the project.
        "customer": {"id": posting.project_id},
        "tranDate": posted_on(posting)?.to_string(),
        "hours": duration(posting.minutes),
        "isBillable": posting.billable,
        "approvalStatus": {"id": TIME_APPROVED},
        BILLABLE_MINUTES: posting.billable_minutes,
        COST_AMOUNT: number(cost.major()),
        COST_CURRENCY: cost.currency.code(),
    });
    if !posting.memo.is_empty() {
        body["memo"] = Value::from(posting.memo.as_str());
    }
    if posting.posting_date.is_some() {
        body[WORK_DATE] = Value::from(require_date(posting.work_date.as_ref(), "work_date")?.to_string());
        body[TIME_ORIGINAL_PERIOD] = Value::from(posting.original_period.as_str());
    }
    if let Some(amount) = bill(posting)? {
        body[BILL_AMOUNT] = number(amount.major());
        body[BILL_CURRENCY] = Value::from(amount.currency.code());
    }
    Ok(body)
}

/// Columns of the amounts of a record of time.
pub(crate) const AMOUNTS: &str = "custcol_bill_amount, custcol_bill_currency, custcol_cost_amount, custcol_cost_currency";

/// Query for what the books hold under these keys.
pub(crate) fn sql<'a>(keys: impl IntoIterator<Item = &'a str>) -> String {
    format!(
        "SELECT id, externalid, hours, employee, customer, trandate, {BILLABLE_MINUTES}, {AMOUNTS} \
         FROM timebill WHERE externalid IN {} ORDER BY id",
        suiteql::list(keys)
    )
}

/// The first column in which the books differ from the posting, whose it is first of all. None: they hold the same.
pub(crate) fn difference(posting: &TimePosting, row: Reader<'_>) -> Result<Option<&'static str>, Misfit> {
    let day = posted_on(posting).ok();
    let cost = require_money(posting.cost_amount.as_ref(), "cost_amount").ok();
    let bill = bill(posting).map_err(|_| Misfit::new("bill_amount", "an amount"))?;
    let checks = [
        (EMPLOYEE, must(row, EMPLOYEE)? == posting.employee_id),
        (PROJECT, must(row, PROJECT)? == posting.project_id),
        ("hours", minutes(&must(row, "hours")?) == Some(posting.minutes)),
        ("trandate", row.day("trandate")? == day),
        (
            BILLABLE_MINUTES,
            row.integer(BILLABLE_MINUTES)?.unwrap_or(0) == i64::from(posting.billable_minutes),
        ),
        (BILL_AMOUNT, amount(row, BILL_AMOUNT, BILL_CURRENCY)? == bill),
        (COST_AMOUNT, amount(row, COST_AMOUNT, COST_CURRENCY)? == cost),
    ];
    Ok(checks.into_iter().find(|(_, same)| !same).map(|(name, _)| name))
}

/// Day in the books: that of the work, unless its period is closed.
fn posted_on(posting: &TimePosting) -> Result<Date> {
    let work_date = require_date(posting.work_date.as_ref(), "work_date")?;
    match &posting.posting_date {
        None => Ok(work_date),
        day => require_date(day.as_ref(), "posting_date"),
    }
}

fn bill(posting: &TimePosting) -> Result<Option<Money>> {
    let amount = posting.bill_amount.as_ref();
    amount.map(|_| require_money(amount, "bill_amount")).transpose()
}

/// An amount of a record of time. None: it has none.
pub(crate) fn amount(row: Reader<'_>, value: &str, code: &str) -> Result<Option<Money>, Misfit> {
    match row.currency(code)? {
        Some(currency) => row.money(value, currency),
        None => Ok(None),
    }
}

/// Minutes as NetSuite writes a duration: "7:30", "-0:45".
fn duration(minutes: i32) -> String {
    let sign = if minutes < 0 { "-" } else { "" };
    let all = minutes.unsigned_abs();
    format!("{sign}{}:{:02}", all / 60, all % 60)
}

/// Reads a duration back: "7:30", or decimal hours as "7.5". None: neither, or not whole minutes.
pub(crate) fn minutes(text: &str) -> Option<i32> {
    let Some((hours, rest)) = text.split_once(':') else {
        let all = exact(text)?.checked_mul(60.into())?;
        return all.fract().is_zero().then(|| all.try_into().ok()).flatten();
    };
    let (hours, rest): (i32, i32) = (hours.trim_start_matches('-').parse().ok()?, rest.parse().ok()?);
    let all = hours.checked_mul(60)?.checked_add(rest).filter(|_| (0..60).contains(&rest))?;
    Some(if text.starts_with('-') { -all } else { all })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use strata_contract::google::r#type::Date;
    use strata_contract::strata::common::v1::Money as PbMoney;

    fn posting() -> TimePosting {
        TimePosting {
            key: "time_1".into(),
            employee_id: "88".into(),
            project_id: "912".into(),
            work_date: Some(Date {
                year: 2025,
                month: 3,
                day: 31,
            }),
            minutes: -450,
            billable_minutes: -420,
            bill_amount: Some(PbMoney {
                currency_code: "USD".into(),
                minor_units: -105_000,
            }),
            cost_amount: Some(PbMoney {
                currency_code: "JPY".into(),
                minor_units: -30_000,
            }),
            billable: true,
            ..TimePosting::default()
        }
    }

    fn row() -> Value {
        json!({"id": "1", "externalid": "time_1", "hours": "-7:30", "employee": "88", "customer": 912, "trandate": "2025-03-31",
            BILLABLE_MINUTES: "-420", BILL_AMOUNT: "-1050", BILL_CURRENCY: "USD", COST_AMOUNT: "-30000.0", COST_CURRENCY: "JPY"})
    }

    #[test]
    fn durations_there_and_back() {
        for (count, text) in [(450, "7:30"), (-45, "-0:45"), (0, "0:00"), (1440, "24:00"), (-61, "-1:01")] {
            assert_eq!(duration(count), text);
            assert_eq!(minutes(text), Some(count));
        }
        assert_eq!(minutes("-7.5"), Some(-450));
        for bad in ["7.333", "1:60", "x", "1:-5"] {
            assert_eq!(minutes(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_reversal_keeps_its_digits() {
        let body = record(&posting()).unwrap();
        assert_eq!(body["hours"], "-7:30");
        assert_eq!(body[BILL_AMOUNT].to_string(), "-1050.00");
        assert_eq!(body[COST_AMOUNT].to_string(), "-30000");
        assert_eq!(body["customer"]["id"], "912");
        assert!(body.get("memo").is_none());
    }

    #[test]
    fn what_moves_to_an_open_period_keeps_its_work_date() {
        let stays = record(&posting()).unwrap();
        assert!(stays.get(WORK_DATE).is_none() && stays.get(TIME_ORIGINAL_PERIOD).is_none());
        let moved = TimePosting {
            posting_date: Some(Date {
                year: 2025,
                month: 5,
                day: 1,
            }),
            original_period: "Mar 2025".into(),
            ..posting()
        };
        let body = record(&moved).unwrap();
        assert_eq!(
            [&body["tranDate"], &body[WORK_DATE], &body[TIME_ORIGINAL_PERIOD]],
            [&json!("2025-05-01"), &json!("2025-03-31"), &json!("Mar 2025")]
        );
        assert_eq!(difference(&moved, Reader(&row())), Ok(Some("trandate")));
        let mut booked = row();
        booked["trandate"] = json!("2025-05-01");
        assert_eq!(difference(&moved, Reader(&booked)), Ok(None));
    }

    #[test]
    fn the_same_content_is_the_same_however_it_is_written() {
        assert_eq!(difference(&posting(), Reader(&row())), Ok(None));
        for (column, other) in [
            ("hours", json!("-7:31")),
            ("customer", json!("913")),
            ("trandate", json!("2025-04-01")),
            (BILLABLE_MINUTES, json!("420")),
            (BILL_AMOUNT, json!("-1050.01")),
            (COST_AMOUNT, json!("-30001")),
        ] {
            let mut changed = row();
            changed[column] = other;
            assert_eq!(difference(&posting(), Reader(&changed)), Ok(Some(column)));
        }
        let mut unpriced = posting();
        unpriced.bill_amount = None;
        assert_eq!(difference(&unpriced, Reader(&row())), Ok(Some(BILL_AMOUNT)));
    }
}
