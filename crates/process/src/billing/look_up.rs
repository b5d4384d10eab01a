//! Finds out what became of time postings whose answer was lost.

use std::collections::HashMap;

use chrono::TimeDelta;
use strata_contract::strata::system::erp::v1::{FoundRecord, LookupByKeyRequest, RecordKind};
use strata_kernel::{Instant, Result};
use strata_rpc::error;
use strata_store::{Conn, both};

use super::compare::{self, Difference};
use super::ledger::{self, Lookup};
use super::posting;
use super::settle::confirm;
use crate::core::Core;
use crate::store::rows::PostingRow;
use crate::store::{lite, pg};

/// Keys in one question, as the contract has it.
const KEYS: usize = 200;

/// What the books say of postings whose answer was lost.
#[derive(Default)]
struct LookedUp {
    found: Vec<PostingRow>,
    differing: Vec<(PostingRow, Difference)>,
    /// They do not have them: they are sent once more.
    again: Vec<PostingRow>,
}

impl LookedUp {
    fn add(&mut self, row: &PostingRow, record: Option<&FoundRecord>, now: Instant) -> Result<()> {
        let row = row.clone();
        let Some(record) = record else {
            // What was never sent from here waits for nobody.
            let sent = row.attempts > 0;
            let wait = TimeDelta::seconds(if sent { 1 << row.attempts.clamp(0, 9) } else { 0 });
            self.again.push(PostingRow {
                state: "INTENDED".to_owned(),
                due_at: now.naive_utc() + wait,
                updated_at: now.naive_utc(),
                ..row
            });
            return Ok(());
        };
        let differs = record.held.as_ref().map(|held| compare::difference(&row, held));
        let row = PostingRow {
            vendor_id: record.vendor_id.clone(),
            ..row
        };
        match differs.transpose()?.flatten() {
            None => self.found.push(row),
            Some(differs) => self.differing.push((row, differs)),
        }
        Ok(())
    }

    fn store(self, conn: &mut Conn<'_>, system: &str, now: Instant) -> Result<()> {
        for (row, differs) in self.differing {
            ledger::hold(conn, row, &differs, now)?;
        }
        ledger::put(conn, &self.again, Lookup::NotFound)?;
        confirm(conn, self.found, ("RESOLVED", Lookup::Found), system, now)
    }
}

/// Looks up time postings whose answer was lost, and says how many are certain now. Nothing is being sent meanwhile:
/// what is SENT was left behind when its answer could not be stored.
pub(crate) async fn look_up_unknown(core: &Core) -> Result<u64> {
    Ok(look_up_all(core, "UNKNOWN").await? + look_up_all(core, "SENT").await?)
}

async fn look_up_all(core: &Core, state: &'static str) -> Result<u64> {
    let mut total = 0;
    loop {
        let (now, limit) = (core.now(), i64::try_from(KEYS).unwrap_or(i64::MAX));
        let unknown = core
            .db
            .read(move |c| both!(c, postings::due(posting::TIME, state, now.naive_utc(), limit)))
            .await?;
        if unknown.is_empty() {
            return Ok(total);
        }
        let keys = unknown.iter().map(|row| row.key.clone()).collect();
        let request = LookupByKeyRequest {
            kind: RecordKind::TimePosting.into(),
            keys,
        };
        let found = core
            .clients
            .erp
            .clone()
            .lookup_by_key(request)
            .await
            .map_err(error)?
            .into_inner()
            .found;
        total += unknown.len() as u64;
        let by_key: HashMap<String, FoundRecord> = found.into_iter().map(|record| (record.key.clone(), record)).collect();
        let system = core.systems().await?.erp.clone();
        core.db
            .write(move |c| {
                let mut looked_up = LookedUp::default();
                for row in &unknown {
                    looked_up.add(row, by_key.get(&row.key), now)?;
                }
                looked_up.store(c, &system, now)
            })
            .await?;
    }
}
