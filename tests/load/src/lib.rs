//! What dashboards take over a million lines, while more are written.
//!
//! [`dashboards`] is the whole measurement: it fills an empty PostgreSQL database, lets the process tier add it up, and asks it from many
//! readers at once, in process and through every layer of a server, while a burst of approved time comes in. Beside it the same question
//! is answered by an index-only scan over the same lines. In the end the platform compares every sum with its facts.

mod measure;
mod seed;

pub use measure::{Latency, Measured, Plan, dashboards};
pub use seed::{Size, seed};
