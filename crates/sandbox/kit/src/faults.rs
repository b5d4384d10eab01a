//! Faults a test can arm.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Something that goes wrong with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// The request is carried out, then the connection is cut before a byte of the answer is sent.
    LoseAnswer,
    /// The request is refused with this HTTP status and nothing happens.
    Refuse(u16),
    /// The request waits this long (real time) before it is carried out.
    Delay(Duration),
    /// Every token issued so far is revoked just before the request is looked at.
    ExpireTokens,
    /// One record of a list is missing from the answer, as where a read lags behind the writes.
    HideRow,
    /// The next list from the same place is this one once more, whatever was asked for.
    RepeatPage,
}

/// Faults armed for coming requests; none by default. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    armed: Vec<Armed>,
    struck: BTreeMap<(Fault, String), u64>,
}

#[derive(Debug)]
struct Armed {
    op: String,
    agent: String,
    fault: Fault,
    left: u32,
}

impl Faults {
    /// Arms `fault` for the next `times` requests that `op` matches. `op` is `"METHOD /path-prefix"`; the empty text matches
    /// every request. Of several that match, the one armed first is used up first.
    pub fn arm(&self, op: impl Into<String>, fault: Fault, times: u32) {
        self.arm_for("", op, fault, times);
    }

    /// Arms `fault` as [`Faults::arm`] does, for callers whose `User-Agent` starts with `agent`.
    pub fn arm_for(&self, agent: impl Into<String>, op: impl Into<String>, fault: Fault, times: u32) {
        self.state().armed.push(Armed {
            op: op.into(),
            agent: agent.into(),
            fault,
            left: times,
        });
    }

    /// Takes the fault for a request, `vendor_op` being its `"METHOD /path"` and `agent` its `User-Agent`.
    #[must_use]
    pub fn next(&self, vendor_op: &str, agent: &str) -> Option<Fault> {
        let mut state = self.state();
        let strikes = |a: &Armed| a.left > 0 && vendor_op.starts_with(&a.op) && agent.starts_with(&a.agent);
        let at = state.armed.iter().position(strikes)?;
        state.armed[at].left -= 1;
        let (fault, op) = (state.armed[at].fault, state.armed[at].op.clone());
        state.armed.retain(|a| a.left > 0);
        *state.struck.entry((fault, op)).or_default() += 1;
        Some(fault)
    }

    /// Takes back a strike that found nothing to hit: it did not happen, and the fault waits for another request.
    pub(crate) fn missed(&self, vendor_op: &str, agent: &str, fault: Fault) {
        let mut state = self.state();
        let hits = |(kind, op): &&(Fault, String)| *kind == fault && vendor_op.starts_with(op.as_str());
        let Some(known) = state.struck.keys().find(hits).cloned() else {
            return;
        };
        if let Some(count) = state.struck.get_mut(&known) {
            *count -= 1;
        }
        state.struck.retain(|_, count| *count > 0);
        state.armed.push(Armed {
            op: known.1,
            agent: agent.to_owned(),
            fault,
            left: 1,
        });
    }

    /// How often each fault has struck, by the operation it was armed for.
    #[must_use]
    pub fn struck(&self) -> BTreeMap<(Fault, String), u64> {
        self.state().struck.clone()
    }

    /// Disarms everything.
    pub fn clear(&self) {
        self.state().armed.clear();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_strikes_only_its_operation_and_only_so_often() {
        let faults = Faults::default();
        faults.arm("POST /orders", Fault::Refuse(503), 2);
        assert_eq!(faults.next("GET /orders", ""), None);
        assert_eq!(faults.next("POST /orders/7/close", ""), Some(Fault::Refuse(503)));
        assert_eq!(faults.next("POST /orders", ""), Some(Fault::Refuse(503)));
        assert_eq!(faults.next("POST /orders", ""), None);
    }

    #[test]
    fn the_first_armed_goes_first_and_clear_disarms() {
        let faults = Faults::default();
        faults.arm("", Fault::LoseAnswer, 1);
        faults.arm("GET /", Fault::ExpireTokens, 5);
        assert_eq!(faults.clone().next("GET /x", ""), Some(Fault::LoseAnswer));
        assert_eq!(faults.next("GET /x", ""), Some(Fault::ExpireTokens));
        assert_eq!(faults.struck()[&(Fault::LoseAnswer, String::new())], 1);
        faults.clear();
        assert_eq!(faults.next("GET /x", ""), None);
    }

    #[test]
    fn a_fault_for_one_caller_spares_the_others() {
        let faults = Faults::default();
        faults.arm_for("platform/", "GET /", Fault::Refuse(429), 1);
        assert_eq!(faults.next("GET /x", "people/1"), None);
        assert_eq!(faults.next("GET /x", "platform/2"), Some(Fault::Refuse(429)));
    }
}
