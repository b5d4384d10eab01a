//! How a step ends.

use serde_json::{Value, json};
use strata_contract::strata::common::v1::WriteOutcome;
use strata_contract::strata::common::v1::write_outcome::State;
use strata_events::Event;
use strata_kernel::{Error, Kind, Money, Reason, Result};
use strata_store::Conn;

use super::NewStep;
use crate::exceptions::Owner;
use crate::hand_offs::HandOff;

/// Work to do in the transaction that ends the step. It may be done again when the database undid the transaction.
pub(crate) type Write = Box<dyn Fn(&mut Conn<'_>) -> Result<()> + Send>;

/// A step that is done, with everything that is stored together with it.
#[derive(Default)]
pub(crate) struct Done {
    /// What later steps and people may want to know.
    pub(crate) result: Value,
    /// Steps that follow.
    pub(crate) steps: Vec<NewStep>,
    /// What the engagement's story gains.
    pub(crate) hand_offs: Vec<HandOff>,
    /// What is told to consumers.
    pub(crate) events: Vec<Event>,
    /// Rows beside.
    pub(crate) write: Option<Write>,
}

impl Done {
    /// A step with nothing to remember but words.
    pub(crate) fn note(text: &str) -> Self {
        Self {
            result: json!({ "note": text }),
            ..Self::default()
        }
    }

    /// A record at a vendor.
    pub(crate) fn vendor(id: &str) -> Self {
        Self {
            result: json!({ "vendor_id": id }),
            ..Self::default()
        }
    }

    pub(crate) fn with(mut self, hand_off: HandOff) -> Self {
        self.hand_offs.push(hand_off);
        self
    }

    pub(crate) fn also(mut self, write: impl Fn(&mut Conn<'_>) -> Result<()> + Send + 'static) -> Self {
        self.write = Some(Box::new(write));
        self
    }
}

/// A step that is not done.
#[derive(Debug)]
pub(crate) enum Stop {
    /// Nobody has to do anything: it is tried again a little later.
    Later(Error),
    /// Somebody has to mend something first.
    Exception(Problem),
}

/// What is wrong, in which object, and who mends it.
#[derive(Debug, Clone)]
pub(crate) struct Problem {
    pub(crate) cause: Reason,
    /// Kind of object: "project", "expense".
    pub(crate) object_kind: String,
    /// Object, by the code people use.
    pub(crate) object: String,
    /// Who keeps the record at fault. It counts where the cause itself names nobody.
    pub(crate) owner: Owner,
    /// What is wrong and what to do.
    pub(crate) message: String,
    pub(crate) field: Box<str>,
    /// What is at stake, when it is known. Boxed, as a problem is mostly the rarer way out of a function.
    pub(crate) amount: Option<Box<Money>>,
}

impl Problem {
    pub(crate) fn new(cause: Reason, object_kind: &str, object: &str, owner: Owner, message: impl Into<String>) -> Self {
        Self {
            cause,
            object_kind: object_kind.to_owned(),
            object: object.to_owned(),
            owner,
            message: message.into(),
            field: Box::default(),
            amount: None,
        }
    }

    /// A refusal that concerns an object.
    pub(crate) fn of(error: &Error, object_kind: &str, object: &str, owner: Owner) -> Self {
        Self::new(error.reason, object_kind, object, owner, error.message.clone()).at(&error.field)
    }

    pub(crate) fn at(mut self, field: &str) -> Self {
        self.field = field.into();
        self
    }

    /// Says what is at stake.
    pub(crate) fn worth(mut self, amount: Option<Money>) -> Self {
        self.amount = amount.map(Box::new);
        self
    }
}

impl From<Problem> for Stop {
    fn from(problem: Problem) -> Self {
        Self::Exception(problem)
    }
}

impl From<Error> for Stop {
    /// A refusal that names no object of a person's is the integration team's to mend.
    fn from(error: Error) -> Self {
        if error.is_temporary() {
            return Self::Later(error);
        }
        Self::Exception(Problem::of(&error, "run", "", Owner::Integration))
    }
}

/// The vendor id of a confirmed write. A lost answer is asked for again: writes carry our key, and the
/// adapter looks the key up before it makes anything.
pub(crate) fn written(outcome: Option<WriteOutcome>, object_kind: &str, object: &str, owner: Owner) -> Result<String, Stop> {
    let outcome = outcome.unwrap_or_default();
    match outcome.state() {
        State::Confirmed if !outcome.vendor_id.is_empty() => Ok(outcome.vendor_id),
        State::Rejected => {
            let reason = strata_rpc::known_reason(&outcome.reason);
            Err(Problem::new(reason, object_kind, object, owner, outcome.message).into())
        }
        State::Unknown => {
            let error = Error::new(Kind::Unavailable, "VENDOR_UNAVAILABLE", "the answer of a vendor was lost");
            Err(Stop::Later(error))
        }
        State::Confirmed | State::Unspecified => Err(Error::internal("a system server confirms a write without an id").into()),
    }
}
