//! Adds up again what changed, some hundred facts in a transaction.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use strata_kernel::Result;
use strata_store::{Conn, both};
use tracing::warn;

use super::delta::Deltas;
use super::facts::{self, Read};
use super::{build, in_turn, kind, owners, touch};
use crate::core::Core;
use crate::store::rows_positions::{OwnerRow, PositionLine, StateRow};
use crate::store::{lite, pg};

/// Touches in a transaction.
const BATCH: i64 = 500;
/// Transactions in a pass: others want to work too.
const MOST: usize = 20;
/// Pause between two looks of a server that keeps its sums fresh.
const PAUSE: Duration = Duration::from_millis(500);
/// The same after a failure: what others have to mend is not mended sooner by asking.
const LONG_PAUSE: Duration = Duration::from_secs(5);

/// A touch: number, kind and line.
type Touch = (i64, String, String);

/// Adds up what was touched, and goes on with a generation that is being built. Returns how much was done: 0 means that nothing is left.
pub(crate) async fn fold(core: &Core) -> Result<u64> {
    let mut done = 0;
    for _ in 0..MOST {
        let some = touched(core).await? + build::step(core).await?;
        if some == 0 {
            break;
        }
        done += some;
    }
    Ok(done)
}

/// Adds up all the time, beside the passes: a pass may wait for a vendor, and whoever reads a sum should not. Several servers may do so;
/// their transactions take turns.
pub(crate) async fn keep_fresh(core: &Core) {
    loop {
        let pause = match fold(core).await {
            Ok(_) => PAUSE,
            Err(error) => {
                // The pass tells who has to mend it.
                warn!(%error, "sums cannot be added up now");
                LONG_PAUSE
            }
        };
        tokio::time::sleep(pause).await;
    }
}

async fn touched(core: &Core) -> Result<u64> {
    let touches = core.db.read(|c| both!(c, positions::touches(BATCH))).await?;
    if touches.is_empty() {
        return Ok(0);
    }
    let now = core.now();
    let (done, missing) = core
        .db
        .write(move |c| {
            in_turn(c)?;
            // Another server may have added some of them up meanwhile.
            let sequences: Vec<i64> = touches.iter().map(|touch| touch.0).collect();
            let touches = both!(c, positions::waiting(&sequences))?;
            let Some(state) = both!(c, positions::state())? else {
                // Nothing is built yet: whoever begins to build goes through all facts.
                both!(c, positions::untouch(&sequences))?;
                return Ok((0, BTreeSet::new()));
            };
            let (mut done, mut booked, mut missing) = (Vec::new(), Vec::new(), BTreeSet::new());
            for (kind, keys) in by_kind(&touches) {
                let mut read = facts::read(c, kind, &keys)?;
                missing.append(&mut read.missing);
                let added = touches
                    .iter()
                    .filter(|(_, of, line)| of == kind && !read.waiting.contains(line));
                done.extend(added.map(|touch| touch.0));
                booked.extend(apply(c, &state, kind, &read)?);
            }
            // The time on a document that came into the books, or left them, is added up next.
            touch(c, kind::TIME, &booked, now)?;
            both!(c, positions::untouch(&done))?;
            Ok((done.len() as u64, missing))
        })
        .await?;
    Ok(done + owners::introduce(core, missing).await?)
}

/// Each touched fact once.
fn by_kind(touches: &[Touch]) -> BTreeMap<&str, Vec<String>> {
    let mut found: BTreeMap<&str, BTreeSet<&String>> = BTreeMap::new();
    for (_, kind, line) in touches {
        found.entry(kind).or_default().insert(line);
    }
    let keys = |keys: BTreeSet<&String>| keys.into_iter().cloned().collect();
    found.into_iter().map(|(kind, lines)| (kind, keys(lines))).collect()
}

/// Puts what facts add now in the place of what they added before, in every generation there is, in the caller's transaction. Returns
/// the time entries on documents whose state changed.
pub(super) fn apply(conn: &mut Conn<'_>, state: &StateRow, kind: &str, read: &Read) -> Result<Vec<String>> {
    let mut booked = Vec::new();
    for generation in [state.generation, state.building] {
        if generation != 0 {
            let changed = apply_to(conn, generation, kind, read)?;
            booked.extend(changed);
        }
    }
    booked.sort();
    booked.dedup();
    if kind != kind::DOCUMENT {
        return Ok(Vec::new());
    }
    let mut entries = BTreeSet::new();
    for key in &booked {
        let lines = both!(conn, documents::lines(key))?;
        entries.extend(
            lines
                .iter()
                .filter_map(|line| line.source.strip_prefix("time:"))
                .map(str::to_owned),
        );
    }
    Ok(entries.into_iter().collect())
}

/// The same in one generation. Returns the lines whose state changed.
pub(super) fn apply_to(conn: &mut Conn<'_>, generation: i64, kind: &str, read: &Read) -> Result<Vec<String>> {
    let keys: Vec<String> = read.lines.keys().cloned().collect();
    let mut held: BTreeMap<String, Vec<PositionLine>> = BTreeMap::new();
    for some in keys.chunks(500) {
        for line in both!(conn, positions::lines(generation, kind, some))? {
            held.entry(line.line.clone()).or_default().push(line);
        }
    }
    let (mut gone, mut new, mut other_state) = (Vec::new(), Vec::new(), Vec::new());
    for (key, now) in &read.lines {
        let now: Vec<PositionLine> = now.iter().cloned().map(|line| PositionLine { generation, ..line }).collect();
        let before = held.remove(key).unwrap_or_default();
        if same(&before, &now) {
            continue;
        }
        if before.first().map(|line| &line.state) != now.first().map(|line| &line.state) {
            other_state.push(key.clone());
        }
        gone.extend(before);
        new.extend(now);
    }
    let mut deltas = Deltas::new(generation, known(conn, gone.iter().chain(&new))?);
    gone.iter().try_for_each(|line| deltas.take(line))?;
    new.iter().try_for_each(|line| deltas.put(line))?;
    let names: BTreeSet<&String> = gone.iter().map(|line| &line.line).collect();
    let names: Vec<String> = names.into_iter().cloned().collect();
    for some in names.chunks(500) {
        both!(conn, positions::forget(generation, kind, some))?;
    }
    both!(conn, positions::remember(&new))?;
    deltas.store(conn)?;
    Ok(other_state)
}

/// Whether lines are the same, in whatever order.
pub(super) fn same(a: &[PositionLine], b: &[PositionLine]) -> bool {
    a.len() == b.len() && a.iter().all(|line| b.contains(line))
}

/// Whose lines are.
fn known<'a>(conn: &mut Conn<'_>, lines: impl Iterator<Item = &'a PositionLine>) -> Result<Vec<OwnerRow>> {
    let ids: BTreeSet<&String> = lines.map(|line| &line.owner_id).collect();
    let ids: Vec<String> = ids.into_iter().cloned().collect();
    let mut rows = Vec::new();
    for some in ids.chunks(500) {
        rows.extend(both!(conn, positions::owners(some))?);
    }
    Ok(rows)
}
