//! The cases. Each runs on every bus.

pub(crate) mod crowd;
pub(crate) mod failures;
pub(crate) mod kills;
pub(crate) mod letters;
pub(crate) mod pressure;
pub(crate) mod replays;
mod restart;
