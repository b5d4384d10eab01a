//! The day of a time posting: that of the work, and when its period is closed for the company that employs the person then, the
//! first day of the next open one. The work date stays what it is.

use std::collections::{BTreeSet, HashMap};

use prost::Message;
use strata_contract::strata::master::v1::Employee;
use strata_contract::strata::system::erp::v1::TimePosting;
use strata_contract::{pb_date, require_date};
use strata_finance::period::{DateRule, Posting, posting};
use strata_kernel::{Date, Error, Instant, Result, digest};

use super::{Periods, of};
use crate::core::Core;
use crate::masters::{self, job_on};
use crate::store::rows::PostingRow;

/// Postings that the books refused because of their day, on the day the rule gives them now, to be sent again. Those that have
/// none, or were refused on it, are left out.
pub(crate) async fn later_time(core: &Core, refused: &[PostingRow]) -> Result<HashMap<String, PostingRow>> {
    let bodies: Vec<TimePosting> = refused
        .iter()
        .map(|row| TimePosting::decode(row.body.as_slice()).map_err(Error::internal))
        .collect::<Result<_>>()?;
    let days: Vec<Date> = bodies
        .iter()
        .map(|body| require_date(body.work_date.as_ref(), "work_date"))
        .collect::<Result<_>>()?;
    let Some(first) = days.iter().min() else {
        return Ok(HashMap::new());
    };
    let people = masters::people(core, bodies.iter().map(|body| body.employee_id.clone())).await?;
    let entities: Vec<&str> = bodies
        .iter()
        .zip(&days)
        .map(|(body, day)| employer(&people, body, *day))
        .collect();
    let asked: BTreeSet<&str> = entities.iter().copied().filter(|code| !code.is_empty()).collect();
    let intended_at = refused.iter().map(|row| row.created_at).max().unwrap_or_default();
    let periods = of(core, &asked, *first, intended_at).await?;
    let mut later = HashMap::new();
    for (((row, body), day), entity) in refused.iter().zip(bodies).zip(days).zip(entities) {
        if let Some(agreed) = agreed(&periods, entity, day)?
            && let Some(row) = on_day(row, body, day, &agreed, core.now())?
        {
            later.insert(row.key.clone(), row);
        }
    }
    Ok(later)
}

/// Code of the legal entity that employs the person of a posting on the work date. Empty: nobody does.
fn employer<'a>(people: &'a HashMap<String, Employee>, body: &TimePosting, day: Date) -> &'a str {
    let job = people.get(&body.employee_id).and_then(|person| job_on(person, day));
    job.map_or("", |job| job.legal_entity_code.as_str())
}

fn agreed(periods: &Periods, entity: &str, day: Date) -> Result<Option<Posting>> {
    let Some(periods) = periods.get(entity) else { return Ok(None) };
    Ok(posting(day, DateRule::of_kind("time_cost")?, &[], periods).ok())
}

/// The row on another day, to be sent. None: it was refused on that day.
fn on_day(row: &PostingRow, body: TimePosting, work_date: Date, agreed: &Posting, now: Instant) -> Result<Option<PostingRow>> {
    let posting_date = body.posting_date.as_ref();
    let refused = posting_date.map_or(Ok(work_date), |day| require_date(Some(day), "posting_date"))?;
    if refused == agreed.date {
        return Ok(None);
    }
    let original_period = agreed.original_period.clone().unwrap_or_default();
    let body = TimePosting {
        posting_date: (agreed.date != work_date).then(|| pb_date(agreed.date)),
        original_period: original_period.clone(),
        ..body
    };
    let body = body.encode_to_vec();
    Ok(Some(PostingRow {
        body_hash: digest(&body),
        body,
        original_period,
        posting_date: Some(agreed.date),
        state: "INTENDED".to_owned(),
        due_at: now.naive_utc(),
        reason: String::new(),
        message: String::new(),
        updated_at: now.naive_utc(),
        ..row.clone()
    }))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_work_date_stays() {
        let day = |text: &str| text.parse::<Date>().unwrap();
        let now = "2025-02-08T18:00:00Z".parse().unwrap();
        let body = TimePosting {
            work_date: Some(pb_date(day("2025-01-07"))),
            minutes: 60,
            ..TimePosting::default()
        };
        let row = PostingRow::intended("time", "time:1:v1", "TE-1", body.encode_to_vec(), now);
        let posting = |text: &str, original: Option<&str>| Posting {
            date: day(text),
            original_period: original.map(str::to_owned),
        };
        let at = |row: &PostingRow, agreed: &Posting| {
            let body = TimePosting::decode(row.body.as_slice()).unwrap();
            on_day(row, body, day("2025-01-07"), agreed, now).unwrap()
        };
        assert_eq!(at(&row, &posting("2025-01-07", None)), None);
        let moved = at(&row, &posting("2025-02-01", Some("2025-01"))).unwrap();
        let sent = TimePosting::decode(moved.body.as_slice()).unwrap();
        assert_eq!(
            (sent.work_date, sent.posting_date),
            (body.work_date, Some(pb_date(day("2025-02-01"))))
        );
        assert_eq!(
            (sent.original_period.as_str(), moved.original_period.as_str()),
            ("2025-01", "2025-01")
        );
        assert_eq!(moved.body_hash, digest(&moved.body));
        assert_eq!(at(&moved, &posting("2025-02-01", Some("2025-01"))), None);
        assert_eq!(at(&moved, &posting("2025-01-07", None)).unwrap().body, row.body);
    }
}
