//! What a won sale creates: once per opportunity, however often the news of it comes.

use std::collections::{BTreeMap, BTreeSet};

use strata_kernel::{Error, Kind, Result};

use crate::reason;

/// An event of an opportunity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpportunityEvent {
    /// Id of the opportunity.
    pub opportunity: String,
    /// Id of the CRM account it was sold to. Opportunities of one account share the customer. None: every
    /// opportunity has an account of its own.
    pub account: Option<String>,
    /// Idempotency key of the event.
    pub key: String,
    /// True when a won opportunity was opened again, false when it was won.
    pub reopened: bool,
}

/// Objects that exist after the events. Opportunities by id: each has one engagement, one contract, one project.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Provisioned {
    /// Accounts that are customers; without an account the id of the opportunity.
    pub customers: BTreeSet<String>,
    /// Opportunities that have an engagement, a contract and a project.
    pub engagements: BTreeSet<String>,
    /// Opportunities that were opened again after they were won: `OPPORTUNITY_REOPENED`, for a person to decide.
    /// Nothing of them is undone.
    pub reopened: BTreeSet<String>,
}

/// Plays events in their order. A key that comes again is the same event; with other content it is
/// `IDEMPOTENCY_CONFLICT`. A reopening of what was never won is `INVALID_TRANSITION`.
///
/// Source: the platform's transition table, effect of `won`; idempotent receivers, Hohpe and Woolf, "Enterprise
/// Integration Patterns".
pub fn provision(events: &[OpportunityEvent]) -> Result<Provisioned> {
    let mut seen: BTreeMap<&str, &OpportunityEvent> = BTreeMap::new();
    let mut made = Provisioned::default();
    for event in events {
        if let Some(before) = seen.insert(&event.key, event) {
            if before != event {
                return Err(Error::new(
                    Kind::AlreadyExists,
                    reason::IDEMPOTENCY_CONFLICT,
                    format!("the key \"{}\" was used for another event", event.key),
                ));
            }
            continue;
        }
        let id = &event.opportunity;
        if !event.reopened {
            if made.engagements.insert(id.clone()) {
                made.customers.insert(event.account.as_ref().unwrap_or(id).clone());
            }
        } else if made.engagements.contains(id) {
            made.reopened.insert(id.clone());
        } else {
            return Err(Error::precondition(
                reason::INVALID_TRANSITION,
                format!("the opportunity \"{id}\" was never won"),
            ));
        }
    }
    Ok(made)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn event(opportunity: &str, account: Option<&str>, key: &str, reopened: bool) -> OpportunityEvent {
        OpportunityEvent {
            opportunity: opportunity.to_owned(),
            account: account.map(str::to_owned),
            key: key.to_owned(),
            reopened,
        }
    }

    #[test]
    fn a_customer_is_an_account_and_not_a_sale() {
        let made = provision(&[
            event("o1", Some("a1"), "k1", false),
            event("o2", Some("a1"), "k2", false),
            event("o3", None, "k3", false),
        ]);
        let made = made.unwrap();
        assert_eq!((made.customers.len(), made.engagements.len()), (2, 3));
        assert_eq!(provision(&[]).unwrap(), Provisioned::default());
    }

    #[test]
    fn a_reopening_undoes_nothing() {
        let won = event("o1", None, "k1", false);
        let made = provision(&[won.clone(), event("o1", None, "k2", true), event("o1", None, "k3", false)]).unwrap();
        assert_eq!((made.engagements.len(), made.reopened.len()), (1, 1));
        let never = provision(&[event("o2", None, "k2", true), won]).unwrap_err();
        assert_eq!(never.reason, reason::INVALID_TRANSITION);
    }

    #[test]
    fn a_key_has_one_content() {
        let conflict = provision(&[event("o1", None, "k1", false), event("o2", None, "k1", false)]).unwrap_err();
        assert_eq!(conflict.reason, reason::IDEMPOTENCY_CONFLICT);
    }
}
