//! Looking at dead letters, and delivering again what a person chose: planned first, then carried out exactly as planned.

use std::collections::HashSet;
use std::sync::Arc;

use strata_kernel::{Error, Instant, Result, derive_id, digest};
use strata_store::{Conn, both};

use crate::consumer::{Consumer, Fit, fit};
use crate::desk::handle;
use crate::letter::{self, RELAY, Try, state};
use crate::rows::{DeadRow, Filter, ItemRow, OutboxRow, PlanRow, Window};
use crate::store::{lite, pg};
use crate::{Bus, Event};

/// Items of one plan. What is beyond them is the next plan's.
const MOST: usize = 1000;
const REDRIVE: &str = "REDRIVE";
const REPLAY: &str = "REPLAY";

/// State of a dead letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Not dead yet: it is tried again by itself, and holds back its key.
    Retrying,
    /// Given up. A person decides.
    Dead,
    /// Taken after all.
    Redriven,
}

/// An event that a consumer could not take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    /// Follows from event and consumer.
    pub id: String,
    /// Who could not take it. [`RELAY`]: the row of the outbox itself cannot be read.
    pub consumer: String,
    /// State.
    pub state: State,
    /// Reason of the last try.
    pub reason: String,
    /// The last try in words.
    pub message: String,
    /// Tries that failed, those not counted that failed for a temporary reason.
    pub tries: u32,
    /// Every try, oldest first; of very many the middle is left out.
    pub history: Vec<Try>,
    /// First failure, on the machine's clock.
    pub first: Instant,
    /// Last failure, or when it was taken after all.
    pub last: Instant,
    /// The event itself.
    pub event: Event,
}

/// Which dead letters. What is empty does not choose.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Which {
    /// In this state.
    pub state: Option<State>,
    /// Of this consumer.
    pub consumer: String,
    /// Of this kind of event.
    pub kind: String,
    /// Of this reason.
    pub reason: String,
    /// These ones.
    pub ids: Vec<String>,
}

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

    /// Dead letters by id, after one.
    ///
    /// # Errors
    /// When the database cannot be used.
    pub async fn dead_letters(&self, which: &Which, after: &str, limit: i64) -> Result<Vec<DeadLetter>> {
        let (filter, after) = (filter_of(which), after.to_owned());
        let rows = self
            .desk
            .db
            .read(move |c| both!(c, dead::list(&filter, &after, limit)))
            .await?;
        Ok(rows.into_iter().map(letter_of).collect())
    }

    /// One dead letter.
    ///
    /// # Errors
    /// NOT_FOUND when there is none.
    pub async fn dead_letter(&self, id: &str) -> Result<DeadLetter> {
        let own = id.to_owned();
        let row = self.desk.db.read(move |c| both!(c, dead::get(&own))).await?;
        row.map(letter_of).ok_or_else(|| Error::not_found("dead letter", id))
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
                    id,
                    kind: REDRIVE.to_owned(),
                    consumer: String::new(),
                    forced: false,
                    asked,
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
                    id,
                    kind: REPLAY.to_owned(),
                    consumer: ask.consumer,
                    forced: ask.forced,
                    asked,
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

    /// Delivers the dead letters of a plan again. A repeat goes on where it stopped, and changes nothing that was done.
    ///
    /// # Errors
    /// When there is no such plan, or another request carried it out.
    pub async fn redrive(&self, plan_id: &str, request_id: &str) -> Result<Plan> {
        self.carry_out(REDRIVE, plan_id, request_id).await
    }

    /// Shows the events of a plan to its consumer again. A repeat goes on where it stopped.
    ///
    /// # Errors
    /// When there is no such plan, or another request carried it out.
    pub async fn replay(&self, plan_id: &str, request_id: &str) -> Result<Plan> {
        self.carry_out(REPLAY, plan_id, request_id).await
    }

    async fn carry_out(&self, kind: &'static str, plan_id: &str, request_id: &str) -> Result<Plan> {
        let (id, request) = (plan_id.to_owned(), request_id.to_owned());
        let (plan, items) = self.desk.db.write(move |c| begin(c, kind, &id, &request)).await?;
        let mut held: HashSet<String> = HashSet::new();
        for item in items.iter().filter(|item| item.outcome.is_empty()) {
            let (outcome, message) = if kind == REDRIVE {
                self.redrive_one(&item.object_id, &mut held).await?
            } else {
                self.replay_one(&plan, &item.event_id, &mut held).await?
            };
            let (id, position) = (plan.id.clone(), item.position);
            let end = move |c: &mut Conn<'_>| both!(c, plans::end(&id, position, word(outcome), &message));
            self.desk.db.write(end).await?;
        }
        self.desk.db.read(move |c| show(c, &plan)).await
    }

    async fn redrive_one(&self, id: &str, held: &mut HashSet<String>) -> Result<(Outcome, String)> {
        let own = id.to_owned();
        let found = self
            .desk
            .db
            .read(move |c| {
                let Some(row) = both!(c, dead::get(&own))? else {
                    return Ok(None);
                };
                // The outbox may have been mended since.
                let kept = row_of(c, &row.event_id)?;
                Ok(Some((row, kept)))
            })
            .await?;
        let Some((row, kept)) = found.filter(|(row, _)| row.state == state::DEAD) else {
            return Ok((Outcome::Skipped, "somebody redrove it meanwhile".to_owned()));
        };
        if held.contains(&row.ordering_key) {
            return Ok((Outcome::Held, String::new()));
        }
        let event = kept.map(OutboxRow::event).filter(|event| event.check().is_ok());
        if row.consumer == RELAY {
            return self.start_again(row, event).await;
        }
        let event = event.unwrap_or_else(|| row.event());
        let tried = match self.known(&row.consumer) {
            Ok(consumer) => attempt(consumer, &event).await,
            Err(error) => Err(error),
        };
        let now = self.desk.clock.now();
        match tried {
            Ok(()) => {
                self.desk.db.write(move |c| letter::redriven(c, &row, now)).await?;
                Ok((Outcome::Taken, String::new()))
            }
            Err(error) => {
                held.insert(row.ordering_key.clone());
                let text = error.message.clone();
                self.desk.db.write(move |c| letter::still_dead(c, &row, &error, now)).await?;
                Ok((Outcome::Failed, text))
            }
        }
    }

    /// A row of the outbox that could not be read goes on when it can be read now.
    async fn start_again(&self, row: DeadRow, event: Option<Event>) -> Result<(Outcome, String)> {
        let Some(event) = event else {
            return Ok((Outcome::Failed, "the row of the outbox still cannot be read".to_owned()));
        };
        let now = self.desk.clock.now();
        self.desk
            .db
            .write(move |c| {
                both!(c, outbox::start(&event.id))?;
                letter::redriven(c, &row, now)
            })
            .await?;
        Ok((Outcome::Taken, String::new()))
    }

    async fn replay_one(&self, plan: &PlanRow, event_id: &str, held: &mut HashSet<String>) -> Result<(Outcome, String)> {
        let (own, name) = (event_id.to_owned(), plan.consumer.clone());
        let (row, known) = self
            .desk
            .db
            .read(move |c| Ok((both!(c, outbox::by_id(&own))?, both!(c, outbox::is_noted(&name, &own))?)))
            .await?;
        let Some(row) = row else {
            return Ok((Outcome::Skipped, "the event is no longer kept".to_owned()));
        };
        if known && !plan.forced {
            return Ok((Outcome::Known, String::new()));
        }
        let event = row.event();
        if held.contains(&event.ordering_key) {
            return Ok((Outcome::Held, String::new()));
        }
        let consumer = self.known(&plan.consumer)?;
        if fit(consumer.as_ref(), &event) == Fit::None {
            return Ok((Outcome::Skipped, "the consumer does not take this kind".to_owned()));
        }
        if known {
            let (own, name) = (event.id.clone(), plan.consumer.clone());
            self.desk.db.write(move |c| both!(c, outbox::forget(&name, &own))).await?;
        }
        match attempt(consumer, &event).await {
            Ok(()) => {
                self.resolve(&plan.consumer, &event.id).await?;
                Ok((Outcome::Taken, String::new()))
            }
            Err(error) => {
                held.insert(event.ordering_key);
                Ok((Outcome::Failed, error.message))
            }
        }
    }

    /// A letter of an event that was taken is dead no more.
    async fn resolve(&self, consumer: &str, event_id: &str) -> Result<()> {
        let (id, now) = (letter::id_of(event_id, consumer), self.desk.clock.now());
        self.desk
            .db
            .write(move |c| match both!(c, dead::get(&id))? {
                Some(row) if row.state == state::DEAD => letter::redriven(c, &row, now),
                _ => Ok(()),
            })
            .await
    }

    fn known(&self, consumer: &str) -> Result<&Arc<dyn Consumer>> {
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

/// Hands an event over once, whatever its history.
async fn attempt(consumer: &Arc<dyn Consumer>, event: &Event) -> Result<()> {
    match fit(consumer.as_ref(), event) {
        Fit::Takes => handle(consumer.as_ref(), event).await,
        Fit::UnknownVersion | Fit::None => {
            let text = format!("{} does not take {}", consumer.name(), event.kind);
            Err(Error::precondition("EVENT_VERSION_UNKNOWN", text))
        }
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

/// The outbox row of an event, if it is there and can be read.
fn row_of(conn: &mut Conn<'_>, event_id: &str) -> Result<Option<OutboxRow>> {
    let found = match event_id
        .strip_prefix("outbox:")
        .and_then(|sequence| sequence.parse::<i64>().ok())
    {
        Some(sequence) => both!(conn, outbox::rows(&[sequence])).map(|mut rows| rows.pop()),
        None => both!(conn, outbox::by_id(event_id)),
    };
    match found {
        Err(error) if error.is_temporary() => Err(error),
        found => Ok(found.ok().flatten()),
    }
}

/// The plan that a request made before. Another request under the same id is refused.
fn repeated(conn: &mut Conn<'_>, id: &str, asked: &str) -> Result<Option<Plan>> {
    let Some(plan) = both!(conn, plans::get(id))? else {
        return Ok(None);
    };
    if plan.asked != asked {
        let text = format!(
            "the request made another plan before: {} then, {asked} now; use a new id",
            plan.asked
        );
        return Err(Error::new(strata_kernel::Kind::AlreadyExists, "IDEMPOTENCY_CONFLICT", text).at("request_id"));
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

fn begin(conn: &mut Conn<'_>, kind: &str, id: &str, request_id: &str) -> Result<(PlanRow, Vec<ItemRow>)> {
    let plan = both!(conn, plans::get(id))?.filter(|plan| plan.kind == kind);
    let plan = plan.ok_or_else(|| Error::not_found("plan", id).at("plan_token"))?;
    if both!(conn, plans::begin(id, request_id))? == 0 {
        let text = "another request carries this plan out; make a new plan";
        return Err(Error::precondition("IDEMPOTENCY_CONFLICT", text).at("plan_token"));
    }
    let items = both!(conn, plans::items(id))?;
    Ok((plan, items))
}

fn show(conn: &mut Conn<'_>, plan: &PlanRow) -> Result<Plan> {
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

fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Taken => "TAKEN",
        Outcome::Known => "KNOWN",
        Outcome::Failed => "FAILED",
        Outcome::Held => "HELD",
        Outcome::Skipped => "SKIPPED",
    }
}

fn filter_of(which: &Which) -> Filter {
    let state = match which.state {
        None => "",
        Some(State::Retrying) => state::RETRYING,
        Some(State::Dead) => state::DEAD,
        Some(State::Redriven) => state::REDRIVEN,
    };
    Filter {
        state: state.to_owned(),
        consumer: which.consumer.clone(),
        kind: which.kind.clone(),
        reason: which.reason.clone(),
        ids: which.ids.clone(),
    }
}

fn letter_of(row: DeadRow) -> DeadLetter {
    DeadLetter {
        state: match row.state.as_str() {
            state::RETRYING => State::Retrying,
            state::REDRIVEN => State::Redriven,
            _ => State::Dead,
        },
        history: letter::tries_of(&row),
        event: row.event(),
        tries: u32::try_from(row.tries).unwrap_or_default(),
        first: row.first_at.and_utc(),
        last: row.last_at.and_utc(),
        id: row.id,
        consumer: row.consumer,
        reason: row.reason,
        message: row.message,
    }
}
