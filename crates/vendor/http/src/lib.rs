//! What every vendor adapter stands on: one HTTP client with limits and honest failures, the token
//! cache, the words of common errors, and exact reading of vendor JSON.
//!
//! A [`Failure`] says whether the request can have reached the vendor, because that alone decides
//! whether a write may be sent again. Nothing here knows any vendor.

mod client;
mod failure;
mod gate;
mod pause;
mod places;
mod read;
mod request;
mod secret;
mod session;
mod token;
mod url;

pub use client::{Client, Limits};
pub use failure::{Failure, attempt_lost, error_of, outcome_of, rejected, throttled, unanswered, unauthenticated, unavailable};
pub use gate::{Allowance, Demand, Gate};
pub use http::Method;
pub use read::{Misfit, Reader, exact, number};
pub use request::{Effect, Reply, Request};
pub use secret::Secret;
pub use session::Session;
pub use token::{Mint, Minted, Token, TokenCache};
pub use url::{Base, cut_url, segment, with_query};

/// Status 401: the token is not, or no longer, accepted.
pub const UNAUTHORIZED: u16 = 401;
