//! Events: an outbox row in the same transaction as the change, a relay that claims rows and sends them, and an inbox that
//! keeps each consumer from handling one twice.
//!
//! The [`Bus`] sends through a [`Transport`]: [`InProcess`] hands events to the consumers of this process, a broker carries
//! them to those of every process. Either way events of one ordering key arrive in commit order and at least once, and one
//! that a consumer cannot take becomes a dead letter ([`Desk`]).

mod bus;
mod carry_out;
mod consumer;
mod dead_letter;
mod desk;
mod event;
mod letter;
mod plan;
mod rules;
mod store;
mod transport;

pub use bus::{Bus, Rest};
pub use consumer::{Consumer, Taken};
pub use dead_letter::{DeadLetter, State, Which};
pub use desk::{Delivered, Desk};
pub use event::{Event, LARGEST, UNREADABLE};
pub use letter::{NO_ANSWER, RELAY, Try};
pub use plan::{Asked, Item, Outcome, Plan};
pub use rules::Rules;
pub use store::claim::Claimed;
pub use store::{TABLES, append, append_all, first_time};
pub use transport::{InProcess, Sent, Transport, Wire};

pub(crate) use store::rows;
