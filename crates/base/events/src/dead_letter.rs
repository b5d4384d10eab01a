//! Looking at dead letters.

use strata_kernel::{Error, Instant, Result};
use strata_store::both;

use crate::letter::{self, Try, state};
use crate::rows::{DeadRow, Filter};
use crate::store::{lite, pg};
use crate::{Bus, Event};

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
    /// Who could not take it. [`crate::RELAY`]: the row of the outbox itself cannot be read.
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

impl Bus {
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
}

pub(crate) fn filter_of(which: &Which) -> Filter {
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
