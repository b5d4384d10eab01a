//! What a handler may ask of the rules of its server.

use std::sync::{Arc, Mutex, PoisonError};

use strata_contract::Whose;
use strata_identity::Principal;
use strata_kernel::{Error, Kind};
use strata_rules::{Own, Rules};

use crate::caller::{Caller, caller};

tokio::task_local! {
    static CURRENT: Asked;
}

/// The rules of the server that answers the call under way.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    rules: Rules,
    own: Own,
    /// Who calls, where it depends on the row what it sees.
    confined: Option<Arc<Principal>>,
    /// Policies that refused the handler something.
    refusing: Arc<Mutex<Vec<String>>>,
}

impl Asked {
    pub(crate) fn new(rules: Rules) -> Self {
        Self {
            rules,
            own: Own::default(),
            confined: None,
            refusing: Arc::default(),
        }
    }

    /// The same for a caller that is confined.
    pub(crate) fn confined(self, principal: Arc<Principal>, own: Own) -> Self {
        let confined = Some(principal);
        Self { own, confined, ..self }
    }

    /// Runs `work` under these rules.
    pub(crate) fn scope<F: Future>(self, work: F) -> impl Future<Output = F::Output> {
        CURRENT.scope(self, work)
    }

    /// Ids of the policies that refused the handler something.
    pub(crate) fn refusing(&self) -> Vec<String> {
        self.refusing.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// What the caller of the call under way is confined to, so that a list is read and paged over its own rows. Nothing of it has to be
/// acted on: rows that the caller may not see are left out afterwards.
pub fn own() -> Own {
    CURRENT.try_with(|asked| asked.own.clone()).unwrap_or_default()
}

/// Refuses to go on with a row that the caller may not see, before more is read for it. The answer is looked through all the same.
///
/// # Errors
/// ROW_DENIED, in the same words whether the row is there or not.
pub fn may_read(whose: &Whose) -> Result<(), Error> {
    let asked = CURRENT.try_with(Clone::clone).ok();
    let Some((rules, principal)) = asked.and_then(|asked| Some((asked.rules, asked.confined?))) else {
        return Ok(());
    };
    let verdict = rules.may_read(&principal, whose);
    if verdict.allowed {
        return Ok(());
    }
    let policies = verdict.policies.join(", ");
    tracing::warn!(caller = principal.subject, policies, row = %whose, "a row was refused");
    Err(denied())
}

/// The same words for what is somebody else's and for what is not there.
pub(crate) fn denied() -> Error {
    let text = "there is no such record, or it is not the caller's; ask for one of your own";
    Error::new(Kind::PermissionDenied, "ROW_DENIED", text)
}

/// Whom the call under way is for, where it is asked whether it may approve something. It may be taken along to where the call's data is.
#[derive(Debug, Clone, Default)]
pub struct Approver {
    caller: Option<Caller>,
    asked: Option<Asked>,
}

impl Approver {
    /// Of the call under way in this task. Whoever showed no token is nobody: neither proposer nor refused.
    pub fn current() -> Self {
        Self {
            caller: caller().filter(|caller| caller.token().is_some()),
            asked: CURRENT.try_with(Clone::clone).ok(),
        }
    }

    /// Who it is, as a token proved it. Empty: nobody was asked for one. Kept with what is proposed.
    pub fn subject(&self) -> String {
        let subject = self.caller.as_ref().map(|caller| caller.principal().subject.clone());
        subject.unwrap_or_default()
    }

    /// The employee number that the token says. None: it says none, or nobody was asked for one.
    pub fn employee(&self) -> Option<String> {
        self.caller.as_ref()?.principal().employee.clone()
    }

    /// Refuses an approval of what these did or proposed, by subject or employee number, when the approver is one of them. Empty ones are
    /// nobody.
    ///
    /// # Errors
    /// OWN_APPROVAL.
    pub fn may_approve<'a>(&self, proposers: impl IntoIterator<Item = &'a str>) -> Result<(), Error> {
        let Some(caller) = &self.caller else {
            return Ok(());
        };
        let rules = self.asked.as_ref().map_or_else(Rules::built_in, |asked| asked.rules.clone());
        let verdict = rules.may_approve(caller.principal(), proposers);
        if verdict.allowed {
            return Ok(());
        }
        let policies = verdict.policies.join(", ");
        tracing::warn!(
            caller = caller.principal().subject,
            policies,
            "an approval was refused to who proposed it"
        );
        if let Some(asked) = &self.asked {
            let mut refusing = asked.refusing.lock().unwrap_or_else(PoisonError::into_inner);
            refusing.extend(verdict.policies);
        }
        let text = "nobody approves what they did or proposed themselves; have somebody else approve it";
        Err(Error::new(Kind::PermissionDenied, "OWN_APPROVAL", text))
    }
}
