//! The layers that every call passes, in process or over TCP.

pub(crate) mod admission;
pub(crate) mod audit;
pub(crate) mod authenticate;
#[cfg(test)]
mod cost;
pub(crate) mod deadline;
pub(crate) mod deprecation;
pub(crate) mod limit;
pub(crate) mod panics;
pub(crate) mod peer;
pub(crate) mod rate;
pub(crate) mod redact;
pub(crate) mod rows;
pub(crate) mod scope;
pub(crate) mod size;
pub(crate) mod trace;
