//! Sums under everything that may happen to them: facts that change in any order and are told of more than once, sums added up in
//! between or not, generations built meanwhile. What must come out is kept by the test beside it.

#![allow(clippy::unwrap_used)]

mod world;

use std::collections::BTreeMap;

use diesel::{RunQueryDsl, sql_query};
use strata_contract::strata::process::position::v1::{PositionFilter, PositionOrder};
use strata_store::{Conn, both};

use super::list::{Measure, list};
use super::{check, fold, kind, level, rebuild, touch};
use crate::core::Core;
use crate::store::rows_positions::PositionCell;
use crate::store::{lite, pg};
use world::{CONTRACTS, Dice, World, core, currency, now};

async fn settle(core: &Core) {
    while fold(core).await.unwrap() > 0 {}
}

async fn all(core: &Core) -> Vec<PositionCell> {
    let query = |c: &mut Conn<'_>| {
        let contracts: Vec<String> = (0..CONTRACTS).map(|contract| format!("CT-{contract}")).collect();
        let state = both!(c, positions::state())?.unwrap();
        let mut cells = both!(c, position_cells::of_contracts(state.generation, &contracts))?;
        cells.retain(|cell| !super::delta::is_nothing(cell));
        cells.iter_mut().for_each(|cell| cell.generation = 0);
        cells.sort_by_key(|cell| format!("{cell:?}"));
        Ok(cells)
    };
    core.db.read(query).await.unwrap()
}

fn agrees(world: &World, cells: &[PositionCell]) {
    for contract in 0..CONTRACTS {
        let number = format!("CT-{contract}");
        let own = cells
            .iter()
            .filter(|cell| cell.contract_number == number && cell.currency_code == currency(contract));
        let to_date = own.clone().filter(|cell| cell.period.is_empty());
        let figures = |level: &str| {
            let rows = to_date.clone().filter(|cell| cell.level == level);
            rows.fold((0, 0, 0, 0, 0), |sum, cell| {
                assert_eq!(cell.wip_minor, cell.earned_minor - cell.billed_minor);
                (
                    sum.0 + cell.unbilled_entries,
                    sum.1 + cell.unbilled_minor,
                    sum.2 + cell.earned_minor,
                    sum.3 + cell.billed_minor,
                    sum.4 + cell.cost_minor,
                )
            })
        };
        assert_eq!(figures(level::CONTRACT), world.of_contract(contract), "{number}");
        assert_eq!(figures(level::PROJECT), world.of_contract(contract), "projects of {number}");
        let months: i64 = own
            .filter(|cell| !cell.period.is_empty() && cell.level == level::CONTRACT)
            .map(|cell| cell.unbilled_minor)
            .sum();
        assert_eq!(months, world.of_contract(contract).1, "months of {number}");
    }
}

#[tokio::test]
async fn sums_are_what_the_facts_lead_to_whatever_happens_in_between() {
    for seed in 0..4 {
        let folder = tempfile::tempdir().unwrap();
        let core = core(folder.path()).await;
        let (mut world, mut dice) = (World::default(), Dice(seed));
        for _ in 0..150 {
            world.happen(&core, &mut dice).await;
            match dice.roll(12) {
                0 | 1 => settle(&core).await,
                2 => drop(fold(&core).await.unwrap()),
                3 => drop(rebuild(&core, "test").await.unwrap()),
                // Told of twice, and of something that is not there.
                4 => {
                    let again = |c: &mut Conn<'_>| touch(c, kind::TIME, &["0000".into(), "0001".into(), "nobody".into()], now());
                    core.db.write(again).await.unwrap();
                }
                _ => {}
            }
        }
        settle(&core).await;
        let cells = all(&core).await;
        agrees(&world, &cells);
        let found = check(&core).await.unwrap();
        assert_eq!((found.differing, found.pending), (0, 0), "seed {seed}: {found:?}");
        assert!(found.lines as usize >= world.entries.len() && found.cells as usize >= cells.len());
        rebuild(&core, "test").await.unwrap();
        settle(&core).await;
        assert_eq!(all(&core).await, cells, "seed {seed}: built anew it is the same");
    }
}

#[tokio::test]
async fn what_somebody_changes_beside_the_platform_is_found_and_not_mended() {
    let folder = tempfile::tempdir().unwrap();
    let core = core(folder.path()).await;
    let refused = list(&core, Measure::Unbilled, None, (0, "")).await.err().unwrap();
    assert_eq!(refused.reason, "POSITION_NOT_BUILT");
    assert_eq!(check(&core).await.unwrap_err().reason, "POSITION_NOT_BUILT");
    let (mut world, mut dice) = (World::default(), Dice(7));
    for _ in 0..40 {
        world.happen(&core, &mut dice).await;
    }
    settle(&core).await;
    let before = all(&core).await;
    for (statement, field) in [
        (
            "UPDATE position_cell SET unbilled_minor = unbilled_minor + 1 WHERE period = '' AND level = 'contract' AND contract_number = 'CT-1'",
            "unbilled",
        ),
        (
            "UPDATE position_line SET cost_minor = cost_minor + 1 WHERE line = '0003'",
            "line",
        ),
        ("DELETE FROM position_line WHERE kind = 'time' AND line = '0002'", "line"),
        ("DELETE FROM time_entry WHERE id = '0001'", "line"),
    ] {
        let run = move |c: &mut Conn<'_>| match c {
            Conn::Lite(c) => sql_query(statement).execute(*c).map_err(strata_store::db_error),
            Conn::Pg(c) => sql_query(statement).execute(*c).map_err(strata_store::db_error),
        };
        assert!(core.db.write(run).await.unwrap() > 0, "{statement}");
        let found = check(&core).await.unwrap();
        assert!(
            found.differences.iter().any(|difference| difference.field == field),
            "{statement}: {found:?}"
        );
        let again = check(&core).await.unwrap();
        assert_eq!(again, found, "nothing is mended by looking");
        let id = found.exception_id.clone();
        let state = move |c: &mut Conn<'_>| Ok(both!(c, exceptions::get(&id))?.map(|row| (row.state, row.cause)));
        assert_eq!(
            core.db.read(state).await.unwrap(),
            Some(("OPEN".into(), "POSITION_DIFFERS".into()))
        );
        rebuild(&core, "test").await.unwrap();
        settle(&core).await;
        let clean = check(&core).await.unwrap();
        assert_eq!((clean.differing, clean.exception_id.as_str()), (0, ""), "{statement}");
        let id = found.exception_id;
        let state = move |c: &mut Conn<'_>| Ok(both!(c, exceptions::get(&id))?.map(|row| row.state));
        assert_eq!(core.db.read(state).await.unwrap().as_deref(), Some("RESOLVED"));
        if !statement.contains("time_entry") {
            assert_eq!(all(&core).await, before, "{statement}");
        }
    }
}

#[tokio::test]
async fn pages_hold_each_position_once_in_order_and_totals_are_of_all_of_them() {
    let folder = tempfile::tempdir().unwrap();
    let core = core(folder.path()).await;
    let (mut world, mut dice) = (World::default(), Dice(11));
    for _ in 0..120 {
        world.happen(&core, &mut dice).await;
    }
    settle(&core).await;
    for measure in [Measure::Unbilled, Measure::Wip, Measure::Margin] {
        for smallest_first in [false, true] {
            let order = if smallest_first {
                PositionOrder::SmallestFirst
            } else {
                PositionOrder::LargestFirst
            };
            let filter = PositionFilter {
                order: order.into(),
                ..PositionFilter::default()
            };
            let whole = list(&core, measure, Some(filter.clone()), (1000, "")).await.unwrap();
            assert!(whole.cells.len() > 3 && whole.next_page_token.is_empty());
            let (mut token, mut cells) = (String::new(), Vec::new());
            loop {
                let page = list(&core, measure, Some(filter.clone()), (2, &token)).await.unwrap();
                assert_eq!(page.totals.is_empty(), !token.is_empty());
                cells.extend(page.cells);
                token = page.next_page_token;
                if token.is_empty() {
                    break;
                }
            }
            assert_eq!(cells, whole.cells);
            let amount = |cell: &PositionCell| match measure {
                Measure::Unbilled => cell.unbilled_minor,
                Measure::Wip => cell.wip_minor,
                Measure::Margin => cell.earned_minor,
            };
            let signed = |cell: &PositionCell| if smallest_first { amount(cell) } else { -amount(cell) };
            assert!(cells.is_sorted_by_key(|cell| (cell.currency_code.clone(), signed(cell))));
            let mut sums: BTreeMap<String, i64> = BTreeMap::new();
            for cell in &cells {
                *sums.entry(cell.currency_code.clone()).or_default() += amount(cell);
            }
            for (currency, total) in &whole.totals {
                let total = match measure {
                    Measure::Unbilled => total.unbilled_minor,
                    Measure::Wip => total.earned_not_billed - total.billed_not_earned,
                    Measure::Margin => total.earned_minor,
                };
                assert_eq!(total, sums[currency]);
            }
            let other = PositionFilter {
                customer_id: "cus_1".into(),
                ..filter
            };
            let some = list(&core, measure, Some(other), (1, "")).await.unwrap();
            assert!(some.cells.iter().all(|cell| cell.contract_number == "CT-1"));
            let moved = list(&core, Measure::Unbilled, None, (1, &some.next_page_token)).await.err();
            assert!(some.next_page_token.is_empty() || moved.unwrap().field == "page_token");
        }
    }
}
