//! Events: an outbox row in the same transaction as the change, a relay that hands rows to the bus,
//! and an inbox that keeps each consumer from handling one twice.
//!
//! The in-process [`Bus`] delivers to its consumers in outbox order. An event counts as published only
//! when every consumer took it; a consumer that fails gets it again, and the ones that had it already
//! know it by their inbox.

mod bus;
mod event;
mod store;

pub use bus::{Bus, Consumer};
pub use event::Event;
pub use store::{append, first_time};
