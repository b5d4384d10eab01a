//! Adding rows.

use chrono::SubsecRound;
use strata_kernel::{Error, Instant, Result};
use strata_rpc::{AuditLog, AuditStep, AuditedCall, AuditedEnd, Touched};
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

/// A call that its handler writes down together with its effect.
#[derive(Debug, Clone)]
pub struct Done {
    /// The call.
    pub call: AuditedCall,
    /// How it ends.
    pub end: AuditedEnd,
}

/// Adds one row for each call, in the transaction of what the calls changed: it stands there exactly when they had their effect. Such a row
/// begins its call and ends it, and says its own sequence in `begun`.
///
/// # Errors
/// When the database cannot be used.
pub fn keep_within(conn: &mut Conn<'_>, calls: &[Done], now: Instant) -> Result<()> {
    if calls.is_empty() {
        return Ok(());
    }
    let mut chain = Chain::end(conn)?;
    for Done { call, end } in calls {
        let row = ended(end, begun(call, empty(now)));
        chain.add(EventRow {
            begun: chain.next(),
            ..row
        });
    }
    both!(conn, audit::append(&chain.rows)).map(|_| ())
}

fn add(conn: &mut Conn<'_>, step: &AuditStep, now: Instant) -> Result<i64> {
    let mut chain = Chain::end(conn)?;
    let row = match step {
        AuditStep::Begun(call) => begun(call, empty(now)),
        AuditStep::Ended(begun, end) => {
            let first = both!(conn, audit::get(*begun))?;
            let first = first.ok_or_else(|| Error::internal(format!("audit row {begun} is not there")))?;
            ended(
                end,
                EventRow {
                    begun: *begun,
                    happened_at: empty(now).happened_at,
                    ..first
                },
            )
        }
    };
    chain.add(row);
    both!(conn, audit::append(&chain.rows))?;
    Ok(chain.sequence)
}

/// The end of the log, and the rows to put behind it. Whoever holds it is the only one who adds rows until the transaction ends.
struct Chain {
    sequence: i64,
    hash: String,
    rows: Vec<EventRow>,
}

impl Chain {
    fn end(conn: &mut Conn<'_>) -> Result<Self> {
        in_turn(conn, "audit", "event")?;
        let last = both!(conn, audit::last())?;
        let (sequence, hash) = last.map_or_else(|| (0, String::new()), |last| (last.sequence, last.hash));
        Ok(Self {
            sequence,
            hash,
            rows: Vec::new(),
        })
    }

    fn next(&self) -> i64 {
        self.sequence + 1
    }

    fn add(&mut self, mut row: EventRow) {
        row.sequence = self.next();
        row.hash = hash_of(&self.hash, &row);
        self.sequence = row.sequence;
        self.hash.clone_from(&row.hash);
        self.rows.push(row);
    }
}

fn begun(call: &AuditedCall, row: EventRow) -> EventRow {
    EventRow {
        subject: call.subject.clone(),
        method: call.method.clone(),
        correlation_id: call.correlation_id.clone(),
        request_digest: call.request_digest.clone(),
        ..row
    }
}

fn ended(end: &AuditedEnd, row: EventRow) -> EventRow {
    let touched = end.touched.clone().unwrap_or_else(Touched::nothing);
    EventRow {
        code: end.code.clone(),
        answer_digest: end.answer_digest.clone(),
        object: touched.object,
        before_digest: touched.before,
        after_digest: touched.after,
        ..row
    }
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
