//! What every vendor sandbox stands on.
//!
//! A sandbox is a real HTTP server of a vendor's protocol. The parts that are the same for all of them live here: the
//! simulated [`SandboxClock`], the [`Store`] that keeps documents, [`Tokens`], the [`Faults`] a test arms, and [`serve`].
//! Nothing here knows any vendor.
//!
//! A vendor crate builds its router and passes it through [`guard`] last, so that armed faults reach every route:
//!
//! ```
//! use axum::{Router, http::StatusCode, response::IntoResponse, routing::get};
//! use strata_sandbox::{Setup, Tokens, guard};
//!
//! fn router(setup: Setup) -> Router {
//!     let tokens = Tokens::default();
//!     let routes = Router::new().route("/ping", get(|| async { "pong" }));
//!     guard(routes, setup.faults, tokens, |status: StatusCode| status.into_response())
//! }
//! ```

mod clock;
mod faults;
mod guard;
mod page;
mod serve;
mod setup;
mod store;
mod tokens;

pub use clock::SandboxClock;
pub use faults::{Fault, Faults};
pub use guard::guard;
pub use serve::serve;
pub use setup::Setup;
pub use store::{Body, Kind, Record, Store, Tx, View};
pub use tokens::Tokens;
