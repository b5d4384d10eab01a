//! Who calls, and what they may do.
//!
//! A [`Guard`] decides who a caller is: in development it lets everybody in under one name, else a [`Verifier`] reads the caller's
//! token, a JWT that an OIDC provider signed. The result is a [`Principal`] with its scopes; what a scope is for is said in the
//! contracts. [`TokenSource`] gets the tokens that a server needs for its own calls.
//!
//! No token is ever written anywhere: not in logs, not in errors, not by `Debug`.

mod algorithm;
mod cache;
mod claims;
mod endpoint;
mod guard;
mod http;
mod key_set;
mod keys;
mod principal;
mod reason;
mod revoked;
mod settings;
mod source;
mod throttle;
mod token_source;
mod verifier;

pub use algorithm::Algorithm;
pub use guard::Guard;
pub use principal::{CallerKind, Principal, Scopes};
pub use settings::{ClaimNames, ClientSettings, IdentitySettings, Mode};
pub use token_source::TokenSource;
pub use verifier::{Verified, Verifier};

/// Identity that cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// A file that the settings name cannot be read.
    #[error("{0} cannot be read: {1}")]
    File(std::path::PathBuf, std::io::Error),
    /// A file of certificates holds none that can be used.
    #[error("{0} holds no certificates in PEM form")]
    Certificates(std::path::PathBuf),
    /// The client for HTTP cannot be built.
    #[error("calls to the identity provider cannot be set up: {0}")]
    Http(reqwest::Error),
    /// The settings lack what the mode needs; [`IdentitySettings`]' check says it with its key.
    #[error("identity.{0} {1}")]
    Settings(String, String),
}
