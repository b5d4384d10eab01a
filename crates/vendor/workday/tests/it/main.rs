//! The adapter against a server that answers from a script.
#![allow(clippy::unwrap_used)]

mod calls;
mod stub;
mod versions;
