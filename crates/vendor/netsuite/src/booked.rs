//! Postings as the books hold them: what a look-up says beside the id, and what is listed to be compared with the ledger.

use std::collections::HashMap;

use serde_json::Value;
use strata_contract::strata::common::v1::Malformed;
use strata_contract::strata::system::erp::v1 as pb;
use strata_contract::strata::system::erp::v1::{BookedPosting, RecordKind};
use strata_contract::{pb_date, pb_money, require_date};
use strata_kernel::{Currency, Error, Money, Result};
use strata_vendor_http::{Misfit, Reader, unavailable};

use crate::client::Client;
use crate::fields::{
    BILL_AMOUNT, BILL_CURRENCY, CONTRACT, COST_AMOUNT, COST_CURRENCY, PERIOD, STATUS_NOT_POSTED, STATUS_VOIDED, WORK_DATE,
};
use crate::lookup::Table;
use crate::reference::keep;
use crate::suiteql;
use crate::time::posting::{AMOUNTS, amount, minutes};
use crate::wire::{id, must, must_id};

/// Records in one answer.
const PAGE: u32 = 500;
/// Journals whose lines are asked for at once.
const JOURNALS: usize = 100;

/// What the debits of a journal come to, in minor units, and the contract its lines name.
type Lines = HashMap<String, (Vec<String>, String)>;

/// Columns of a kind of posting, beside id and key.
pub(crate) fn columns(kind: RecordKind) -> String {
    match kind {
        RecordKind::TimePosting => format!("trandate, {WORK_DATE}, hours, {AMOUNTS}"),
        RecordKind::Journal => format!("tranid, currency, status, trandate, subsidiary, {PERIOD}"),
        _ => format!("tranid, currency, status, trandate, subsidiary, {PERIOD}, otherrefnum, foreignsubtotal"),
    }
}

/// Reads a page by id, of one kind: what is deleted meanwhile shifts nothing.
pub(crate) async fn list(client: &Client, request: &pb::ListPostingsRequest) -> Result<pb::ListPostingsResponse> {
    let from = require_date(request.from_date.as_ref(), "from_date")?;
    let to = require_date(request.to_date.as_ref(), "to_date")?;
    if to < from {
        return Err(Error::invalid("to_date", "must not be before from_date"));
    }
    let after: u64 = match request.after_id.as_str() {
        "" => 0,
        text => text
            .parse()
            .map_err(|_| Error::invalid("after_id", "is not an id of a record"))?,
    };
    let kind = request.kind();
    let (table, Some(of_type)) = Table::of(kind)?.sql() else {
        return Err(Error::invalid("kind", "is not listed"));
    };
    let size = match request.page_size {
        0 => PAGE,
        asked => asked.min(PAGE),
    };
    let size = usize::try_from(size).unwrap_or(1);
    let sql = format!(
        "SELECT id, externalid, {} FROM {table} WHERE type = {} AND trandate >= TO_DATE('{from}', 'YYYY-MM-DD') \
         AND trandate <= TO_DATE('{to}', 'YYYY-MM-DD') AND id > {after} ORDER BY id",
        columns(kind),
        suiteql::text(of_type)
    );
    let rows = client.query(&sql, size, 0).await?.items;
    let last = rows.last().map(|row| id(Reader(row))).transpose();
    let last = last.map_err(|_| unavailable("a row without id: the list cannot go on after it"))?;
    let mut malformed = Vec::new();
    let in_books: Vec<Value> = rows.iter().filter(|row| is_posted(Reader(row))).cloned().collect();
    let postings = read(client, kind, &in_books, &mut malformed).await?;
    let next_after_id = last.filter(|_| rows.len() == size).map(|id| id.to_string());
    Ok(pb::ListPostingsResponse {
        postings,
        malformed,
        next_after_id: next_after_id.unwrap_or_default(),
    })
}

/// A document that waits for approval is not in the books.
fn is_posted(row: Reader<'_>) -> bool {
    let status = row.text("status").ok().flatten().unwrap_or_default();
    !STATUS_NOT_POSTED.contains(&status.as_str())
}

/// Rows of one kind as postings. The lines of journals are asked for beside.
pub(crate) async fn read(
    client: &Client,
    kind: RecordKind,
    rows: &[Value],
    malformed: &mut Vec<Malformed>,
) -> Result<Vec<BookedPosting>> {
    Ok(match kind {
        RecordKind::TimePosting => keep(rows, "time_posting", malformed, time),
        RecordKind::Journal => {
            let lines = lines(client, rows).await?;
            keep(rows, "journal", malformed, |row| journal(row, &lines))
        }
        _ => keep(rows, "document", malformed, |row| document(row, kind)),
    })
}

fn time(row: Reader<'_>) -> Result<BookedPosting, Misfit> {
    let posted = Reader::required("trandate", row.day("trandate"))?;
    let worked = row.day(WORK_DATE)?.unwrap_or(posted);
    Ok(BookedPosting {
        kind: RecordKind::TimePosting.into(),
        id: must_id(row, "id")?,
        key: row.text("externalid")?.unwrap_or_default(),
        posting_date: Some(pb_date(posted)),
        period: strata_kernel::period_of(worked),
        minutes: minutes(&must(row, "hours")?).ok_or_else(|| Misfit::new("hours", "a duration in whole minutes"))?,
        amount: amount(row, BILL_AMOUNT, BILL_CURRENCY)?.map(pb_money),
        cost_amount: amount(row, COST_AMOUNT, COST_CURRENCY)?.map(pb_money),
        ..BookedPosting::default()
    })
}

/// What documents and journals have in common.
fn transaction(row: Reader<'_>, kind: RecordKind) -> Result<BookedPosting, Misfit> {
    Ok(BookedPosting {
        kind: kind.into(),
        id: must_id(row, "id")?,
        key: row.text("externalid")?.unwrap_or_default(),
        number: row.text("tranid")?.unwrap_or_default(),
        posting_date: Some(pb_date(Reader::required("trandate", row.day("trandate"))?)),
        legal_entity_id: row.id("subsidiary")?.unwrap_or_default(),
        period: row.text(PERIOD)?.unwrap_or_default(),
        voided: row.text("status")?.as_deref() == Some(STATUS_VOIDED),
        ..BookedPosting::default()
    })
}

fn document(row: Reader<'_>, kind: RecordKind) -> Result<BookedPosting, Misfit> {
    let net = Reader::required("foreignsubtotal", row.money("foreignsubtotal", currency(row)?))?;
    // The kind tells the sign, as in the feed of documents.
    let net = match kind {
        RecordKind::CreditMemo => Money::new(-net.minor.saturating_abs(), net.currency),
        _ => net,
    };
    Ok(BookedPosting {
        contract_number: row.text("otherrefnum")?.unwrap_or_default(),
        amount: Some(pb_money(net)),
        ..transaction(row, kind)?
    })
}

fn journal(row: Reader<'_>, lines: &Lines) -> Result<BookedPosting, Misfit> {
    let currency = currency(row)?;
    let mut debits = Money::zero(currency);
    let mut contract_number = String::new();
    if let Some((amounts, contract)) = lines.get(&must_id(row, "id")?) {
        contract_number.clone_from(contract);
        for text in amounts {
            let misfit = || Misfit::new("debitforeignamount", format!("an amount of {currency}"));
            let amount = strata_vendor_http::exact(text).ok_or_else(misfit)?;
            let amount = Money::parse(&amount.normalize().to_string(), currency).map_err(|_| misfit())?;
            debits = debits.plus(amount).map_err(|_| misfit())?;
        }
    }
    Ok(BookedPosting {
        contract_number,
        amount: Some(pb_money(debits)),
        ..transaction(row, RecordKind::Journal)?
    })
}

fn currency(row: Reader<'_>) -> Result<Currency, Misfit> {
    Reader::required("currency", row.currency("currency"))
}

/// Debits and contract of each journal, by its id.
async fn lines(client: &Client, rows: &[Value]) -> Result<Lines> {
    let ids: Vec<String> = rows
        .iter()
        .filter_map(|row| id(Reader(row)).ok())
        .map(|id| id.to_string())
        .collect();
    let mut lines = Lines::new();
    for some in ids.chunks(JOURNALS) {
        let sql = format!(
            "SELECT transaction, debitforeignamount, {CONTRACT} FROM transactionline WHERE transaction IN ({}) ORDER BY transaction, id",
            some.join(", ")
        );
        for row in client.query_all(&sql).await? {
            let row = Reader(&row);
            let broken = |misfit| unavailable(format!("lines of journals: {misfit}"));
            let held = lines.entry(must_id(row, "transaction").map_err(broken)?).or_default();
            held.0.extend(row.text("debitforeignamount").map_err(broken)?);
            if held.1.is_empty() {
                held.1 = row.text(CONTRACT).map_err(broken)?.unwrap_or_default();
            }
        }
    }
    Ok(lines)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;

    fn usd(minor_units: i64) -> Option<strata_contract::strata::common::v1::Money> {
        Some(strata_contract::strata::common::v1::Money {
            currency_code: "USD".into(),
            minor_units,
        })
    }

    #[test]
    fn a_credit_memo_takes_back_however_it_is_shown() {
        for shown in ["-10.50", "10.5"] {
            let row = json!({"id": "7", "externalid": "inv:CT-1:2025-01", "tranid": "CM-1", "currency": "USD", "trandate": "2025-01-31",
                "subsidiary": "1", "custbody_period": "2025-01", "otherrefnum": "CT-1", "foreignsubtotal": shown});
            let read = document(Reader(&row), RecordKind::CreditMemo).unwrap();
            assert_eq!((read.amount, read.contract_number.as_str()), (usd(-1050), "CT-1"));
        }
    }

    #[test]
    fn a_journal_is_worth_its_debits() {
        let row = json!({"id": 9, "tranid": "JE-1", "currency": "USD", "trandate": "2025-01-31", "subsidiary": "1"});
        let lines = Lines::from([(
            "9".to_owned(),
            (vec!["10.00".to_owned(), "0.5".to_owned()], "CT-1".to_owned()),
        )]);
        let read = journal(Reader(&row), &lines).unwrap();
        assert_eq!(
            (read.key.as_str(), read.contract_number.as_str(), read.amount),
            ("", "CT-1", usd(1050))
        );
        let broken = Lines::from([("9".to_owned(), (vec!["10.005".to_owned()], String::new()))]);
        assert_eq!(journal(Reader(&row), &broken).unwrap_err().field, "debitforeignamount");
    }
}
