//! Delivering again what was planned, exactly as planned.

use std::collections::HashSet;
use std::sync::Arc;

use strata_kernel::{Error, Result};
use strata_store::{Conn, both};

use crate::consumer::{Consumer, Fit, fit};
use crate::desk::handle;
use crate::letter::{self, RELAY, state};
use crate::plan::{REDRIVE, REPLAY, show, word};
use crate::rows::{DeadRow, ItemRow, OutboxRow, PlanRow};
use crate::store::{lite, pg};
use crate::{Bus, Event, Outcome, Plan};

impl Bus {
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
