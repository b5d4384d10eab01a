//! The adapter against a server that answers from a script.
#![allow(clippy::unwrap_used)]

mod auth;
mod documents;
mod feed;
mod journals;
mod masters;
mod periods;
mod stub;
mod time;
