//! Looks again at postings that the books hold with other content than was sent. They are looked up, and never sent.

use std::collections::{BTreeMap, HashMap};

use chrono::TimeDelta;
use prost::Message;
use strata_contract::strata::system::erp::v1 as erp;
use strata_kernel::{Error, Result};
use strata_rpc::error;
use strata_store::both;

use super::ledger::{self, Lookup};
use super::{compare, posting};
use crate::core::Core;
use crate::store::rows::PostingRow;
use crate::store::{lite, pg};

/// Keys in one question, as the contract has it.
const KEYS: usize = 200;

/// Looks up what is HELD and due, and says how many of them agree now.
pub(crate) async fn look_up_held(core: &Core) -> Result<u64> {
    let mut total = 0;
    for kind in [posting::TIME, posting::DOCUMENT, posting::JOURNAL] {
        let (now, limit) = (core.now().naive_utc(), i64::try_from(KEYS).unwrap_or(i64::MAX));
        let due = core
            .db
            .read(move |c| both!(c, postings::due(kind, "HELD", now, limit)))
            .await?;
        let mut by_kind: BTreeMap<i32, Vec<PostingRow>> = BTreeMap::new();
        for row in due {
            by_kind.entry(record_kind(&row)?.into()).or_default().push(row);
        }
        for (kind, rows) in by_kind {
            total += look_up(core, kind, rows).await?;
        }
    }
    Ok(total)
}

/// The kind of record that a posting is in the books.
fn record_kind(row: &PostingRow) -> Result<erp::RecordKind> {
    Ok(match row.kind.as_str() {
        posting::TIME => erp::RecordKind::TimePosting,
        posting::JOURNAL => erp::RecordKind::Journal,
        _ => {
            let body = erp::Document::decode(row.body.as_slice()).map_err(Error::internal)?;
            match body.kind() {
                erp::DocumentKind::CreditMemo => erp::RecordKind::CreditMemo,
                _ => erp::RecordKind::Invoice,
            }
        }
    })
}

async fn look_up(core: &Core, kind: i32, rows: Vec<PostingRow>) -> Result<u64> {
    let keys = rows.iter().map(|row| row.key.clone()).collect();
    let request = erp::LookupByKeyRequest { kind, keys };
    let answer = core.clients.erp.clone().lookup_by_key(request).await.map_err(error)?;
    let found = answer
        .into_inner()
        .found
        .into_iter()
        .map(|record| (record.key.clone(), record));
    let found: HashMap<String, erp::FoundRecord> = found.collect();
    let (now, again) = (core.now(), TimeDelta::minutes(i64::from(core.settings.recheck_minutes)));
    let agreeing = core
        .db
        .write(move |c| {
            let mut agreeing = 0;
            for row in rows.iter().cloned() {
                let record = found.get(&row.key);
                if record.is_none() {
                    ledger::hold(c, row, &compare::GONE, now)?;
                    continue;
                }
                let held = record.and_then(|record| record.held.as_ref());
                let differs = held.map(|held| compare::difference(&row, held)).transpose()?;
                match differs {
                    Some(None) => {
                        ledger::agrees(c, row, "RESOLVED", Lookup::Found, now)?;
                        agreeing += 1;
                    }
                    Some(Some(differs)) => {
                        ledger::hold(c, row, &differs, now)?;
                    }
                    // The ERP does not say what it holds.
                    None => {
                        let row = PostingRow {
                            due_at: now.naive_utc() + again,
                            ..row
                        };
                        ledger::put(c, std::slice::from_ref(&row), Lookup::Found)?;
                    }
                }
            }
            Ok(agreeing)
        })
        .await?;
    core.tell();
    Ok(agreeing)
}
