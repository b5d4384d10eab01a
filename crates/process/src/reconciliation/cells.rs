//! Balances and their lines, as they were reconciled last.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use strata_contract::strata::process::reconciliation::v1 as pb;
use strata_contract::{pb_date, pb_instant, pb_money};
use strata_kernel::{Currency, Error, Money, Result};
use strata_rpc::page::Page;
use strata_store::{Conn, both};

use super::repair;
use crate::core::Core;
use crate::months;
use crate::store::rows::PostingRow;
use crate::store::rows_books::{BalanceRow, LineRow, PostingEventRow};
use crate::store::{lite, pg};

/// What divides the parts of a page's key: no code, key or currency has it.
const PART: char = '\u{1f}';

/// Which cells are asked for. Empty: all.
#[derive(Debug, Clone)]
pub(crate) struct CellFilter {
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) kind: String,
    pub(crate) subject: String,
    pub(crate) differing: bool,
}

/// Which lines are asked for. Empty: all.
#[derive(Debug, Clone, Default)]
pub(crate) struct LineFilter {
    pub(crate) period: String,
    pub(crate) kind: String,
    pub(crate) subject: String,
    pub(crate) state: String,
    pub(crate) legal_entity_code: String,
}

/// A kind as rows say it. Empty: unspecified.
pub(super) fn kind_of(kind: pb::BookKind) -> &'static str {
    match kind {
        pb::BookKind::Unspecified => "",
        pb::BookKind::Time => crate::billing::posting::TIME,
        pb::BookKind::Document => crate::billing::posting::DOCUMENT,
        pb::BookKind::Journal => crate::billing::posting::JOURNAL,
    }
}

/// Cells by month, kind, subject and currency.
pub(crate) async fn balances(core: &Core, asked: pb::ListBalancesRequest) -> Result<pb::ListBalancesResponse> {
    months::between(&asked.from_period, &asked.to_period)?;
    let filter = CellFilter {
        kind: kind_of(asked.kind()).to_owned(),
        from: asked.from_period,
        to: asked.to_period,
        subject: asked.subject,
        differing: asked.differing,
    };
    let page = Page::ask(asked.page_size, &asked.page_token, &format!("{filter:?}"))?;
    let (after, limit) = (after::<4>(page.after())?, page.limit());
    let (mut rows, causes) = core
        .db
        .read(move |c| {
            let rows = both!(c, balances::list(&filter, after.as_ref(), limit))?;
            let causes = causes(c, &rows)?;
            Ok((rows, causes))
        })
        .await?;
    let next_page_token = page.cut(&mut rows, |row| {
        key([&row.period, &row.kind, &row.subject, &row.currency_code])
    });
    Ok(pb::ListBalancesResponse {
        balances: rows.into_iter().map(|row| cell(row, &causes)).collect(),
        next_page_token,
    })
}

type Causes = HashMap<[String; 4], Vec<pb::CauseCount>>;

/// Excepted lines of cells by cause, with one question per month.
fn causes(conn: &mut Conn<'_>, rows: &[BalanceRow]) -> Result<Causes> {
    let mut months: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for row in rows.iter().filter(|row| (row.excepted_minutes, row.excepted_minor) != (0, 0)) {
        months.entry(&row.period).or_default().insert(row.subject.clone());
    }
    let mut causes = Causes::new();
    for (period, subjects) in months {
        let subjects: Vec<String> = subjects.into_iter().collect();
        for (kind, subject, currency, cause, count) in both!(conn, balances::causes(period, &subjects))? {
            let lines = u64::try_from(count).unwrap_or_default();
            let cell = [period.to_owned(), kind, subject, currency];
            causes.entry(cell).or_default().push(pb::CauseCount { cause, lines });
        }
    }
    Ok(causes)
}

fn cell(row: BalanceRow, causes: &Causes) -> pb::Balance {
    let held = [&row.period, &row.kind, &row.subject, &row.currency_code].map(Clone::clone);
    pb::Balance {
        kind: book_kind(&row.kind).into(),
        causes: causes.get(&held).cloned().unwrap_or_default(),
        psa: quantity(row.psa_minutes, 0),
        approved: quantity(row.approved_minutes, row.approved_minor),
        posted: quantity(row.posted_minutes, row.posted_minor),
        erp: quantity(row.erp_minutes, row.erp_minor),
        in_flight: quantity(row.in_flight_minutes, row.in_flight_minor),
        in_flight_since: row.in_flight_since.map(|at| pb_instant(at.and_utc())),
        excepted: quantity(row.excepted_minutes, row.excepted_minor),
        difference: quantity(row.unexplained_minutes, row.unexplained_minor),
        lines: u64::try_from(row.line_count).unwrap_or_default(),
        differing: u64::try_from(row.differing).unwrap_or_default(),
        accepted: u64::try_from(row.accepted).unwrap_or_default(),
        as_of_time: Some(pb_instant(row.as_of.and_utc())),
        subject: row.subject,
        period: row.period,
        currency_code: row.currency_code,
    }
}

/// Lines by kind, key and currency.
pub(crate) async fn lines(core: &Core, asked: pb::ListBalanceLinesRequest) -> Result<pb::ListBalanceLinesResponse> {
    months::between(&asked.period, &asked.period)?;
    let state = match asked.state() {
        pb::LineState::Unspecified => "",
        state => state.as_str_name().trim_start_matches("LINE_STATE_"),
    };
    let filter = LineFilter {
        kind: kind_of(asked.kind()).to_owned(),
        state: state.to_owned(),
        period: asked.period,
        subject: asked.subject,
        legal_entity_code: String::new(),
    };
    let page = Page::ask(asked.page_size, &asked.page_token, &format!("{filter:?}"))?;
    let (after, limit) = (after::<3>(page.after())?, page.limit());
    let after = after.map(|[kind, line, currency]| (kind, line, currency));
    let mut rows = core
        .db
        .read(move |c| both!(c, balances::list_lines(&filter, after.as_ref(), limit)))
        .await?;
    let next_page_token = page.cut(&mut rows, |row| key([&row.kind, &row.line, &row.currency_code]));
    Ok(pb::ListBalanceLinesResponse {
        lines: rows.iter().map(line).collect(),
        next_page_token,
    })
}

pub(super) fn line(row: &LineRow) -> pb::BalanceLine {
    let difference = pb::DifferenceKind::from_str_name(&format!("DIFFERENCE_KIND_{}", row.difference));
    let state = pb::LineState::from_str_name(&format!("LINE_STATE_{}", row.state));
    pb::BalanceLine {
        kind: book_kind(&row.kind).into(),
        line: row.line.clone(),
        reference: row.reference.clone(),
        subject: row.subject.clone(),
        period: row.period.clone(),
        currency_code: row.currency_code.clone(),
        state: state.unwrap_or_default().into(),
        difference: difference.unwrap_or_default().into(),
        psa: quantity(row.psa_minutes, 0),
        approved: quantity(row.approved_minutes, row.approved_minor),
        posted: quantity(row.posted_minutes, row.posted_minor),
        erp: quantity(row.erp_minutes, row.erp_minor),
        in_flight: quantity(row.in_flight_minutes, row.in_flight_minor),
        excepted: quantity(row.excepted_minutes, row.excepted_minor),
        cause: row.cause.clone(),
        exception_id: row.exception_id.clone(),
        erp_ids: row
            .erp_ids
            .split(';')
            .filter(|id| !id.is_empty())
            .map(str::to_owned)
            .collect(),
        in_flight_since: row.in_flight_since.map(|at| pb_instant(at.and_utc())),
        repairs: repair::proposals(row),
        etag: row.digest.clone(),
        as_of_time: Some(pb_instant(row.as_of.and_utc())),
    }
}

pub(super) fn book_kind(kind: &str) -> pb::BookKind {
    pb::BookKind::from_str_name(&format!("BOOK_KIND_{}", kind.to_uppercase())).unwrap_or_default()
}

#[expect(clippy::unnecessary_wraps, reason = "fields of messages are optional")]
fn quantity(minutes: i64, minor_units: i64) -> Option<pb::Quantity> {
    Some(pb::Quantity { minutes, minor_units })
}

fn key<const N: usize>(parts: [&str; N]) -> String {
    parts.join(&PART.to_string())
}

/// The key after which a page begins. None: the first page.
fn after<const N: usize>(text: &str) -> Result<Option<[String; N]>> {
    if text.is_empty() {
        return Ok(None);
    }
    let parts: Vec<String> = text.split(PART).map(str::to_owned).collect();
    let parts = parts.try_into();
    parts
        .map(Some)
        .map_err(|_| Error::invalid("page_token", "belongs to another list; begin again without it"))
}

/// What happened to a posting.
pub(crate) async fn events(core: &Core, asked: pb::ListPostingEventsRequest) -> Result<pb::ListPostingEventsResponse> {
    let page = Page::ask(asked.page_size, &asked.page_token, &asked.key)?;
    let after: i64 = match page.after() {
        "" => 0,
        text => text.parse().map_err(Error::internal)?,
    };
    let (wanted, limit) = (asked.key.clone(), page.limit());
    let (posting, mut rows) = core
        .db
        .read(move |c| {
            let posting = both!(c, postings::get(&wanted))?;
            Ok((posting, both!(c, postings::events(&wanted, after, limit))?))
        })
        .await?;
    let posting = posting.ok_or_else(|| Error::not_found("posting", &asked.key))?;
    let next_page_token = page.cut(&mut rows, |row| row.sequence.to_string());
    Ok(pb::ListPostingEventsResponse {
        events: rows.into_iter().map(|row| event(row, &posting)).collect::<Result<_>>()?,
        next_page_token,
    })
}

fn event(row: PostingEventRow, posting: &PostingRow) -> Result<pb::PostingEvent> {
    let amount = match posting.currency_code.as_str() {
        "" => None,
        code => Some(pb_money(Money::new(posting.minor_units, Currency::parse(code)?))),
    };
    Ok(pb::PostingEvent {
        sequence: u64::try_from(row.sequence).unwrap_or_default(),
        key: row.posting_key,
        from_state: row.from_state,
        to_state: row.to_state,
        attempts: u32::try_from(row.attempts).unwrap_or_default(),
        lookup: row.lookup,
        reason: row.reason,
        event_time: Some(pb_instant(row.happened_at.and_utc())),
        posting_date: row.posting_date.map(pb_date),
        amount,
    })
}
