//! Adding rows.

use chrono::SubsecRound;
use strata_kernel::{Error, Instant, Result};
use strata_rpc::{AuditLog, AuditStep, Touched};
use strata_store::{Conn, both, in_turn};

use crate::Audit;
use crate::chain::hash_of;
use crate::store::rows::EventRow;
use crate::store::{lite, pg};

impl Audit {
    /// What a server tells of its audited calls.
    pub fn log(&self) -> AuditLog {
        let own = self.clone();
        AuditLog::new(move |step| {
            let own = own.clone();
            Box::pin(async move { own.add(step).await })
        })
    }

    /// Adds the row before or after a call, in a transaction of its own. Returns its sequence.
    ///
    /// # Errors
    /// When the database cannot be used, or what a call's end refers to is not there.
    pub async fn add(&self, step: AuditStep) -> Result<i64> {
        let now = self.clock.now();
        self.db.write(move |c| add(c, &step, now)).await
    }
}

fn add(conn: &mut Conn<'_>, step: &AuditStep, now: Instant) -> Result<i64> {
    in_turn(conn, "audit", "event")?;
    let mut row = match step {
        AuditStep::Begun(call) => EventRow {
            subject: call.subject.clone(),
            method: call.method.clone(),
            correlation_id: call.correlation_id.clone(),
            request_digest: call.request_digest.clone(),
            ..empty(now)
        },
        AuditStep::Ended(begun, end) => {
            let first = both!(conn, audit::get(*begun))?;
            let first = first.ok_or_else(|| Error::internal(format!("audit row {begun} is not there")))?;
            let touched = end.touched.clone().unwrap_or_else(Touched::nothing);
            EventRow {
                begun: *begun,
                subject: first.subject,
                method: first.method,
                correlation_id: first.correlation_id,
                request_digest: first.request_digest,
                code: end.code.clone(),
                answer_digest: end.answer_digest.clone(),
                object: touched.object,
                before_digest: touched.before,
                after_digest: touched.after,
                ..empty(now)
            }
        }
    };
    let last = both!(conn, audit::last())?;
    let (sequence, before) = last.map_or_else(|| (0, String::new()), |last| (last.sequence, last.hash));
    row.sequence = sequence + 1;
    row.hash = hash_of(&before, &row);
    both!(conn, audit::append(&row))?;
    Ok(row.sequence)
}

fn empty(now: Instant) -> EventRow {
    EventRow {
        sequence: 0,
        happened_at: now.naive_utc().trunc_subsecs(6),
        begun: 0,
        subject: String::new(),
        method: String::new(),
        correlation_id: String::new(),
        request_digest: String::new(),
        code: String::new(),
        answer_digest: String::new(),
        object: String::new(),
        before_digest: String::new(),
        after_digest: String::new(),
        hash: String::new(),
    }
}
