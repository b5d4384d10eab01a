//! Listing the time that stands in the books, whoever put it there.

use strata_contract::strata::system::erp::v1 as pb;
use strata_contract::{pb_date, require_date};
use strata_kernel::{Date, Error, Result};
use strata_vendor_http::{Misfit, Reader, unavailable};

use super::posting::minutes;
use crate::client::{Client, MOST_ROWS};
use crate::reference::keep;
use crate::wire::{id, must};

/// Reads a page by id: an offset reaches only 100,000 rows (Oracle: section_156414087576), and what is deleted meanwhile
/// would shift it.
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
    let rows = client.query(&sql(from, to, after), size, 0).await?.items;
    let next_after_id = match rows.last() {
        Some(last) if rows.len() == size => id(Reader(last))
            .map_err(|_| unavailable("a row without id: the list cannot go on after it"))?
            .to_string(),
        _ => String::new(),
    };
    let mut malformed = Vec::new();
    Ok(pb::ListTimePostingsResponse {
        time_postings: keep(&rows, "time_posting", &mut malformed, booked),
        malformed,
        next_after_id,
    })
}

fn sql(from: Date, to: Date, after: u64) -> String {
    format!(
        "SELECT id, externalid, employee, customer, trandate, hours, memo FROM timebill \
         WHERE trandate >= TO_DATE('{from}', 'YYYY-MM-DD') AND trandate <= TO_DATE('{to}', 'YYYY-MM-DD') AND id > {after} ORDER BY id"
    )
}

fn booked(row: Reader<'_>) -> Result<pb::BookedTime, Misfit> {
    Ok(pb::BookedTime {
        id: must(row, "id")?,
        key: row.text("externalid")?.unwrap_or_default(),
        employee_id: must(row, "employee")?,
        // The column is called customer and holds the project.
        project_id: must(row, "customer")?,
        work_date: Some(pb_date(Reader::required("trandate", row.day("trandate"))?)),
        minutes: minutes(&must(row, "hours")?).ok_or_else(|| Misfit::new("hours", "a duration in whole minutes"))?,
        memo: row.text("memo")?.unwrap_or_default(),
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
            sql(day("2025-03-01"), day("2025-03-31"), 77),
            "SELECT id, externalid, employee, customer, trandate, hours, memo FROM timebill \
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
        row["hours"] = json!("3:75");
        assert_eq!(booked(Reader(&row)).unwrap_err().field, "hours");
    }
}
