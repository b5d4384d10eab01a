//! Builds a generation by going through all facts, beside the one that is shown. Facts that change meanwhile are added up in both, so
//! it does not matter whether the way has passed them already.

use std::collections::BTreeSet;

use strata_kernel::{Error, Result};
use strata_store::{Conn, both};
use tracing::info;

use super::{facts, fold, in_turn, kind, owners};
use crate::core::Core;
use crate::store::rows_positions::StateRow;
use crate::store::{lite, pg};

/// Rows of an old generation that are taken away in a transaction.
const SWEPT: i64 = 2000;

/// Facts in a transaction. A document may have many lines.
fn batch(kind: &str) -> i64 {
    if kind == kind::DOCUMENT { 20 } else { 500 }
}

/// One step of what is to be done: takes some of an old generation away, or adds some facts to the one that is being built. Returns how
/// much was done.
pub(super) async fn step(core: &Core) -> Result<u64> {
    let state = core.db.read(|c| both!(c, positions::state())).await?;
    match state {
        None => begin(core).await.map(|_| 1),
        Some(state) if state.building != 0 => walk(core, state).await,
        Some(state) => sweep(core, state.generation).await,
    }
}

/// Keys of facts behind one.
pub(super) fn keys_after(conn: &mut Conn<'_>, kind: &str, after: &str, limit: i64) -> Result<Vec<String>> {
    match kind {
        kind::TIME => both!(conn, positions::time_after(after, limit)),
        kind::DOCUMENT => both!(conn, positions::documents_after(after, limit)),
        _ => both!(conn, positions::revenue_after(after, limit)),
    }
}

/// Begins to build a generation, unless one is being built. Returns which.
async fn begin(core: &Core) -> Result<i64> {
    core.db
        .write(|c| {
            in_turn(c)?;
            let held = both!(c, positions::state())?;
            if let Some(state) = held.as_ref().filter(|state| state.building != 0) {
                return Ok(state.building);
            }
            let shown = held.as_ref().map_or(0, |state| state.generation);
            let state = StateRow {
                name: String::new(),
                generation: shown,
                building: shown + 1,
                kind: kind::TIME.to_owned(),
                after: String::new(),
                built_at: held.and_then(|state| state.built_at),
            };
            both!(c, positions::put_state(&state))?;
            Ok(state.building)
        })
        .await
}

/// Begins to add everything up anew, or joins whoever does. Returns the generation that is being built.
pub(crate) async fn rebuild(core: &Core, reason: &str) -> Result<u64> {
    let building = begin(core).await?;
    info!(building, reason, "sums are added up anew");
    u64::try_from(building).map_err(Error::internal)
}

/// Adds facts to the generation that is being built. Behind the last of them it takes the place of the one that is shown.
async fn walk(core: &Core, before: StateRow) -> Result<u64> {
    let now = core.now();
    let (shown, missing) = core
        .db
        .write(move |c| {
            in_turn(c)?;
            // Another server may have taken the same step.
            if both!(c, positions::state())?.as_ref() != Some(&before) {
                return Ok((None, BTreeSet::new()));
            }
            let keys = keys_after(c, &before.kind, &before.after, batch(&before.kind))?;
            let read = facts::read(c, &before.kind, &keys)?;
            if !read.waiting.is_empty() {
                return Ok((None, read.missing));
            }
            fold::apply_to(c, before.building, &before.kind, &read)?;
            let later = kind::ALL.iter().skip_while(|kind| **kind != before.kind).nth(1);
            let state = match (keys.last(), later) {
                (Some(last), _) => StateRow {
                    after: last.clone(),
                    ..before.clone()
                },
                (None, Some(kind)) => StateRow {
                    kind: (*kind).to_owned(),
                    after: String::new(),
                    ..before.clone()
                },
                (None, None) => StateRow {
                    generation: before.building,
                    building: 0,
                    built_at: Some(now.naive_utc()),
                    ..before.clone()
                },
            };
            both!(c, positions::put_state(&state))?;
            Ok(((state.building == 0).then_some(state.generation), BTreeSet::new()))
        })
        .await?;
    if let Some(generation) = shown {
        info!(generation, "sums are added up from the facts, and shown");
    }
    owners::introduce(core, missing).await?;
    Ok(1)
}

/// Takes some of the generations before the one that is shown away.
async fn sweep(core: &Core, generation: i64) -> Result<u64> {
    let stale = core.db.read(move |c| {
        let oldest = both!(c, position_cells::oldest())?;
        Ok(oldest.is_some_and(|oldest| oldest < generation))
    });
    if !stale.await? {
        return Ok(0);
    }
    core.db
        .write(move |c| {
            in_turn(c)?;
            let lines = both!(c, positions::forget_before(generation, SWEPT))?;
            let cells = if lines == 0 {
                both!(c, position_cells::forget_before(generation, SWEPT))?
            } else {
                0
            };
            Ok((lines + cells) as u64)
        })
        .await
}
