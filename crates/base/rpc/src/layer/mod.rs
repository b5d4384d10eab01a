//! The layers that every call passes, in process or over TCP.

pub(crate) mod audit;
pub(crate) mod deadline;
pub(crate) mod limit;
pub(crate) mod panics;
pub(crate) mod trace;
