//! Compares lines with their facts, and sums with their lines. What differs is told, and left as it is.

use std::collections::{BTreeMap, BTreeSet};

use strata_contract::strata::process::position::v1 as pb;
use strata_kernel::{Error, Instant, Result};
use strata_store::{Conn, both};

use super::delta::{self, Figures};
use super::{build, facts, fold, in_turn, kind, level, not_built, share};
use crate::core::Core;
use crate::engine::Problem;
use crate::exceptions::{self, Owner};
use crate::store::rows_positions::{OwnerRow, PositionCell};
use crate::store::{lite, pg};

/// Facts compared in a transaction.
const LINES: i64 = 500;
/// Contracts whose sums are compared in a transaction.
const CONTRACTS: i64 = 20;
/// Differences that are named.
const NAMED: usize = 100;

/// Compares everything that is shown. Facts that wait to be added up are left out, and counted.
pub(crate) async fn check(core: &Core) -> Result<pb::CheckPositionsResponse> {
    let state = core.db.read(|c| both!(c, positions::state())).await?;
    let generation = state.filter(|state| state.generation != 0).ok_or_else(not_built)?.generation;
    let mut answer = pb::CheckPositionsResponse::default();
    for kind in kind::ALL {
        let mut after = String::new();
        loop {
            let from = after.clone();
            let part = core.db.write(move |c| lines(c, generation, kind, &from)).await?;
            answer.lines += part.compared;
            answer.pending += part.pending;
            tell(&mut answer, part.differing);
            let Some(last) = part.last else { break };
            after = last;
        }
    }
    let mut after: Option<String> = None;
    loop {
        let from = after.clone();
        let part = core.db.write(move |c| cells(c, generation, from.as_deref())).await?;
        answer.cells += part.compared;
        tell(&mut answer, part.differing);
        let Some(last) = part.last else { break };
        after = Some(last);
    }
    let (now, found) = (core.now(), answer.clone());
    answer.exception_id = core.db.write(move |c| settle(c, &found, now)).await?;
    core.tell();
    Ok(answer)
}

/// What a part of the comparison came to. `last`: where the next part begins.
#[derive(Default)]
struct Part {
    compared: u64,
    pending: u64,
    differing: Vec<pb::PositionDifference>,
    last: Option<String>,
}

fn tell(answer: &mut pb::CheckPositionsResponse, differing: Vec<pb::PositionDifference>) {
    answer.differing += differing.len() as u64;
    let room = NAMED.saturating_sub(answer.differences.len());
    answer.differences.extend(differing.into_iter().take(room));
}

fn differs(name: String, field: &str) -> pb::PositionDifference {
    pb::PositionDifference {
        name,
        field: field.to_owned(),
    }
}

/// The next lines of a kind, those without a fact among them. Nothing is added up meanwhile: the transaction has its turn.
fn lines(conn: &mut Conn<'_>, generation: i64, kind: &str, after: &str) -> Result<Part> {
    in_turn(conn)?;
    shown(conn, generation)?;
    let facts = build::keys_after(conn, kind, after, LINES)?;
    let until = facts.last().cloned().unwrap_or_default();
    let known = both!(conn, positions::names(generation, kind, after, &until, LINES))?;
    // There may be more lines than fit: the next part begins behind those that were looked at.
    let is_full = i64::try_from(known.len()).is_ok_and(|len| len >= LINES);
    let last = if is_full || until.is_empty() {
        known.last().cloned()
    } else {
        Some(until)
    };
    let names: BTreeSet<String> = facts.into_iter().chain(known).collect();
    let names: Vec<String> = names
        .into_iter()
        .filter(|name| last.as_ref().is_none_or(|last| name <= last))
        .collect();
    // The facts first: whatever changes them after this has left its touch by then.
    let read = facts::read(conn, kind, &names)?;
    let waiting: BTreeSet<String> = both!(conn, positions::touched_among(kind, &names))?.into_iter().collect();
    let mut held: BTreeMap<String, Vec<_>> = BTreeMap::new();
    for line in both!(conn, positions::lines(generation, kind, &names))? {
        held.entry(line.line.clone()).or_default().push(line);
    }
    let mut part = Part { last, ..Part::default() };
    for name in &names {
        if waiting.contains(name) || read.waiting.contains(name) {
            part.pending += 1;
            continue;
        }
        part.compared += 1;
        let now = read.lines.get(name).cloned().unwrap_or_default();
        let now: Vec<_> = now
            .into_iter()
            .map(|line| crate::store::rows_positions::PositionLine { generation, ..line })
            .collect();
        let held = held.remove(name).unwrap_or_default();
        if !fold::same(&now, &held) {
            part.differing.push(differs(format!("{kind} {name}"), "line"));
        }
    }
    Ok(part)
}

/// Whether the generation is still the one that is shown.
fn shown(conn: &mut Conn<'_>, generation: i64) -> Result<()> {
    let state = both!(conn, positions::state())?;
    if state.is_some_and(|state| state.generation == generation) {
        return Ok(());
    }
    let text = "the sums were rebuilt while they were compared; check them again";
    Err(Error::new(strata_kernel::Kind::Aborted, "ETAG_MISMATCH", text))
}

/// Level, project, month and currency of a sum of a contract.
type Key = (String, String, String, String, String);

fn key(cell: &PositionCell) -> Key {
    (
        cell.level.clone(),
        cell.contract_number.clone(),
        cell.project_code.clone(),
        cell.period.clone(),
        cell.currency_code.clone(),
    )
}

/// The sums of the next contracts.
fn cells(conn: &mut Conn<'_>, generation: i64, after: Option<&str>) -> Result<Part> {
    in_turn(conn)?;
    shown(conn, generation)?;
    let contracts = both!(conn, position_cells::contracts(generation, after, CONTRACTS))?;
    let held = both!(conn, position_cells::of_contracts(generation, &contracts))?;
    let mut held: BTreeMap<Key, PositionCell> = held.into_iter().map(|cell| (key(&cell), cell)).collect();
    held.retain(|_, cell| !delta::is_nothing(cell));
    let mut expected = expected(conn, generation, &contracts)?;
    expected.retain(|_, cell| !delta::is_nothing(cell));
    let names: BTreeSet<Key> = held.keys().chain(expected.keys()).cloned().collect();
    let mut part = Part {
        compared: names.len() as u64,
        last: contracts.last().cloned(),
        ..Part::default()
    };
    for name in names {
        if let Some(field) = field(held.get(&name), expected.get(&name)) {
            let (level, contract, project, period, currency) = name;
            let of = if level == level::CONTRACT { contract } else { project };
            let period = if period.is_empty() { "to date".to_owned() } else { period };
            part.differing.push(differs(format!("{of} {period} {currency}"), field));
        }
    }
    Ok(part)
}

/// What the sums of contracts should be: their lines added up by the database, and revenue shared.
fn expected(conn: &mut Conn<'_>, generation: i64, contracts: &[String]) -> Result<BTreeMap<Key, PositionCell>> {
    let mut cells: BTreeMap<Key, PositionCell> = BTreeMap::new();
    let mut add = |(level, contract, project): (&str, &str, &str), period: &str, currency: &str, figures: &Figures| {
        let nobody = OwnerRow {
            id: String::new(),
            contract_number: contract.to_owned(),
            engagement_id: String::new(),
            customer_id: String::new(),
            legal_entity_code: String::new(),
            lead_project_code: String::new(),
        };
        for period in [period, ""] {
            let cell = delta::empty(generation, &nobody, level, project, (period, currency));
            delta::add_to(cells.entry(key(&cell)).or_insert(cell), figures)?;
        }
        Ok::<_, Error>(())
    };
    for ((kind, contract, project, period, currency, cost_currency), sums) in
        both!(conn, position_cells::summed_lines(generation, contracts))?
    {
        let own = Figures {
            unbilled_entries: sums.0,
            unbilled_minutes: sums.1,
            unbilled_minor: sums.2,
            value_minor: sums.3,
            earned_minor: sums.4,
            billed_minor: sums.5,
            ..Figures::default()
        };
        let cost = Figures {
            cost_minutes: sums.6,
            cost_minor: sums.7,
            ..Figures::default()
        };
        for (currency, figures) in [(&currency, own), (&cost_currency, cost)] {
            if kind != kind::REVENUE {
                add((level::PROJECT, &contract, &project), &period, currency, &figures)?;
            }
            if !contract.is_empty() {
                add((level::CONTRACT, &contract, ""), &period, currency, &figures)?;
            }
        }
    }
    let leads: BTreeMap<String, String> = both!(conn, positions::leads(contracts))?.into_iter().collect();
    let whole: Vec<PositionCell> = cells.values().filter(|cell| cell.level == level::CONTRACT).cloned().collect();
    let projects: Vec<PositionCell> = cells.values().filter(|cell| cell.level == level::PROJECT).cloned().collect();
    for sum in whole.iter().filter(|sum| !sum.period.is_empty() && sum.earned_minor != 0) {
        let of_month = |cell: &&PositionCell| cell.contract_number == sum.contract_number && cell.period == sum.period;
        let month: Vec<PositionCell> = projects.iter().filter(of_month).cloned().collect();
        let lead = leads.get(&sum.contract_number).map(String::as_str).unwrap_or_default();
        for (project, earned_minor) in share::shares(sum.earned_minor, &sum.currency_code, &month, lead)? {
            let figures = Figures {
                earned_minor,
                ..Figures::default()
            };
            let nobody = OwnerRow {
                id: String::new(),
                contract_number: sum.contract_number.clone(),
                engagement_id: String::new(),
                customer_id: String::new(),
                legal_entity_code: String::new(),
                lead_project_code: String::new(),
            };
            for period in [sum.period.as_str(), ""] {
                let cell = delta::empty(generation, &nobody, level::PROJECT, project, (period, &sum.currency_code));
                delta::add_to(cells.entry(key(&cell)).or_insert(cell), &figures)?;
            }
        }
    }
    Ok(cells)
}

/// The first figure in which two sums differ.
fn field(held: Option<&PositionCell>, expected: Option<&PositionCell>) -> Option<&'static str> {
    let figures = |cell: Option<&PositionCell>| {
        let cell = cell?;
        Some([
            ("unbilled_entries", cell.unbilled_entries),
            ("unbilled_minutes", cell.unbilled_minutes),
            ("unbilled", cell.unbilled_minor),
            ("value", cell.value_minor),
            ("earned", cell.earned_minor),
            ("billed", cell.billed_minor),
            ("earned_less_billed", cell.wip_minor),
            ("minutes", cell.cost_minutes),
            ("cost", cell.cost_minor),
        ])
    };
    match (figures(held), figures(expected)) {
        (Some(held), Some(expected)) => held.iter().zip(&expected).find(|(a, b)| a != b).map(|(a, _)| a.0),
        (None, None) => None,
        _ => Some("missing"),
    }
}

/// Opens the exception of sums that differ, or resolves the one of before, in the caller's transaction. Returns the id of the open one.
fn settle(conn: &mut Conn<'_>, found: &pb::CheckPositionsResponse, now: Instant) -> Result<String> {
    let some: Vec<&str> = found
        .differences
        .iter()
        .take(3)
        .map(|difference| difference.name.as_str())
        .collect();
    let text = format!(
        "{} of {} lines and {} sums are not what the facts lead to, as {}; find out what changed them, then rebuild the sums",
        found.differing,
        found.lines,
        found.cells,
        some.join(", ")
    );
    let problem = Problem::new("POSITION_DIFFERS", "positions", "positions", Owner::Integration, text);
    if found.differing == 0 {
        exceptions::resolve(conn, &problem.exception_id(), now)?;
        return Ok(String::new());
    }
    let (id, _, _) = exceptions::open(conn, &problem, "", now)?;
    Ok(id)
}
