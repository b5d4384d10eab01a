//! Where a feed was left, and what its page quarantines.

use prost::Message;
use strata_contract::strata::common::v1::Malformed;
use strata_kernel::{Instant, Result, digest};
use strata_store::{Conn, both};

use crate::core::Core;
use crate::engine::Problem;
use crate::exceptions::{self, Owner};
use crate::store::{lite, pg};

/// Where a feed stands: the cursor to ask with, and what the last page said.
pub(super) struct Place {
    feed: &'static str,
    pub(super) cursor: String,
    seen: String,
}

/// Where a feed stands once a page is stored.
pub(super) struct Next {
    feed: &'static str,
    value: String,
}

impl Place {
    pub(super) async fn load(core: &Core, feed: &'static str) -> Result<Self> {
        let held = core.db.read(move |c| both!(c, cursors::get(feed))).await?.unwrap_or_default();
        let (seen, cursor) = held.split_once('|').unwrap_or_default();
        Ok(Self {
            feed,
            cursor: cursor.to_owned(),
            seen: seen.to_owned(),
        })
    }

    /// None: the page says what it said last time.
    pub(super) fn after(&self, page: &impl Message, next_cursor: &str) -> Option<Next> {
        let seen = digest(&page.encode_to_vec());
        (seen != self.seen).then(|| Next {
            feed: self.feed,
            value: format!("{seen}|{next_cursor}"),
        })
    }
}

impl Next {
    /// Stores the place, in the transaction that stores the page.
    pub(super) fn store(&self, conn: &mut Conn<'_>) -> Result<()> {
        both!(conn, cursors::put(self.feed, &self.value)).map(|_| ())
    }
}

/// Opens an exception for each record that does not fit its contract: quarantined, never guessed.
pub(super) fn quarantine(conn: &mut Conn<'_>, system: &str, malformed: &[Malformed], now: Instant) -> Result<()> {
    for record in malformed {
        let text = format!(
            "{system} says something else than {} there; mend the record in {system}",
            record.expected
        );
        let problem = malformed_problem(&record.kind, &record.vendor_id, text).at(&record.field);
        exceptions::open(conn, &problem, "", now)?;
    }
    Ok(())
}

/// Resolves the quarantine of records that fit now.
pub(super) fn release(
    conn: &mut Conn<'_>,
    kind: &str,
    vendor_ids: impl Iterator<Item = impl AsRef<str>>,
    now: Instant,
) -> Result<()> {
    let ids: Vec<String> = vendor_ids
        .map(|id| malformed_problem(kind, id.as_ref(), String::new()).exception_id())
        .collect();
    for id in both!(conn, exceptions::open_among(&ids))? {
        exceptions::resolve(conn, &id, now)?;
    }
    Ok(())
}

fn malformed_problem(kind: &str, vendor_id: &str, message: String) -> Problem {
    Problem::new("VENDOR_RECORD_MALFORMED", kind, vendor_id, Owner::Integration, message)
}
