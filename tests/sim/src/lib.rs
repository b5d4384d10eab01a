//! A deterministic simulation: process servers, their database, their bus and the vendors in one thread, on a clock that
//! nobody else moves, under faults that follow from a seed. The same seed is the same life, to the last call.
//!
//! What is simulated: the machines' time, the network between the tiers, the vendors, and when a process ends. What is not: the
//! process tier with its engine, ledger and passes, master data, the relay and its consumers, the system servers, every
//! query, and SQLite. `docs/simulation.md` says what that proves and what it does not.

mod chance;
mod fault;
mod firm;
mod link;
mod live;
mod many;
mod oracle;
mod seat;
mod seed;
mod server;
mod template;
mod time;
mod trace;
mod vendor;
mod wire;
mod world;

pub use fault::Fault;
pub use many::{Sum, build, many};
pub use seed::{Ended, Options, run};
pub use template::Template;
