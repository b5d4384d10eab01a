//! The day of a journal.

use std::collections::{BTreeSet, HashMap};

use prost::Message;
use strata_contract::strata::system::erp::v1 as erp;
use strata_contract::{pb_date, require_date};
use strata_finance::period::{DateRule, Posting, intercompany_posting, posting};
use strata_kernel::{Date, Error, Instant, Result, digest, month_of};
use strata_store::both;

use super::of;
use crate::billing::ledger::{self, Lookup};
use crate::core::Core;
use crate::engine::{Problem, Stop};
use crate::exceptions::Owner;
use crate::store::rows::PostingRow;
use crate::store::{lite, pg};

/// A journal of one legal entity that the books refused because of its day, stored on the day the rule gives it now. None: that
/// is the day that was refused, or there is none.
pub(crate) async fn later(core: &Core, refused: &PostingRow) -> Result<Option<PostingRow>> {
    let journal = read(refused)?;
    let (entity, day) = (journal.legal_entity_id.as_str(), own_day(&journal)?);
    let periods = of(core, &BTreeSet::from([entity]), day, refused.created_at).await?;
    let Some(periods) = periods.get(entity) else { return Ok(None) };
    let Ok(agreed) = posting(day, DateRule::of_kind("revenue")?, &[], periods) else {
        return Ok(None);
    };
    let Some(row) = on_day(refused, journal, &agreed, core.now())? else {
        return Ok(None);
    };
    store(core, vec![row.clone()]).await?;
    Ok(Some(row))
}

/// The two journals of a charge on the day that both legal entities accept now, stored together. Neither may be in the books: what is
/// there never moves. None: they are on that day already, or the ERP does not say which periods there are.
pub(crate) async fn agreed(core: &Core, pair: [&PostingRow; 2]) -> Result<Option<[PostingRow; 2]>, Stop> {
    let [first, second] = pair;
    let (one, other) = (read(first)?, read(second)?);
    let day = own_day(&one)?;
    let entities = [one.legal_entity_id.as_str(), other.legal_entity_id.as_str()];
    let periods = of(core, &BTreeSet::from(entities), day, first.created_at).await?;
    let [Some(ours), Some(theirs)] = entities.map(|entity| periods.get(entity)) else {
        return Ok(None);
    };
    let agreed = intercompany_posting(day, &[], [ours, theirs])
        .map_err(|refusal| Problem::of(&refusal, "posting", &first.key, Owner::Finance).at("posting_date"))?;
    let now = core.now();
    let moved = [on_day(first, one, &agreed, now)?, on_day(second, other, &agreed, now)?];
    if moved.iter().all(Option::is_none) {
        return Ok(None);
    }
    let [one, other] = moved;
    let rows = [one.unwrap_or_else(|| first.clone()), other.unwrap_or_else(|| second.clone())];
    store(core, rows.to_vec()).await?;
    Ok(Some(rows))
}

/// Days and original periods of journals by key, as they are in the ledger.
pub(crate) async fn booked_on(core: &Core, keys: Vec<String>) -> Result<HashMap<String, erp::Journal>> {
    let rows = core.db.read(move |c| both!(c, postings::of_keys(&keys))).await?;
    rows.iter().map(|row| Ok((row.key.clone(), read(row)?))).collect()
}

fn read(row: &PostingRow) -> Result<erp::Journal> {
    erp::Journal::decode(row.body.as_slice()).map_err(Error::internal)
}

/// The day that a journal has when its period is open: the last of the month that it is about.
fn own_day(journal: &erp::Journal) -> Result<Date> {
    let first: Date = format!("{}-01", journal.period).parse().map_err(Error::internal)?;
    Ok(month_of(first).1)
}

/// The row on another day, still to be sent. None: it is on that day.
fn on_day(row: &PostingRow, journal: erp::Journal, agreed: &Posting, now: Instant) -> Result<Option<PostingRow>> {
    if require_date(journal.posting_date.as_ref(), "posting_date")? == agreed.date {
        return Ok(None);
    }
    let original_period = agreed.original_period.clone().unwrap_or_default();
    let body = erp::Journal {
        posting_date: Some(pb_date(agreed.date)),
        original_period: original_period.clone(),
        ..journal
    };
    let body = body.encode_to_vec();
    Ok(Some(PostingRow {
        body_hash: digest(&body),
        body,
        original_period,
        posting_date: Some(agreed.date),
        state: "INTENDED".to_owned(),
        updated_at: now.naive_utc(),
        ..row.clone()
    }))
}

async fn store(core: &Core, rows: Vec<PostingRow>) -> Result<()> {
    core.db.write(move |c| ledger::put(c, &rows, Lookup::None)).await
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_moves_keeps_its_key_and_says_where_it_belongs() {
        let journal = erp::Journal {
            period: "2025-01".into(),
            posting_date: Some(pb_date("2025-01-31".parse().unwrap())),
            ..erp::Journal::default()
        };
        let now = "2025-02-08T18:00:00Z".parse().unwrap();
        let row = PostingRow::intended("journal", "rev:CT-1:2025-01", "CT-1", journal.encode_to_vec(), now);
        let posting = |day: &str, original: Option<&str>| Posting {
            date: day.parse().unwrap(),
            original_period: original.map(str::to_owned),
        };
        assert_eq!(own_day(&journal).unwrap().to_string(), "2025-01-31");
        assert_eq!(
            on_day(&row, journal.clone(), &posting("2025-01-31", None), now).unwrap(),
            None
        );
        let moved = on_day(&row, journal, &posting("2025-02-01", Some("2025-01")), now)
            .unwrap()
            .unwrap();
        assert_eq!(
            (moved.key.as_str(), moved.original_period.as_str()),
            ("rev:CT-1:2025-01", "2025-01")
        );
        assert_eq!(moved.body_hash, digest(&moved.body));
        let body = read(&moved).unwrap();
        assert_eq!(
            (body.posting_date, body.original_period.as_str()),
            (Some(pb_date("2025-02-01".parse().unwrap())), "2025-01")
        );
        // When the period is open again before it is sent, it is as it was.
        let back = on_day(&moved, body, &posting("2025-01-31", None), now).unwrap().unwrap();
        assert_eq!(
            (back.body, back.body_hash, back.original_period),
            (row.body, row.body_hash, String::new())
        );
    }
}
