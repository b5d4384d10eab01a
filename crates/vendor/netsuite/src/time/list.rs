//! Listing the time that stands in the books, whoever put it there.

use std::collections::BTreeMap;

use serde_json::Value;
use strata_contract::strata::system::erp::v1 as pb;
use strata_contract::{pb_date, pb_money, require_date};
use strata_kernel::{Date, Error, Result};
use strata_vendor_http::{Misfit, Reader, unavailable};

use super::posting::{AMOUNTS, amount, minutes};
use crate::client::{Client, MOST_ROWS};
use crate::fields::{BILL_AMOUNT, BILL_CURRENCY, COST_AMOUNT, COST_CURRENCY, TIME_ORIGINAL_PERIOD, WORK_DATE};
use crate::reference::keep;
use crate::wire::{id, must, must_id};

/// Reads a page by id: an offset reaches only 100,000 rows (Oracle: section_156414087576), and what is deleted meanwhile
/// would shift it. What is posted on another day than that of the work is asked for by the latter, so two lists are read, and merged.
pub(crate) async fn list(client: &Client, request: &pb::ListTimePostingsRequest) -> Result<pb::ListTimePostingsResponse> {
    let from = require_date(request.from_date.as_ref(), "from_date")?;
    let to = require_date(request.to_date.as_ref(), "to_date")?;
    if to < from {
        return Err(Error::invalid("to_date", "must not be before from_date"));
    }
    let after = match request.after_id.as_str() {
        "" => 0,
        text => text
            .parse()
            .map_err(|_| Error::invalid("after_id", "is not an id of a record"))?,
    };
    let size = match usize::try_from(request.page_size) {
        Ok(asked) if asked > 0 => asked.min(MOST_ROWS),
        _ => MOST_ROWS,
    };
    let mut page: BTreeMap<u64, Value> = BTreeMap::new();
    let mut more = false;
    for day in ["trandate", WORK_DATE] {
        let rows = client.query(&sql(day, from, to, after), size, 0).await?.items;
        more |= rows.len() == size;
        for row in rows {
            let id = id(Reader(&row)).map_err(|_| unavailable("a row without id: the list cannot go on after it"))?;
            page.insert(id, row);
        }
    }
    // Whatever was left out of one of the lists comes after its last row, which is not before this page's.
    more |= page.len() > size;
    let page: Vec<(u64, Value)> = page.into_iter().take(size).collect();
    let next_after_id = page.last().filter(|_| more).map(|(id, _)| id.to_string());
    let rows: Vec<Value> = page.into_iter().map(|(_, row)| row).collect();
    let mut malformed = Vec::new();
    let mut time_postings = keep(&rows, "time_posting", &mut malformed, booked);
    time_postings.retain(|booked| {
        let day = require_date(booked.work_date.as_ref(), "work_date");
        day.is_ok_and(|day| (from..=to).contains(&day))
    });
    Ok(pb::ListTimePostingsResponse {
        time_postings,
        malformed,
        next_after_id: next_after_id.unwrap_or_default(),
    })
}

/// Rows of a range of days, by the column that holds the day.
fn sql(day: &str, from: Date, to: Date, after: u64) -> String {
    format!(
        "SELECT id, externalid, employee, customer, trandate, {WORK_DATE}, {TIME_ORIGINAL_PERIOD}, hours, memo, {AMOUNTS} \
         FROM timebill \
         WHERE {day} >= TO_DATE('{from}', 'YYYY-MM-DD') AND {day} <= TO_DATE('{to}', 'YYYY-MM-DD') AND id > {after} ORDER BY id"
    )
}

fn booked(row: Reader<'_>) -> Result<pb::BookedTime, Misfit> {
    let posted = Reader::required("trandate", row.day("trandate"))?;
    Ok(pb::BookedTime {
        id: must_id(row, "id")?,
        key: row.text("externalid")?.unwrap_or_default(),
        employee_id: must_id(row, "employee")?,
        // The column is called customer and holds the project.
        project_id: must_id(row, "customer")?,
        work_date: Some(pb_date(row.day(WORK_DATE)?.unwrap_or(posted))),
        minutes: minutes(&must(row, "hours")?).ok_or_else(|| Misfit::new("hours", "a duration in whole minutes"))?,
        memo: row.text("memo")?.unwrap_or_default(),
        posting_date: Some(pb_date(posted)),
        original_period: row.text(TIME_ORIGINAL_PERIOD)?.unwrap_or_default(),
        bill_amount: amount(row, BILL_AMOUNT, BILL_CURRENCY)?.map(pb_money),
        cost_amount: amount(row, COST_AMOUNT, COST_CURRENCY)?.map(pb_money),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;

    #[test]
    fn a_range_is_read_on_by_id() {
        let day = |text: &str| text.parse().unwrap();
        assert_eq!(
            sql("trandate", day("2025-03-01"), day("2025-03-31"), 77),
            "SELECT id, externalid, employee, customer, trandate, custcol_work_date, custcol_original_period, hours, memo, \
             custcol_bill_amount, custcol_bill_currency, custcol_cost_amount, custcol_cost_currency FROM timebill \
             WHERE trandate >= TO_DATE('2025-03-01', 'YYYY-MM-DD') AND trandate <= TO_DATE('2025-03-31', 'YYYY-MM-DD') \
             AND id > 77 ORDER BY id"
        );
    }

    #[test]
    fn a_record_that_people_made_has_no_key() {
        let mut row =
            json!({"id": "9", "employee": "4", "customer": "12", "trandate": "2025-03-07", "hours": "3:15", "memo": "TE-1"});
        let read = booked(Reader(&row)).unwrap();
        assert_eq!((read.key.as_str(), read.minutes, read.memo.as_str()), ("", 195, "TE-1"));
        assert_eq!(read.work_date, read.posting_date);
        row[WORK_DATE] = json!("2025-02-27");
        row[TIME_ORIGINAL_PERIOD] = json!("Feb 2025");
        let moved = booked(Reader(&row)).unwrap();
        assert_eq!(moved.work_date, Some(pb_date("2025-02-27".parse().unwrap())));
        assert_eq!(
            (moved.posting_date, moved.original_period.as_str()),
            (read.posting_date, "Feb 2025")
        );
        row["hours"] = json!("3:75");
        assert_eq!(booked(Reader(&row)).unwrap_err().field, "hours");
    }
}
