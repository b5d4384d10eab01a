//! Why somebody is not let in, in words that help them and say nothing of the token.

use strata_kernel::{Error, Kind, Reason};

/// A call came without a token.
pub(crate) const TOKEN_MISSING: Reason = "TOKEN_MISSING";
/// The token's time is over.
pub(crate) const TOKEN_EXPIRED: Reason = "TOKEN_EXPIRED";
/// The token does not do.
pub(crate) const TOKEN_INVALID: Reason = "TOKEN_INVALID";
/// The token does not allow it.
pub(crate) const SCOPE_MISSING: Reason = "SCOPE_MISSING";
/// The identity provider does not answer.
pub(crate) const UNAVAILABLE: Reason = "IDENTITY_UNAVAILABLE";

/// No token came with the call.
pub(crate) fn missing() -> Error {
    let text = "the call carries no token; send one in the metadata: authorization: Bearer TOKEN";
    Error::new(Kind::Unauthenticated, TOKEN_MISSING, text)
}

/// The token's time is over.
pub(crate) fn expired() -> Error {
    let text = "the token has expired; get a new one and call again";
    Error::new(Kind::Unauthenticated, TOKEN_EXPIRED, text)
}

/// The token, or all of its caller's, was withdrawn.
pub(crate) fn revoked() -> Error {
    invalid("the token was withdrawn; sign in again, or ask an administrator")
}

/// The token does not do, for what `text` says. It never repeats anything of the token.
pub(crate) fn invalid(text: impl Into<String>) -> Error {
    Error::new(Kind::Unauthenticated, TOKEN_INVALID, text)
}

/// The caller is known, and may not.
pub(crate) fn denied(text: impl Into<String>) -> Error {
    Error::new(Kind::PermissionDenied, SCOPE_MISSING, text)
}

/// The provider does not answer, so nothing can be said.
pub(crate) fn unavailable(why: impl std::fmt::Display) -> Error {
    let text = "the identity provider does not answer, so the token cannot be checked or had; try again in a moment";
    Error::new(Kind::Unavailable, UNAVAILABLE, text).because(why)
}
