//! Choosing what is delivered again: planned and frozen first, carried out by [`crate::carry_out`].

use std::sync::Arc;

use strata_kernel::{Error, Instant, Result, derive_id, digest};
use strata_store::{Conn, both, in_turn};

use crate::dead_letter::filter_of;
use crate::rows::{DeadRow, ItemRow, PlanRow, Window};
use crate::store::{lite, pg};
use crate::{Bus, Consumer, State, Which};

/// Items of one plan. What is beyond them is the next plan's.
const MOST: usize = 1000;
pub(crate) const REDRIVE: &str = "REDRIVE";
pub(crate) const REPLAY: &str = "REPLAY";

/// Which published events a consumer shall see again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The consumer.
    pub consumer: String,
    /// Events that happened at this time or later.
    pub from: Instant,
    /// Events that happened before this time.
    pub to: Instant,
    /// Kinds. Empty: all that the consumer takes.
    pub kinds: Vec<String>,
    /// Also those that the consumer has handled.
    pub forced: bool,
    /// Only behind this place in the outbox: where the plan before ended. 0: from the beginning.
    pub after: i64,
}

/// What became of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The consumer took it now.
    Taken,
    /// The consumer had taken it before: nothing was done.
    Known,
    /// It was refused again.
    Failed,
    /// Not tried: an earlier one of its ordering key failed.
    Held,
    /// It is no longer what it was when it was planned.
    Skipped,
}

/// One event of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Dead letter of a redrive, event of a replay.
    pub object_id: String,
    /// Event.
    pub event_id: String,
    /// Kind of the event.
    pub kind: String,
    /// What it is about.
    pub subject: String,
    /// None: not carried out yet.
    pub outcome: Option<Outcome>,
    /// Why, when it was not taken.
    pub message: String,
}

/// What is going to be delivered again, frozen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Token under which it is carried out.
    pub id: String,
    /// Items in the order of delivery.
    pub items: Vec<Item>,
    /// There is more than one plan takes. Of a replay the place after which the next plan begins.
    pub next: i64,
}

impl Bus {
    /// Names of the consumers.
    pub fn consumer_names(&self) -> Vec<&'static str> {
        self.desk.consumers().iter().map(|consumer| consumer.name()).collect()
    }

    /// Plans to deliver dead letters again. The same request makes the same plan.
    ///
    /// # Errors
    /// When a letter that is named is none, or the request made another plan before.
    pub async fn plan_redrive(&self, request_id: &str, which: &Which) -> Result<Plan> {
        let asked = digest(format!("{REDRIVE}{which:?}").as_bytes());
        let id = derive_id("epl", &[REDRIVE, request_id]);
        let filter = filter_of(&Which {
            state: Some(State::Dead),
            ..which.clone()
        });
        let (named, now) = (which.ids.clone(), self.desk.clock.now());
        self.desk
            .db
            .write(move |c| {
                if let Some(plan) = repeated(c, &id, &asked)? {
                    return Ok(plan);
                }
                let mut rows = both!(c, dead::list(&filter, "", i64::try_from(MOST).unwrap_or(i64::MAX) + 1))?;
                if let Some(missing) = named.iter().find(|id| rows.iter().all(|row| row.id != **id)) {
                    return Err(Error::not_found("dead letter that is not redriven yet", missing).at("ids"));
                }
                let more = rows.len() > MOST;
                rows.truncate(MOST);
                // As near as it gets to the order in which they happened.
                rows.sort_by(|a, b| (a.happened_at, &a.event_id).cmp(&(b.happened_at, &b.event_id)));
                let of = |row: DeadRow| (row.id, row.event_id, row.kind, row.subject);
                let plan = PlanRow {
                    id: id.clone(),
                    kind: REDRIVE.to_owned(),
                    consumer: String::new(),
                    forced: false,
                    asked: asked.clone(),
                    next_sequence: i64::from(more),
                    made_at: now.naive_utc(),
                    request_id: String::new(),
                };
                store(c, &plan, rows.into_iter().map(of))
            })
            .await
    }

    /// Plans to show published events to a consumer again. The same request makes the same plan.
    ///
    /// # Errors
    /// When there is no such consumer, it may not be forced, or the request made another plan before.
    pub async fn plan_replay(&self, request_id: &str, ask: &Asked) -> Result<Plan> {
        let consumer = self.known(&ask.consumer)?;
        if ask.forced && !consumer.is_idempotent() {
            let text = format!("{} may not see an event twice; replay without force", ask.consumer);
            return Err(Error::precondition("UNSUPPORTED_OPERATION", text).at("force"));
        }
        let asked = digest(format!("{REPLAY}{ask:?}").as_bytes());
        let id = derive_id("epl", &[REPLAY, request_id]);
        let now = self.desk.clock.now();
        let kinds = if ask.kinds.is_empty() {
            all_of(consumer)
        } else {
            ask.kinds.clone()
        };
        let window = Window {
            from: ask.from.naive_utc(),
            to: ask.to.naive_utc(),
            kinds,
        };
        let ask = ask.clone();
        self.desk
            .db
            .write(move |c| {
                if let Some(plan) = repeated(c, &id, &asked)? {
                    return Ok(plan);
                }
                let limit = i64::try_from(MOST).unwrap_or(i64::MAX) + 1;
                let mut rows = both!(c, outbox::published(&window, ask.after, limit))?;
                let more = rows.len() > MOST;
                rows.truncate(MOST);
                let last = rows.last().map_or(0, |(sequence, ..)| *sequence);
                let plan = PlanRow {
                    id: id.clone(),
                    kind: REPLAY.to_owned(),
                    consumer: ask.consumer.clone(),
                    forced: ask.forced,
                    asked: asked.clone(),
                    next_sequence: if more { last } else { 0 },
                    made_at: now.naive_utc(),
                    request_id: String::new(),
                };
                store(
                    c,
                    &plan,
                    rows.into_iter().map(|(_, id, kind, subject)| (id.clone(), id, kind, subject)),
                )
            })
            .await
    }

    pub(crate) fn known(&self, consumer: &str) -> Result<&Arc<dyn Consumer>> {
        self.desk.consumer(consumer).ok_or_else(|| {
            let text = format!(
                "there is no consumer \"{consumer}\"; there are {}",
                self.consumer_names().join(", ")
            );
            Error {
                message: text,
                ..Error::not_found("consumer", consumer)
            }
            .at("consumer")
        })
    }
}

/// Kinds that a consumer takes.
fn all_of(consumer: &Arc<dyn Consumer>) -> Vec<String> {
    let kinds = consumer
        .takes()
        .iter()
        .flat_map(|taken| taken.versions.iter().map(|version| format!("{}.v{version}", taken.name)));
    kinds.collect()
}

/// The plan that a request made before. Another request under the same id is refused.
fn repeated(conn: &mut Conn<'_>, id: &str, asked: &str) -> Result<Option<Plan>> {
    in_turn(conn, "request", id)?;
    let Some(plan) = both!(conn, plans::get(id))? else {
        return Ok(None);
    };
    if plan.asked != asked {
        let text = "the request made another plan before; use a new id";
        return Err(Error::conflict(&plan.asked, asked, text).at("request_id"));
    }
    show(conn, &plan).map(Some)
}

fn store(conn: &mut Conn<'_>, plan: &PlanRow, rows: impl Iterator<Item = (String, String, String, String)>) -> Result<Plan> {
    let items: Vec<ItemRow> = rows
        .zip(0..)
        .map(|((object_id, event_id, kind, subject), position)| ItemRow {
            plan_id: plan.id.clone(),
            position,
            object_id,
            event_id,
            kind,
            subject,
            outcome: String::new(),
            message: String::new(),
        })
        .collect();
    both!(conn, plans::insert(plan, &items))?;
    show(conn, plan)
}

pub(crate) fn show(conn: &mut Conn<'_>, plan: &PlanRow) -> Result<Plan> {
    let items = both!(conn, plans::items(&plan.id))?;
    Ok(Plan {
        id: plan.id.clone(),
        next: plan.next_sequence,
        items: items.into_iter().map(item_of).collect(),
    })
}

fn item_of(row: ItemRow) -> Item {
    Item {
        object_id: row.object_id,
        event_id: row.event_id,
        kind: row.kind,
        subject: row.subject,
        outcome: [
            Outcome::Taken,
            Outcome::Known,
            Outcome::Failed,
            Outcome::Held,
            Outcome::Skipped,
        ]
        .into_iter()
        .find(|outcome| word(*outcome) == row.outcome),
        message: row.message,
    }
}

pub(crate) fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Taken => "TAKEN",
        Outcome::Known => "KNOWN",
        Outcome::Failed => "FAILED",
        Outcome::Held => "HELD",
        Outcome::Skipped => "SKIPPED",
    }
}
