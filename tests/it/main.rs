//! The whole platform: every tier, every vendor sandbox, the real program.

#![allow(clippy::unwrap_used)]

mod database;
mod kills;
mod place;
mod year;
