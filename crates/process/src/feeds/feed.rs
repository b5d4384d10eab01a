//! How every feed is read: page by page, each stored together with the cursor behind it.

use std::future::Future;

use prost::Message;
use strata_contract::strata::common::v1::Malformed;
use strata_kernel::{Error, Instant, Result, digest};
use strata_store::{Conn, both};

use crate::core::{Core, Systems};
use crate::engine::Problem;
use crate::exceptions::{self, Owner};
use crate::store::{lite, pg};

/// What stores a page, in one transaction with its cursor. Returns how much of it was news. It may be called again when the
/// database undid the transaction.
pub(super) type Store = Box<dyn Fn(&mut Conn<'_>) -> Result<u64> + Send>;

/// What one look at a vendor brings.
pub(super) struct Page<T> {
    pub(super) items: Vec<T>,
    pub(super) malformed: Vec<Malformed>,
    pub(super) next_cursor: String,
    pub(super) more: bool,
    /// Digest of the whole answer.
    pub(super) seen: String,
}

/// One kind of record that a vendor says has changed.
pub(super) trait Feed: 'static {
    /// Name, the key of its cursor.
    const NAME: &'static str;
    type Item: Send;

    /// The vendor it comes from.
    fn system(systems: &Systems) -> &str;

    /// Kind and vendor's id of each record that fits, as the quarantine calls it. Empty for records that do not carry
    /// the vendor's id: their quarantine is closed at the desk.
    fn fitting(item: &Self::Item) -> Vec<(&'static str, &str)>;

    /// Reads the page behind a cursor.
    fn list(core: &Core, cursor: String) -> impl Future<Output = Result<Page<Self::Item>>> + Send;

    /// Takes the records of a page as far as that needs other servers, and says what stores the rest. It may be
    /// called again with the same records.
    fn take(core: &Core, items: Vec<Self::Item>) -> impl Future<Output = Result<Store>> + Send;
}

/// What tells a page from the one before.
pub(super) fn seen(answer: &impl Message) -> String {
    digest(&answer.encode_to_vec())
}

/// Reads a feed until there is no more, and says how much was news. Vendors repeat records, as their windows
/// overlap: a page that says what it said last time is left alone.
pub(super) async fn pull<F: Feed>(core: &Core) -> Result<u64> {
    let mut count = 0;
    loop {
        let held = core.db.read(|c| both!(c, cursors::get(F::NAME))).await?.unwrap_or_default();
        let (seen, cursor) = held.split_once('|').unwrap_or_default();
        let page = F::list(core, cursor.to_owned()).await?;
        if page.seen == seen {
            return Ok(count);
        }
        let fitting = page.items.iter().flat_map(F::fitting);
        let fitting: Vec<String> = fitting
            .map(|(kind, id)| malformed(kind, id, String::new()).exception_id())
            .collect();
        let (place, more) = (format!("{}|{}", page.seen, page.next_cursor), page.more);
        let store = F::take(core, page.items).await?;
        let (system, now, unfit) = (F::system(core.systems().await?).to_owned(), core.now(), page.malformed);
        count += core
            .db
            .write(move |c| {
                quarantine(c, &system, &unfit, now)?;
                release(c, &fitting, now)?;
                let news = store(c)?;
                both!(c, cursors::put(F::NAME, &place))?;
                Ok(news)
            })
            .await?;
        if !more {
            return Ok(count);
        }
    }
}

/// Puts all records of a page, and says how many are new and which are refused. One refused record must not hold back the others: when
/// the page is refused as a whole they are put one by one. `put_some` says how many were new, and `problem` what its refusal of a record
/// means.
pub(super) async fn put_all<T: Clone, F: Future<Output = Result<u64>>>(
    records: Vec<T>,
    put_some: impl Fn(Vec<T>) -> F,
    problem: impl Fn(&Error, &T) -> Problem,
) -> Result<(u64, Vec<Problem>)> {
    if records.is_empty() {
        return Ok((0, Vec::new()));
    }
    match put_some(records.clone()).await {
        Err(refusal) if !refusal.is_temporary() => {}
        ended => return Ok((ended?, Vec::new())),
    }
    let (mut created, mut refused) = (0, Vec::new());
    for record in records {
        match put_some(vec![record.clone()]).await {
            Err(refusal) if !refusal.is_temporary() => refused.push(problem(&refusal, &record)),
            ended => created += ended?,
        }
    }
    Ok((created, refused))
}

/// Opens an exception for each record that does not fit its contract: quarantined, never guessed.
fn quarantine(conn: &mut Conn<'_>, system: &str, records: &[Malformed], now: Instant) -> Result<()> {
    for record in records {
        let text = format!(
            "{system} says something else than {} there; mend the record in {system}",
            record.expected
        );
        let problem = malformed(&record.kind, &record.vendor_id, text).at(&record.field);
        exceptions::open(conn, &problem, "", now)?;
    }
    Ok(())
}

/// Resolves the quarantine of records that fit now.
fn release(conn: &mut Conn<'_>, fitting: &[String], now: Instant) -> Result<()> {
    for ids in fitting.chunks(500) {
        for id in both!(conn, exceptions::open_among(ids))? {
            exceptions::resolve(conn, &id, now)?;
        }
    }
    Ok(())
}

fn malformed(kind: &str, vendor_id: &str, message: String) -> Problem {
    Problem::new("VENDOR_RECORD_MALFORMED", kind, vendor_id, Owner::Integration, message)
}
