//! Verifying the chain.

use std::collections::BTreeSet;

use strata_kernel::{Date, Result};
use strata_store::both;

use crate::Audit;
use crate::chain::{hash_of, seal_of};
use crate::store::rows::{EventRow, SealRow};
use crate::store::{lite, pg};

/// Rows that are read at a time.
const PAGE: i64 = 1000;

/// What a verification found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Rows that fit, from the first on.
    pub events: u64,
    /// Seals that fit.
    pub seals: u64,
    /// Of them, those made with a key.
    pub keyed: u64,
    /// The day of the last seal. None: there is none.
    pub sealed_until: Option<Date>,
    /// Its hash.
    pub last_seal: String,
    /// Calls that began and never ended: their server was killed, or they are under way.
    pub open: u64,
    /// The first thing that does not fit. None: the log is whole.
    pub damage: Option<Damage>,
}

/// What does not fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// The row, or the last row of the seal.
    pub sequence: i64,
    /// What is wrong with it, in words.
    pub what: String,
}

/// The walk along the chain so far.
#[derive(Debug, Default)]
struct Walk {
    report: Report,
    last: i64,
    hash: String,
    open: BTreeSet<i64>,
    seal_hash: String,
    sealed: i64,
}

impl Audit {
    /// Follows the chain from its first row to its last, and every seal. `kept`: a seal's hash that was kept elsewhere, which has to
    /// be among them; it tells a log that was cut off, or written anew, from a whole one. Seals with a key are checked
    /// when this log has one, and are damage when it is another.
    ///
    /// # Errors
    /// When the database cannot be used. What is wrong with the log is no error but in the report.
    pub async fn verify(&self, kept: Option<&str>) -> Result<Report> {
        let seals = self.all_seals().await?;
        let mut due = seals.iter().peekable();
        let mut walk = Walk::default();
        loop {
            let after = walk.last;
            let rows = self.db.read(move |c| both!(c, audit::after(after, PAGE))).await?;
            for row in &rows {
                if let Some(what) = walk.step(row) {
                    return Ok(walk.damaged(row.sequence, what));
                }
                while let Some(seal) = due.next_if(|seal| seal.last_sequence == row.sequence) {
                    if let Some(what) = walk.seal(seal, self.key.as_deref())? {
                        return Ok(walk.damaged(seal.last_sequence, what));
                    }
                }
            }
            if rows.is_empty() {
                break;
            }
        }
        if let Some(seal) = due.next() {
            let what = format!("the seal of {} covers a row that is not there", seal.day);
            return Ok(walk.damaged(seal.last_sequence, what));
        }
        if let Some(kept) = kept.filter(|kept| !seals.iter().any(|seal| seal.hash == **kept)) {
            let what = format!("the seal {kept} that was kept is none of this log's: it was cut off or written anew");
            let last = walk.last;
            return Ok(walk.damaged(last, what));
        }
        walk.report.open = u64::try_from(walk.open.len()).unwrap_or(u64::MAX);
        Ok(walk.report)
    }

    async fn all_seals(&self) -> Result<Vec<SealRow>> {
        let mut all: Vec<SealRow> = Vec::new();
        loop {
            let after = all.last().map(|seal| seal.day);
            let page = self.db.read(move |c| both!(c, audit::seals(after, PAGE))).await?;
            if page.is_empty() {
                return Ok(all);
            }
            all.extend(page);
        }
    }
}

impl Walk {
    /// The next row. Some: what is wrong with it.
    fn step(&mut self, row: &EventRow) -> Option<String> {
        if row.sequence != self.last + 1 {
            return Some(format!("rows {} to {} are not there", self.last + 1, row.sequence - 1));
        }
        if hash_of(&self.hash, row) != row.hash {
            return Some("its hash fits neither its content nor the row before it: one of them was changed".to_owned());
        }
        if row.begun == 0 {
            self.open.insert(row.sequence);
        } else if row.begun != row.sequence && !self.open.remove(&row.begun) {
            return Some(format!("it ends a call, {}, that did not begin or ended before", row.begun));
        }
        self.last = row.sequence;
        self.hash.clone_from(&row.hash);
        self.report.events += 1;
        None
    }

    /// The seal whose last row is this one.
    fn seal(&mut self, seal: &SealRow, key: Option<&[u8]>) -> Result<Option<String>> {
        if seal.events != seal.last_sequence - self.sealed {
            return Ok(Some(format!(
                "the seal of {} does not begin where the one before it ends",
                seal.day
            )));
        }
        // Without the key a keyed seal can only be followed, not checked.
        if !seal.is_keyed || key.is_some() {
            let key = key.filter(|_| seal.is_keyed);
            if seal_of(key, &self.seal_hash, seal, &self.hash)? != seal.hash {
                return Ok(Some(format!(
                    "the seal of {} does not fit: it, or its key, is another",
                    seal.day
                )));
            }
        }
        self.seal_hash.clone_from(&seal.hash);
        self.sealed = seal.last_sequence;
        self.report.seals += 1;
        self.report.keyed += u64::from(seal.is_keyed);
        self.report.sealed_until = Some(seal.day);
        self.report.last_seal.clone_from(&seal.hash);
        Ok(None)
    }

    fn damaged(mut self, sequence: i64, what: String) -> Report {
        self.report.open = u64::try_from(self.open.len()).unwrap_or(u64::MAX);
        self.report.damage = Some(Damage { sequence, what });
        self.report
    }
}
