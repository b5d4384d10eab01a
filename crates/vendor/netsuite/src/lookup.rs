//! Finding records by our keys, which NetSuite keeps as external ids. Of postings, what the books hold comes along.

use std::collections::HashMap;

use strata_contract::strata::system::erp::v1::{BookedPosting, FoundRecord, RecordKind};
use strata_kernel::{Error, Result};
use strata_vendor_http::{Reader, unavailable};

use crate::booked;
use crate::client::Client;
use crate::suiteql;
use crate::wire::{must, must_id};

/// A kind of record: its name in the record service, and where SuiteQL keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Table {
    Customer,
    SalesOrder,
    Job,
    Employee,
    TimeBill,
    Invoice,
    CreditMemo,
    JournalEntry,
}

impl Table {
    pub(crate) fn of(kind: RecordKind) -> Result<Self> {
        Ok(match kind {
            RecordKind::Customer => Self::Customer,
            RecordKind::Contract => Self::SalesOrder,
            RecordKind::Project => Self::Job,
            RecordKind::Employee => Self::Employee,
            RecordKind::TimePosting => Self::TimeBill,
            RecordKind::Invoice => Self::Invoice,
            RecordKind::CreditMemo => Self::CreditMemo,
            RecordKind::Journal => Self::JournalEntry,
            RecordKind::Unspecified => return Err(Error::invalid("kind", "is required")),
        })
    }

    /// Name in the record service.
    pub(crate) fn record(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::SalesOrder => "salesOrder",
            Self::Job => "job",
            Self::Employee => "employee",
            Self::TimeBill => "timeBill",
            Self::Invoice => "invoice",
            Self::CreditMemo => "creditMemo",
            Self::JournalEntry => "journalEntry",
        }
    }

    /// Table in SuiteQL, and the type that sets a record apart where several share a table. UNVERIFIED: `salesorder`.
    pub(crate) fn sql(self) -> (&'static str, Option<&'static str>) {
        match self {
            Self::Customer => ("customer", None),
            Self::SalesOrder => ("salesorder", None),
            Self::Job => ("job", None),
            Self::Employee => ("employee", None),
            Self::TimeBill => ("timebill", None),
            Self::Invoice => ("transaction", Some("CustInvc")),
            Self::CreditMemo => ("transaction", Some("CustCred")),
            Self::JournalEntry => ("transaction", Some("Journal")),
        }
    }

    /// The kind of posting that it holds. None: masters.
    pub(crate) fn posting(self) -> Option<RecordKind> {
        match self {
            Self::TimeBill => Some(RecordKind::TimePosting),
            Self::Invoice => Some(RecordKind::Invoice),
            Self::CreditMemo => Some(RecordKind::CreditMemo),
            Self::JournalEntry => Some(RecordKind::Journal),
            Self::Customer | Self::SalesOrder | Self::Job | Self::Employee => None,
        }
    }
}

/// The records that have one of these keys.
pub(crate) async fn find(client: &Client, table: Table, keys: &[&str]) -> Result<Vec<FoundRecord>> {
    let rows = client.query_all(&sql(table, keys)).await?;
    let mut found = rows
        .iter()
        .map(|row| record(Reader(row), table))
        .collect::<Result<Vec<_>>>()?;
    let Some(kind) = table.posting() else { return Ok(found) };
    // One that does not fit is said to be there, and not what it holds.
    let mut held: HashMap<String, BookedPosting> = booked::read(client, kind, &rows, &mut Vec::new())
        .await?
        .into_iter()
        .map(|posting| (posting.id.clone(), posting))
        .collect();
    for record in &mut found {
        record.held = held.remove(&record.vendor_id);
    }
    Ok(found)
}

fn sql(table: Table, keys: &[&str]) -> String {
    let (name, kind) = table.sql();
    let more = table
        .posting()
        .map_or_else(String::new, |kind| format!(", {}", booked::columns(kind)));
    let of_type = kind.map_or_else(String::new, |kind| format!("type = {} AND ", suiteql::text(kind)));
    format!(
        "SELECT id, externalid{more} FROM {name} WHERE {of_type}externalid IN {} ORDER BY id",
        suiteql::list(keys.iter().copied())
    )
}

fn record(row: Reader<'_>, table: Table) -> Result<FoundRecord> {
    // A row that matched by key has both columns; anything else is not the API that is documented.
    let broken = |misfit| unavailable(format!("lookup in {table:?}: {misfit}"));
    Ok(FoundRecord {
        key: must(row, "externalid").map_err(broken)?,
        vendor_id: must_id(row, "id").map_err(broken)?,
        vendor_number: row.text("tranid").map_err(broken)?.unwrap_or_default(),
        held: None,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn documents_are_told_apart_by_their_type() {
        assert_eq!(
            sql(Table::CreditMemo, &["cm'1", "cm2"]),
            "SELECT id, externalid, tranid, currency, status, trandate, subsidiary, custbody_period, otherrefnum, foreignsubtotal \
             FROM transaction WHERE type = 'CustCred' AND externalid IN ('cm''1', 'cm2') ORDER BY id"
        );
        assert_eq!(
            sql(Table::Job, &["p"]),
            "SELECT id, externalid FROM job WHERE externalid IN ('p') ORDER BY id"
        );
        assert!(Table::of(RecordKind::Unspecified).is_err());
    }
}
