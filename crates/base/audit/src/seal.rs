//! Sealing days.

use chrono::{NaiveDate, NaiveTime, SubsecRound};
use strata_kernel::{Date, Error, Instant, Result};
use strata_store::{Conn, both, in_turn};

use crate::Audit;
use crate::chain::seal_of;
use crate::store::rows::SealRow;
use crate::store::{lite, pg};

/// The seal of a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seal {
    /// The last day it covers, in UTC.
    pub day: Date,
    /// The last row it covers.
    pub last_sequence: i64,
    /// Rows since the seal before.
    pub events: i64,
    /// Made with a key.
    pub is_keyed: bool,
    /// To be kept elsewhere: with it a log that was cut off at its end is told from a whole one.
    pub hash: String,
}

impl Audit {
    /// Seals what happened before today and is not sealed yet, as the seal of yesterday. None: there was nothing.
    /// Called twice, or by two servers at once, it seals once.
    ///
    /// # Errors
    /// When the database cannot be used.
    pub async fn seal(&self) -> Result<Option<Seal>> {
        let (now, key) = (self.clock.now(), self.key.clone());
        self.db.write(move |c| seal(c, key.as_deref(), now)).await
    }
}

fn seal(conn: &mut Conn<'_>, key: Option<&[u8]>, now: Instant) -> Result<Option<Seal>> {
    in_turn(conn, "audit", "seal")?;
    let today = now.date_naive();
    let until = both!(conn, audit::last_before(today.and_time(NaiveTime::MIN)))?;
    let before = both!(conn, audit::last_seal())?;
    let (sealed, before_hash) = before
        .as_ref()
        .map_or((0, ""), |seal| (seal.last_sequence, seal.hash.as_str()));
    let Some(last) = until.filter(|last| *last > sealed) else {
        return Ok(None);
    };
    let day = yesterday_of(today, before.as_ref())?;
    let Some(event) = both!(conn, audit::get(last))? else {
        return Err(Error::internal(format!("audit row {last} is not there")));
    };
    let mut row = SealRow {
        day,
        last_sequence: last,
        events: last - sealed,
        is_keyed: key.is_some(),
        hash: String::new(),
        sealed_at: now.naive_utc().trunc_subsecs(6),
    };
    row.hash = seal_of(key, before_hash, &row, &event.hash)?;
    both!(conn, audit::add_seal(&row))?;
    Ok(Some(Seal::of(row)))
}

/// A clock that was set back must not seal a day twice.
fn yesterday_of(today: NaiveDate, before: Option<&SealRow>) -> Result<NaiveDate> {
    let yesterday = today
        .pred_opt()
        .ok_or_else(|| Error::internal("there is no day before this"))?;
    let next = before.and_then(|seal| seal.day.succ_opt()).unwrap_or(yesterday);
    Ok(yesterday.max(next))
}

impl Seal {
    pub(crate) fn of(row: SealRow) -> Self {
        Self {
            day: row.day,
            last_sequence: row.last_sequence,
            events: row.events,
            is_keyed: row.is_keyed,
            hash: row.hash,
        }
    }
}
