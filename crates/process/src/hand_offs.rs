//! The story of an engagement: every fact handed to, or learned from, one system.

use strata_kernel::{Instant, Result};
use strata_store::{Conn, both, db_error};

use crate::store::rows::NewHandOff;
use crate::store::{lite, pg};

/// Name of the system when the platform itself did something.
pub(crate) const PLATFORM: &str = "platform";

/// One hand-off to record.
#[derive(Debug, Clone, Default)]
pub(crate) struct HandOff {
    /// The same key is recorded once, whatever is repeated.
    pub(crate) key: String,
    /// What happened: "project created".
    pub(crate) event: &'static str,
    pub(crate) system: String,
    pub(crate) kind: &'static str,
    pub(crate) vendor_id: String,
    pub(crate) state: &'static str,
    /// What a person should know, with printed numbers.
    pub(crate) detail: String,
}

impl HandOff {
    /// A record that one of our ids has at a vendor now.
    pub(crate) fn done(event: &'static str, system: &str, kind: &'static str, our_id: &str, vendor_id: &str) -> Self {
        Self {
            key: format!("{event}:{our_id}"),
            event,
            system: system.to_owned(),
            kind,
            vendor_id: vendor_id.to_owned(),
            state: "done",
            detail: String::new(),
        }
    }

    pub(crate) fn saying(mut self, detail: impl Into<String>) -> Self {
        self.detail = detail.into();
        self
    }
}

/// Records hand-offs of an engagement, in the caller's transaction. Work that belongs to none has no story.
pub(crate) fn record(
    conn: &mut Conn<'_>,
    engagement_id: &str,
    correlation_id: &str,
    news: &[HandOff],
    now: Instant,
) -> Result<()> {
    let of = |new| (engagement_id, correlation_id, new);
    record_all(conn, news.iter().map(of), now)
}

/// The same for hand-offs of several engagements: each with the ids of its engagement and its flow.
pub(crate) fn record_all<'a>(
    conn: &mut Conn<'_>,
    news: impl IntoIterator<Item = (&'a str, &'a str, &'a HandOff)>,
    now: Instant,
) -> Result<()> {
    let told = news.into_iter().filter(|(engagement_id, _, _)| !engagement_id.is_empty());
    let rows = told.map(|(engagement_id, correlation_id, new)| NewHandOff {
        engagement_id: engagement_id.to_owned(),
        dedupe_key: format!("{engagement_id}:{}", new.key),
        event: new.event.to_owned(),
        system: new.system.clone(),
        kind: new.kind.to_owned(),
        vendor_id: new.vendor_id.clone(),
        state: new.state.to_owned(),
        detail: new.detail.clone(),
        happened_at: now.naive_utc(),
        correlation_id: correlation_id.to_owned(),
    });
    let rows: Vec<NewHandOff> = rows.collect();
    if rows.is_empty() {
        return Ok(());
    }
    one_at_a_time(conn)?;
    both!(conn, hand_offs::add(&rows))
}

/// Whoever follows the story reads by rising sequence. PostgreSQL hands sequences out before the commit, so
/// without this a later number could be seen first and an earlier one be passed over. SQLite has one writer.
fn one_at_a_time(conn: &mut Conn<'_>) -> Result<()> {
    use diesel::RunQueryDsl;
    match conn {
        Conn::Pg(c) => diesel::sql_query("LOCK TABLE hand_off IN SHARE ROW EXCLUSIVE MODE")
            .execute(*c)
            .map(|_| ())
            .map_err(db_error),
        Conn::Lite(_) => Ok(()),
    }
}
