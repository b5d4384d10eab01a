//! Which fields a caller may see.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use strata_contract::strata::options::v1::Sensitivity;
use strata_contract::{Mask, Masks, Policies};

use crate::caller::Caller;

/// What each kind of caller may see of each answer. There are few kinds, and each is worked out once. Cloning shares it.
#[derive(Debug, Clone)]
pub(crate) struct Sights(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    policies: Arc<Policies>,
    made: Mutex<HashMap<Vec<Sensitivity>, Arc<Masks>>>,
}

impl Sights {
    /// As the contracts say it.
    pub(crate) fn new(policies: Arc<Policies>) -> Self {
        let made = Mutex::default();
        Self(Arc::new(Inner { policies, made }))
    }

    /// What is left out of a method's answer. None: the caller sees all of it. Whoever calls counts: a server of ours that works for
    /// somebody needs what its work is made of, and its own answer is looked through again.
    pub(crate) fn of(&self, caller: &Caller, path: &str) -> Option<Mask> {
        let hidden = self.hidden(caller);
        let mut made = self.0.made.lock().unwrap_or_else(PoisonError::into_inner);
        let masks = made
            .entry(hidden)
            .or_insert_with_key(|hidden| Masks::new(&self.0.policies, hidden));
        masks.of(path)
    }

    /// Scopes that the caller lacks to see everything.
    pub(crate) fn missing(&self, caller: &Caller) -> Vec<&str> {
        let hidden = self.hidden(caller).into_iter();
        hidden
            .filter_map(|sensitivity| self.0.policies.scope_of(sensitivity))
            .collect()
    }

    fn hidden(&self, caller: &Caller) -> Vec<Sensitivity> {
        let direct = caller.direct();
        let policies = &self.0.policies;
        policies.hidden(direct.customer.is_none(), |scope| direct.scopes.contains(scope))
    }
}
