//! Shows the sums, and how fresh they are.

use chrono::NaiveDateTime;
use strata_contract::pb_instant;
use strata_contract::strata::process::position::v1 as pb;
use strata_kernel::{Error, Instant, Result};
use strata_rpc::page::Page;
use strata_store::{Conn, both};

use super::{level, not_built};
use crate::core::Core;
use crate::store::rows_positions::PositionCell;
use crate::store::{lite, pg};

/// Changes that are counted one by one.
const COUNTED: i64 = 1000;

/// What is listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Measure {
    Unbilled,
    Wip,
    Margin,
}

/// Which sums are meant. What is empty does not filter, but for the month: empty is to date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CellFilter {
    pub(crate) level: String,
    pub(crate) smallest_first: bool,
    pub(crate) contract_number: String,
    pub(crate) project_code: String,
    pub(crate) legal_entity_code: String,
    pub(crate) customer_id: String,
    pub(crate) period: String,
    pub(crate) currency_code: String,
}

impl CellFilter {
    pub(crate) fn of(asked: pb::PositionFilter) -> Self {
        let level = match asked.level() {
            pb::PositionLevel::Contract => level::CONTRACT,
            pb::PositionLevel::Project | pb::PositionLevel::Unspecified => level::PROJECT,
        };
        Self {
            level: level.to_owned(),
            smallest_first: asked.order() == pb::PositionOrder::SmallestFirst,
            contract_number: asked.contract_number,
            project_code: asked.project_code,
            legal_entity_code: asked.legal_entity_code,
            customer_id: asked.customer_id,
            period: asked.period,
            currency_code: asked.currency_code,
        }
    }
}

/// Where a page begins: behind a sum.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct After {
    pub(crate) currency_code: String,
    pub(crate) minor_units: i64,
    pub(crate) contract_number: String,
    pub(crate) project_code: String,
}

impl After {
    fn read(key: &str) -> Result<Option<Self>> {
        if key.is_empty() {
            return Ok(None);
        }
        let other = || Error::invalid("page_token", "belongs to another version; begin again without it");
        serde_json::from_str(key)
            .map(|(currency_code, minor_units, contract_number, project_code)| {
                Some(Self {
                    currency_code,
                    minor_units,
                    contract_number,
                    project_code,
                })
            })
            .map_err(|_| other())
    }

    fn write(measure: Measure, cell: &PositionCell) -> String {
        let amount = match measure {
            Measure::Unbilled => cell.unbilled_minor,
            Measure::Wip => cell.wip_minor,
            Measure::Margin => cell.earned_minor,
        };
        serde_json::json!([cell.currency_code, amount, cell.contract_number, cell.project_code]).to_string()
    }
}

/// Sums over everything that a filter lets through, in one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Sums {
    pub(crate) unbilled_entries: i64,
    pub(crate) unbilled_minutes: i64,
    pub(crate) unbilled_minor: i64,
    pub(crate) earned_minor: i64,
    pub(crate) billed_minor: i64,
    pub(crate) earned_not_billed: i64,
    pub(crate) billed_not_earned: i64,
    pub(crate) cost_minutes: i64,
    pub(crate) cost_minor: i64,
}

/// A page of sums.
pub(crate) struct Listed {
    pub(crate) cells: Vec<PositionCell>,
    pub(crate) next_page_token: String,
    /// By currency. On the first page only.
    pub(crate) totals: Vec<(String, Sums)>,
    pub(crate) freshness: pb::Freshness,
}

/// A page of what a filter lets through. `POSITION_NOT_BUILT` before anything is added up.
pub(crate) async fn list(
    core: &Core,
    measure: Measure,
    filter: Option<pb::PositionFilter>,
    (page_size, page_token): (i32, &str),
) -> Result<Listed> {
    let filter = CellFilter::of(filter.unwrap_or_default());
    let page = Page::ask(page_size, page_token, &format!("{measure:?} {filter:?}"))?;
    let (after, limit, now) = (After::read(page.after())?, page.limit(), core.now());
    let read = core.db.read(move |c| {
        // The freshness first: what is read after it is as fresh, or fresher.
        let freshness = fresh(c, now)?;
        let cells = both!(c, position_cells::list(measure, &filter, after.as_ref(), limit))?;
        let totals = if after.is_none() {
            both!(c, position_cells::totals(measure, &filter))?
        } else {
            Vec::new()
        };
        Ok((freshness, cells, totals))
    });
    let (freshness, mut cells, totals) = read.await?;
    let next_page_token = page.cut(&mut cells, |cell| After::write(measure, cell));
    Ok(Listed {
        cells,
        next_page_token,
        totals,
        freshness,
    })
}

/// How fresh sums are, if there are any.
fn fresh(conn: &mut Conn<'_>, now: Instant) -> Result<pb::Freshness> {
    let state = both!(conn, positions::state())?;
    if state.is_none_or(|state| state.generation == 0) {
        return Err(not_built());
    }
    let (since, pending) = both!(conn, positions::lag(COUNTED))?;
    Ok(freshness(since, pending, now))
}

/// Everything until the oldest change that waits is added up.
fn freshness(since: Option<NaiveDateTime>, pending: usize, now: Instant) -> pb::Freshness {
    let as_of = since.map_or(now, |since| since.and_utc().min(now));
    pb::Freshness {
        as_of_time: Some(pb_instant(as_of)),
        lag_seconds: u64::try_from((now - as_of).num_seconds()).unwrap_or_default(),
        pending: u32::try_from(pending).unwrap_or(u32::MAX),
    }
}

/// How the sums stand.
pub(crate) async fn status(core: &Core) -> Result<pb::GetPositionStatusResponse> {
    let now = core.now();
    let read = core
        .db
        .read(|c| Ok((both!(c, positions::state())?, both!(c, positions::lag(COUNTED))?)));
    let (state, (since, pending)) = read.await?;
    let Some(state) = state else {
        return Ok(pb::GetPositionStatusResponse {
            freshness: Some(freshness(since, pending, now)),
            ..pb::GetPositionStatusResponse::default()
        });
    };
    Ok(pb::GetPositionStatusResponse {
        generation: u64::try_from(state.generation).map_err(Error::internal)?,
        building: u64::try_from(state.building).map_err(Error::internal)?,
        built_time: state.built_at.map(|at| pb_instant(at.and_utc())),
        freshness: Some(freshness(since, pending, now)),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn an_answer_is_as_old_as_the_oldest_change_that_waits() {
        let now: Instant = "2025-03-05T18:00:00Z".parse().unwrap();
        let since = |text: &str| Some(text.parse::<Instant>().unwrap().naive_utc());
        assert_eq!(freshness(None, 0, now).lag_seconds, 0);
        let late = freshness(since("2025-03-05T17:59:18Z"), 7, now);
        assert_eq!((late.lag_seconds, late.pending), (42, 7));
        // The clock of another server may be ahead of ours.
        assert_eq!(freshness(since("2025-03-05T18:00:09Z"), 1, now).lag_seconds, 0);
    }

    #[test]
    fn a_place_is_read_as_it_was_written() {
        assert_eq!(After::read("").unwrap(), None);
        assert_eq!(After::read("[1]").unwrap_err().field, "page_token");
        let after = After::read(r#"["USD",-5,"CT-1",""]"#).unwrap().unwrap();
        assert_eq!((after.currency_code.as_str(), after.minor_units), ("USD", -5));
    }
}
