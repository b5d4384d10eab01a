//! Reading the log.

use strata_kernel::{Instant, Result};
use strata_store::both;

use crate::Audit;
use crate::store::rows::EventRow;
use crate::store::{lite, pg};

/// Which rows. Empty fields ask for all.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Who called.
    pub subject: String,
    /// Path of the method.
    pub method: String,
    /// What was changed, as `exception/exc_...`.
    pub object: String,
    /// Correlation id of the call.
    pub correlation_id: String,
}

/// A row of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its place in the chain, from 1 on without a gap.
    pub sequence: i64,
    /// When it was written.
    pub at: Instant,
    /// In the row after a call the sequence of the row before it, in one that stands for a whole call its own, otherwise 0.
    pub begun: i64,
    /// Who called.
    pub subject: String,
    /// Path of the method.
    pub method: String,
    /// Correlation id of the call.
    pub correlation_id: String,
    /// SHA-256 of the request.
    pub request_digest: String,
    /// gRPC code of the answer. Empty in the row before a call.
    pub code: String,
    /// SHA-256 of the answer.
    pub answer_digest: String,
    /// What was changed. Empty: nothing, or the call does not say.
    pub object: String,
    /// Digest of it before and after.
    pub before_digest: String,
    /// See there.
    pub after_digest: String,
    /// Hash of the row.
    pub hash: String,
}

impl Audit {
    /// Rows newest first, before a sequence.
    ///
    /// # Errors
    /// When the database cannot be used.
    pub async fn list(&self, asked: &Filter, before: Option<i64>, limit: i64) -> Result<Vec<Entry>> {
        let asked = asked.clone();
        let rows = self.db.read(move |c| both!(c, audit::list(&asked, before, limit))).await?;
        Ok(rows.into_iter().map(Entry::of).collect())
    }
}

impl Entry {
    fn of(row: EventRow) -> Self {
        Self {
            sequence: row.sequence,
            at: row.happened_at.and_utc(),
            begun: row.begun,
            subject: row.subject,
            method: row.method,
            correlation_id: row.correlation_id,
            request_digest: row.request_digest,
            code: row.code,
            answer_digest: row.answer_digest,
            object: row.object,
            before_digest: row.before_digest,
            after_digest: row.after_digest,
            hash: row.hash,
        }
    }
}
