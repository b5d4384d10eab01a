//! What is read as changes: exchange rates, and documents after payments.

use chrono::TimeDelta;
use strata_contract::strata::system::erp::v1 as pb;
use strata_contract::{pb_date, pb_instant};
use strata_kernel::{Instant, Result};
use strata_vendor_http::{Misfit, Reader};

use crate::client::Client;
use crate::cursor::Cursor;
use crate::document::{CHANGE_COLUMNS, from_row};
use crate::feed::Feed;
use crate::fields::{
    CONTRACTING, DELIVERING, EFFECTIVE_FROM, EFFECTIVE_TO, HOURLY_RATE, RATE_TABLE, TRANSFER_CURRENCY, TRANSFER_RATE_COLUMNS,
    TRANSFER_RATE_TABLE, TRANSFER_ROLE,
};
use crate::reference::keep;
use crate::suiteql::read_stamp;
use crate::wire::{must, must_id};

/// Records per page when the caller does not say.
const PAGE: u32 = 200;

/// Reads invoices and credit memos that changed.
pub(crate) async fn documents(
    client: &Client,
    request: &pb::ListDocumentChangesRequest,
    clock: (Instant, TimeDelta),
) -> Result<pb::ListDocumentChangesResponse> {
    let feed = Feed {
        columns: CHANGE_COLUMNS,
        table: "transaction",
        only: Some("type IN ('CustInvc', 'CustCred')"),
    };
    let cursor = Cursor::parse(&request.cursor)?;
    let batch = feed.page(client, cursor, size(request.page_size), clock).await?;
    let mut malformed = Vec::new();
    Ok(pb::ListDocumentChangesResponse {
        documents: keep(&batch.rows, "document", &mut malformed, from_row),
        malformed,
        next_cursor: batch.next.text(),
        more: batch.more,
    })
}

/// Reads exchange rates that were recorded.
pub(crate) async fn exchange_rates(
    client: &Client,
    request: &pb::ListExchangeRateChangesRequest,
    clock: (Instant, TimeDelta),
) -> Result<pb::ListExchangeRateChangesResponse> {
    let feed = Feed {
        columns: "basecurrency, transactioncurrency, effectivedate, exchangerate",
        table: RATE_TABLE,
        only: None,
    };
    let cursor = Cursor::parse(&request.cursor)?;
    let batch = feed.page(client, cursor, size(request.page_size), clock).await?;
    let mut malformed = Vec::new();
    Ok(pb::ListExchangeRateChangesResponse {
        exchange_rates: keep(&batch.rows, "exchange_rate", &mut malformed, exchange_rate),
        malformed,
        next_cursor: batch.next.text(),
        more: batch.more,
    })
}

/// Reads transfer rates that were recorded or changed.
pub(crate) async fn transfer_rates(
    client: &Client,
    request: &pb::ListTransferRateChangesRequest,
    clock: (Instant, TimeDelta),
) -> Result<pb::ListTransferRateChangesResponse> {
    let feed = Feed {
        columns: TRANSFER_RATE_COLUMNS,
        table: TRANSFER_RATE_TABLE,
        only: None,
    };
    let cursor = Cursor::parse(&request.cursor)?;
    let batch = feed.page(client, cursor, size(request.page_size), clock).await?;
    let mut malformed = Vec::new();
    Ok(pb::ListTransferRateChangesResponse {
        transfer_rates: keep(&batch.rows, "transfer_rate", &mut malformed, transfer_rate),
        malformed,
        next_cursor: batch.next.text(),
        more: batch.more,
    })
}

fn size(asked: u32) -> usize {
    let size = if asked == 0 { PAGE } else { asked.min(500) };
    usize::try_from(size).unwrap_or(1)
}

/// NetSuite's base currency is the one converted to.
fn exchange_rate(row: Reader<'_>) -> Result<pb::ExchangeRate, Misfit> {
    let rate = Reader::required("exchangerate", row.decimal("exchangerate"))?;
    if rate <= strata_kernel::Decimal::ZERO {
        return Err(Misfit::new("exchangerate", "a rate above zero"));
    }
    let code = |field: &str| Reader::required(field, row.currency(field)).map(|currency| currency.code().to_owned());
    Ok(pb::ExchangeRate {
        date: Some(pb_date(Reader::required("effectivedate", row.day("effectivedate"))?)),
        from_currency_code: code("transactioncurrency")?,
        to_currency_code: code("basecurrency")?,
        rate: rate.normalize().to_string(),
    })
}

fn transfer_rate(row: Reader<'_>) -> Result<pb::TransferRate, Misfit> {
    let rate = Reader::required(HOURLY_RATE, row.decimal(HOURLY_RATE))?;
    if rate < strata_kernel::Decimal::ZERO {
        return Err(Misfit::new(HOURLY_RATE, "a rate of zero or more"));
    }
    let from = Reader::required(EFFECTIVE_FROM, row.day(EFFECTIVE_FROM))?;
    let to = row.day(EFFECTIVE_TO)?;
    if to.is_some_and(|to| to <= from) {
        return Err(Misfit::new(EFFECTIVE_TO, "a day after the first"));
    }
    let modified = row.text("lastmodifieddate")?.and_then(|text| read_stamp(&text));
    Ok(pb::TransferRate {
        id: must_id(row, "id")?,
        delivering_legal_entity_id: must_id(row, DELIVERING)?,
        contracting_legal_entity_id: must_id(row, CONTRACTING)?,
        role: must(row, TRANSFER_ROLE)?,
        currency_code: Reader::required(TRANSFER_CURRENCY, row.currency(TRANSFER_CURRENCY))?
            .code()
            .to_owned(),
        hourly_rate: rate.normalize().to_string(),
        effective_date: Some(pb_date(from)),
        effective_end_date: to.map(pb_date),
        modified_time: modified.map(pb_instant),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::json;

    #[test]
    fn a_rate_goes_from_the_transaction_currency_to_the_base() {
        let mut row = json!({"id": "1", "basecurrency": "USD", "transactioncurrency": "EUR", "exchangerate": "1.08250000",
            "effectivedate": "2025-03-31"});
        let rate = exchange_rate(Reader(&row)).unwrap();
        assert_eq!(
            (rate.from_currency_code.as_str(), rate.to_currency_code.as_str()),
            ("EUR", "USD")
        );
        assert_eq!(rate.rate, "1.0825");
        row["exchangerate"] = json!("0");
        assert_eq!(exchange_rate(Reader(&row)).unwrap_err().field, "exchangerate");
    }

    #[test]
    fn a_transfer_rate_says_between_whom_for_what_and_since_when() {
        let mut row = json!({"id": "5", "custrecord_delivering": 5, "custrecord_contracting": "3", "custrecord_role": "analyst",
            "custrecord_currency": "INR", "custrecord_hourly_rate": "5127.50", "custrecord_effective_from": "2024-01-02",
            "lastmodifieddate": "2025-03-31 08:00:00"});
        let rate = transfer_rate(Reader(&row)).unwrap();
        assert_eq!(
            (
                rate.delivering_legal_entity_id.as_str(),
                rate.contracting_legal_entity_id.as_str()
            ),
            ("5", "3")
        );
        assert_eq!((rate.hourly_rate.as_str(), rate.effective_end_date), ("5127.5", None));
        for (field, bad) in [
            (HOURLY_RATE, json!("-1")),
            (EFFECTIVE_TO, json!("2024-01-02")),
            (TRANSFER_CURRENCY, json!("RUPEE")),
            (DELIVERING, json!(null)),
        ] {
            let good = std::mem::replace(&mut row[field], bad);
            assert_eq!(transfer_rate(Reader(&row)).unwrap_err().field, field);
            row[field] = good;
        }
    }

    #[test]
    fn page_sizes_stay_in_range() {
        assert_eq!([size(0), size(1), size(9_999)], [200, 1, 500]);
    }
}
