//! The `strata` program: servers of every tier, and a demo that lives a firm's year through them.
//!
//! - [`wiring`] builds each server from its settings, its clock and the servers below it.
//! - [`identity`] says who may call them, and as whom they call others.
//! - [`allinone`] puts all of them into one process, [`split`] gives each its own; both are an [`Installation`].
//! - [`serve`] runs one server for operations; [`demo`] runs a whole firm.
//! - [`sandbox`] runs the vendors' protocols on loopback; [`cli`] is the command line.

pub mod allinone;
pub mod cli;
mod control;
pub mod demo;
mod error;
mod fault_service;
pub mod identity;
mod incarnation;
pub mod installation;
pub mod parts;
mod quota;
pub mod sandbox;
pub mod serve;
pub mod settings;
pub mod split;
pub mod stop;
mod vendor;
pub mod wiring;

use tikv_jemallocator::Jemalloc;

/// Of every program that has servers in it.
#[global_allocator]
static ALLOCATOR: Jemalloc = Jemalloc;

pub use control::Time;
pub use error::{Usage, exit_code};
pub use installation::Installation;
pub use vendor::{Role, Vendor};
