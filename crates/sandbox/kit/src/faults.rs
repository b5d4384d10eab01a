//! Faults a test can arm.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Something that goes wrong with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The request is carried out, then the connection is cut before a byte of the answer is sent.
    LoseAnswer,
    /// The request is refused with this HTTP status and nothing happens.
    Refuse(u16),
    /// The request waits this long (real time) before it is carried out.
    Delay(Duration),
    /// Every token issued so far is revoked just before the request is looked at.
    ExpireTokens,
}

/// Faults armed for coming requests; none by default. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    armed: Arc<Mutex<Vec<Armed>>>,
}

#[derive(Debug)]
struct Armed {
    op: String,
    fault: Fault,
    left: u32,
}

impl Faults {
    /// Arms `fault` for the next `times` requests that `op` matches. `op` is `"METHOD /path-prefix"`; the empty text matches
    /// every request. Of several that match, the one armed first is used up first.
    pub fn arm(&self, op: impl Into<String>, fault: Fault, times: u32) {
        self.armed().push(Armed {
            op: op.into(),
            fault,
            left: times,
        });
    }

    /// Takes the fault for a request, `vendor_op` being its `"METHOD /path"`.
    #[must_use]
    pub fn next(&self, vendor_op: &str) -> Option<Fault> {
        let mut armed = self.armed();
        let at = armed.iter().position(|a| a.left > 0 && vendor_op.starts_with(&a.op))?;
        armed[at].left -= 1;
        let fault = armed[at].fault;
        armed.retain(|a| a.left > 0);
        Some(fault)
    }

    /// Disarms everything.
    pub fn clear(&self) {
        self.armed().clear();
    }

    fn armed(&self) -> MutexGuard<'_, Vec<Armed>> {
        self.armed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_strikes_only_its_operation_and_only_so_often() {
        let faults = Faults::default();
        faults.arm("POST /orders", Fault::Refuse(503), 2);
        assert_eq!(faults.next("GET /orders"), None);
        assert_eq!(faults.next("POST /orders/7/close"), Some(Fault::Refuse(503)));
        assert_eq!(faults.next("POST /orders"), Some(Fault::Refuse(503)));
        assert_eq!(faults.next("POST /orders"), None);
    }

    #[test]
    fn the_first_armed_goes_first_and_clear_disarms() {
        let faults = Faults::default();
        faults.arm("", Fault::LoseAnswer, 1);
        faults.arm("GET /", Fault::ExpireTokens, 5);
        assert_eq!(faults.clone().next("GET /x"), Some(Fault::LoseAnswer));
        assert_eq!(faults.next("GET /x"), Some(Fault::ExpireTokens));
        faults.clear();
        assert_eq!(faults.next("GET /x"), None);
    }
}
