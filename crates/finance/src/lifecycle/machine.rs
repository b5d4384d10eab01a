//! A table of transitions: what is not in it is not allowed.

use strata_kernel::{Error, Result};

use super::tables::MACHINES;
use crate::reason;

/// One allowed transition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Transition {
    /// State before.
    pub from: &'static str,
    /// What happens.
    pub event: &'static str,
    /// State after.
    pub to: &'static str,
}

/// The states of one kind of object, by name, and every transition between them. Guards that ask more than the
/// state are functions of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Machine {
    /// Kind of object.
    pub object: &'static str,
    /// State that an object is created in.
    pub initial: &'static str,
    /// Every allowed transition.
    pub transitions: &'static [Transition],
}

/// The machine of a kind of object: `time_entry`, `contract`. Another word is `INVALID_FIELD`.
///
/// Source: the platform's transition table, [`MACHINES`].
pub fn machine(object: &str) -> Result<&'static Machine> {
    let found = MACHINES.iter().find(|machine| machine.object == object);
    found.ok_or_else(|| Error::invalid("object", format!("\"{object}\" is no kind of object with states")))
}

impl Machine {
    /// The state after an event. What the table lacks is `INVALID_TRANSITION`; a word that is no state or no event
    /// of this kind of object is `INVALID_FIELD`.
    ///
    /// Source: the platform's transition table, [`MACHINES`].
    pub fn next(&self, state: &str, event: &str) -> Result<&'static str> {
        if !self.has_state(state) {
            return Err(Error::invalid("state", format!("\"{state}\" is no state of {}", self.object)));
        }
        if !self.transitions.iter().any(|row| row.event == event) {
            return Err(Error::invalid(
                "event",
                format!("nothing \"{event}\" happens to {}", self.object),
            ));
        }
        let row = self.transitions.iter().find(|row| row.from == state && row.event == event);
        row.map(|row| row.to).ok_or_else(|| {
            Error::precondition(
                reason::INVALID_TRANSITION,
                format!("{} that is {state} does not allow {event}", self.object),
            )
        })
    }

    /// True when an object can be in a state.
    pub fn has_state(&self, state: &str) -> bool {
        state == self.initial || self.transitions.iter().any(|row| row.from == state || row.to == state)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn tells_a_wrong_word_from_a_wrong_moment() {
        let time = machine("time_entry").unwrap();
        assert_eq!(time.next("approved", "bill").unwrap(), "invoiced");
        assert_eq!(time.next("draft", "bill").unwrap_err().reason, reason::INVALID_TRANSITION);
        assert_eq!(time.next("lost", "bill").unwrap_err().field, "state");
        assert_eq!(time.next("draft", "fly").unwrap_err().field, "event");
        assert_eq!(machine("moon").unwrap_err().field, "object");
    }
}
