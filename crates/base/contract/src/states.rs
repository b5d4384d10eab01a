//! Which state may follow which, as the contracts say it on the values of their enums.

use std::collections::HashMap;
use std::sync::LazyLock;

use prost_reflect::{DescriptorPool, EnumDescriptor};
use strata_kernel::{Error, Result};

use crate::POOL;
use crate::rules::{is_ours, option};
use crate::strata::options::v1::StatePolicy;

static MACHINES: LazyLock<HashMap<String, States>> = LazyLock::new(|| read(&POOL));

/// The states of one kind of record. Names are those of the enum's values without their common prefix: `OPEN`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct States {
    next: HashMap<String, Vec<String>>,
}

/// The states that an enum names, by the full name of the enum. None: it says of no value what follows.
pub fn states(enum_name: &str) -> Option<&'static States> {
    MACHINES.get(enum_name)
}

/// Every state machine of a descriptor set, by the full name of its enum.
pub fn read(pool: &DescriptorPool) -> HashMap<String, States> {
    let ours = pool.all_enums().filter(|values| is_ours(values.full_name()));
    ours.filter_map(|values| States::of(pool, &values).map(|states| (values.full_name().to_owned(), states)))
        .collect()
}

/// Refuses a change of state that the enum does not allow. Staying in a state is no change, and has to be allowed like one.
///
/// # Errors
/// `INVALID_TRANSITION`, with what may follow; an internal error when the enum says nothing of states.
pub fn check_next(enum_name: &str, from: &str, to: &str) -> Result<()> {
    let states = states(enum_name).ok_or_else(|| Error::internal(format!("{enum_name} says nothing of states")))?;
    if states.allows(from, to) {
        return Ok(());
    }
    let next = states.next(from);
    let next = if next.is_empty() {
        "nothing".to_owned()
    } else {
        next.join(", ")
    };
    let text = format!("{to} does not follow {from}; what may follow: {next}");
    Err(Error::precondition("INVALID_TRANSITION", text).at("state"))
}

impl States {
    fn of(pool: &DescriptorPool, values: &EnumDescriptor) -> Option<Self> {
        let zero = values.get_value(0)?;
        let prefix = zero.name().strip_suffix("UNSPECIFIED").unwrap_or_default().to_owned();
        let short = |name: &str| name.strip_prefix(prefix.as_str()).unwrap_or(name).to_owned();
        let mut next = HashMap::new();
        let mut is_machine = false;
        for value in values.values().filter(|value| value.number() != 0) {
            let said = option(&value.options(), pool, "state");
            let said: StatePolicy = said.and_then(|said| said.transcode_to().ok()).unwrap_or_default();
            is_machine |= !said.next.is_empty();
            next.insert(short(value.name()), said.next.iter().map(|name| short(name)).collect());
        }
        is_machine.then_some(Self { next })
    }

    /// Whether `to` may follow `from`. A state that the enum does not have is followed by nothing.
    pub fn allows(&self, from: &str, to: &str) -> bool {
        self.next(from).iter().any(|name| name == to)
    }

    /// Every state with what may follow it.
    pub fn all(&self) -> impl Iterator<Item = (&str, &[String])> {
        self.next.iter().map(|(from, next)| (from.as_str(), next.as_slice()))
    }

    /// What may follow a state. Empty: it is final, or no state.
    pub fn next(&self, from: &str) -> &[String] {
        self.next.get(from).map(Vec::as_slice).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const CLOSE: &str = "strata.process.reconciliation.v1.CloseState";

    #[test]
    fn what_the_enum_says_may_follow() {
        check_next(CLOSE, "FROZEN", "SIGNED").unwrap();
        let refused = check_next(CLOSE, "SIGNED", "FROZEN").unwrap_err();
        assert_eq!((refused.reason, refused.field.as_str()), ("INVALID_TRANSITION", "state"));
        assert!(refused.message.contains("REOPENED"), "{}", refused.message);
        assert!(check_next(CLOSE, "FROZEN", "FROZEN").is_err());
        assert!(check_next(CLOSE, "NO_SUCH", "FROZEN").is_err());
    }

    #[test]
    fn an_enum_without_states_is_no_machine() {
        assert!(states("strata.common.v1.ContractType").is_none());
        let unknown = check_next("strata.common.v1.ContractType", "A", "B").unwrap_err();
        assert_eq!(unknown.reason, "INTERNAL");
    }
}
