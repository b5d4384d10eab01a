//! The ERP: reference data, customers, projects, people, and the books.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use strata_contract::strata::common::v1::WriteOutcome;
use strata_contract::strata::system::erp::v1 as pb;
use strata_port::outcome;

use super::books::{Books, Posting};
use super::feed::Feed;
use super::write;
use crate::fault::Fault;
use crate::world::{Fate, World};

/// The company of the firm.
pub(crate) const ENTITY: &str = "DE01";
/// Its cost center.
pub(crate) const COST_CENTER: &str = "CC-DE01";
/// Its currency.
pub(crate) const CURRENCY: &str = "EUR";

/// The system.
pub(crate) struct Erp {
    pub(super) world: Arc<World>,
    state: Mutex<State>,
}

#[derive(Default)]
pub(super) struct State {
    pub(super) books: Books,
    made: BTreeMap<(&'static str, String), String>,
    pub(super) changed: Feed,
    /// What is carried out later, by the machine's time.
    later: Vec<(u64, Posting)>,
    /// What was last asked about a key.
    pub(super) asked: BTreeMap<String, Asked>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    Posted,
    Refused,
    LookedUp,
}

impl Erp {
    pub(super) fn new(world: &Arc<World>) -> Self {
        let books = Books {
            unique_keys: world.plan.unique_keys,
            ..Books::default()
        };
        Self {
            world: Arc::clone(world),
            state: Mutex::new(State {
                books,
                ..State::default()
            }),
        }
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.work_off(&self.world);
        state
    }

    pub(super) fn put(&self, kind: &'static str, key: &str) -> WriteOutcome {
        write(&self.world, kind, key, || {
            let mut state = self.state();
            let next = state.made.len() + 1;
            let id = state.made.entry((kind, key.to_owned()));
            id.or_insert_with(|| format!("{}{next}", &kind[..2])).clone()
        })
    }

    /// Reads the books.
    pub(crate) fn books<T>(&self, read: impl FnOnce(&Books) -> T) -> T {
        read(&self.state().books)
    }

    /// How many records of a kind there are, beside the books.
    pub(crate) fn made(&self, kind: &str) -> usize {
        self.state().made.keys().filter(|(of, _)| *of == kind).count()
    }

    /// Finance closes a month.
    pub(crate) fn close(&self, month: &str) {
        self.state().books.closed.insert(month.to_owned());
    }

    /// A customer pays the oldest invoice that is open, in part or in full. False: none is.
    pub(crate) fn pay(&self, percent: i64) -> bool {
        let mut state = self.state();
        let open = |document: &&mut pb::PostedDocument| document.open.as_ref().is_some_and(|open| open.minor_units > 0);
        let Some(document) = state.books.standing.values_mut().find(open) else {
            return false;
        };
        let Some(open) = &mut document.open else { return false };
        open.minor_units -= (open.minor_units * percent / 100).max(1);
        let left = open.minor_units;
        document.set_state(if left == 0 {
            pb::DocumentState::Paid
        } else {
            pb::DocumentState::PartPaid
        });
        let id = document.id.clone();
        state.changed.changed(&id);
        true
    }

    /// Takes a posting: refused in a closed month, else whatever fate will have.
    pub(super) fn take(&self, posting: &Posting) -> WriteOutcome {
        let key = posting.key();
        let mut state = self.state();
        // What stood still may go on with what it had decided before: others have looked since.
        let asked = state.asked.get(key);
        if asked == Some(&Asked::Posted) && self.world.plan.stands == 0 {
            self.world.wrong(format!("{key} was sent again, and nobody had looked it up"));
        }
        state.asked.insert(key.to_owned(), Asked::Posted);
        if state.books.find(key).is_none() && state.books.closed.contains(&posting.month()) {
            state.asked.insert(key.to_owned(), Asked::Refused);
            self.world.struck(Fault::PeriodClosed);
            self.world.say(format_args!("post {key}: {} is closed", posting.month()));
            return outcome::rejected(key, "PERIOD_CLOSED", "the period is closed");
        }
        drop(state);
        let fate = self.world.fate();
        self.world.say(format_args!("post {key} in {} {fate:?}", posting.month()));
        let mut state = self.state();
        match fate {
            Fate::Lost => return outcome::unknown(key),
            Fate::Unsaid => {
                state.book(posting);
                return outcome::unknown(key);
            }
            Fate::Later(ms) | Fate::Twice(ms) => {
                let at = self.world.machine.elapsed_ms() + ms;
                state.later.push((at, posting.clone()));
            }
            Fate::Done => {}
        }
        match fate {
            Fate::Later(_) => outcome::unknown(key),
            _ => outcome::confirmed(key, state.book(posting).unwrap_or_default()),
        }
    }
}

impl State {
    fn book(&mut self, posting: &Posting) -> Option<String> {
        let known = self.books.find(posting.key()).is_some();
        let id = self.books.book(posting)?;
        if matches!(posting, Posting::Document(..)) && !known {
            self.changed.changed(&id);
        }
        Some(id)
    }

    /// Carries out what is due by now.
    fn work_off(&mut self, world: &World) {
        let now = world.machine.elapsed_ms();
        while let Some(at) = self.later.iter().position(|(due, _)| *due <= now) {
            let (_, posting) = self.later.remove(at);
            world.say(format_args!("carried out late: {}", posting.key()));
            self.book(&posting);
        }
    }
}
