//! What the program ends with.

use strata_settings::SettingsError;
use tonic::Status;

/// The work was done.
pub(crate) const DONE: u8 = 0;
/// The work failed, or the books differ.
pub(crate) const FAILED: u8 = 1;
/// Wrong arguments or settings: nothing was started.
pub(crate) const USAGE: u8 = 2;
/// A server refused the call; its gRPC code is added.
const REFUSED: u8 = 64;

/// Wrong arguments, or a folder or database that does not fit them. Nothing was started.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Usage(pub String);

impl Usage {
    /// An error that says what does not fit.
    pub fn error(text: impl std::fmt::Display) -> anyhow::Error {
        Self(text.to_string()).into()
    }
}

/// The exit code of a failure: 2 for wrong arguments or settings, 64 and the gRPC code for a refused call, else 1.
pub fn exit_code(error: &anyhow::Error) -> u8 {
    let refused = error.chain().find_map(|cause| cause.downcast_ref::<Status>());
    if let Some(status) = refused {
        return REFUSED + u8::try_from(i32::from(status.code())).unwrap_or_default();
    }
    if error.chain().any(|cause| cause.is::<Usage>() || cause.is::<SettingsError>()) {
        USAGE
    } else {
        FAILED
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use anyhow::Context;

    use super::*;

    #[test]
    fn wrong_usage_is_told_from_failure_however_deep_it_lies() {
        let usage = Err::<(), _>(Usage::error("no such folder")).context("demo").unwrap_err();
        assert_eq!(exit_code(&usage), USAGE);
        assert_eq!(exit_code(&anyhow::anyhow!("the disk is full")), FAILED);
        let refused = anyhow::Error::from(Status::not_found("no such thing")).context("exceptions");
        assert_eq!(exit_code(&refused), 69);
    }
}
