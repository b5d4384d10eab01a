//! What is read as changes: exchange rates, and documents after payments.

use chrono::TimeDelta;
use strata_contract::pb_date;
use strata_contract::strata::system::erp::v1 as pb;
use strata_kernel::{Instant, Result};
use strata_vendor_http::{Misfit, Reader};

use crate::client::Client;
use crate::cursor::Cursor;
use crate::document::{CHANGE_COLUMNS, from_row};
use crate::feed::Feed;
use crate::fields::RATE_TABLE;
use crate::reference::keep;

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
    fn page_sizes_stay_in_range() {
        assert_eq!([size(0), size(1), size(9_999)], [200, 1, 500]);
    }
}
