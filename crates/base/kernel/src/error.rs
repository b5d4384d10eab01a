//! One error for rules and processes: a kind a program can act on, a stable reason, words for a person.

use std::collections::BTreeMap;
use std::fmt;

/// What a caller can do about an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A field is wrong: mend the request.
    InvalidArgument,
    /// The thing named does not exist.
    NotFound,
    /// It exists already, with other content.
    AlreadyExists,
    /// The state does not allow it: mend the state, then try again.
    FailedPrecondition,
    /// Somebody else changed it meanwhile: read and try again.
    Aborted,
    /// Not allowed.
    PermissionDenied,
    /// Who is asking?
    Unauthenticated,
    /// Nothing wrong with the request: try again later.
    Unavailable,
    /// Too much of it: slow down.
    ResourceExhausted,
    /// Cannot be done here.
    Unsupported,
    /// The time ran out.
    DeadlineExceeded,
    /// Ours to mend.
    Internal,
}

/// A stable UPPER_SNAKE reason from `strata.error.v1.Reason`, without its prefix.
pub type Reason = &'static str;

/// An error with everything its reader needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// What a caller can do.
    pub kind: Kind,
    /// Stable reason.
    pub reason: Reason,
    /// Path of the field at fault, empty when there is none.
    pub field: String,
    /// What is wrong and what to do. Safe to show to the caller.
    pub message: String,
    /// What the log should say beside it. Never shown to the caller.
    pub internal: String,
    /// What a program may want to know beside the reason, by name. Goes to the caller as ErrorInfo.metadata.
    pub metadata: BTreeMap<String, String>,
}

/// Result with our error.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// An error of a kind.
    pub fn new(kind: Kind, reason: Reason, message: impl Into<String>) -> Self {
        Self {
            kind,
            reason,
            field: String::new(),
            message: message.into(),
            internal: String::new(),
            metadata: BTreeMap::new(),
        }
    }

    /// A key that came before with another body. `held` and `sent` are the digests of the two bodies, for whoever finds
    /// out which of them was meant: `held_digest` and `sent_digest` in the error's metadata.
    pub fn conflict(held: &str, sent: &str, message: impl Into<String>) -> Self {
        let digests = [("held_digest", held), ("sent_digest", sent)];
        Self {
            metadata: digests.map(|(name, digest)| (name.to_owned(), digest.to_owned())).into(),
            ..Self::new(Kind::AlreadyExists, "IDEMPOTENCY_CONFLICT", message)
        }
    }

    /// A field that does not fit.
    pub fn invalid(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            ..Self::new(Kind::InvalidArgument, "INVALID_FIELD", message)
        }
    }

    /// Something that does not exist.
    pub fn not_found(what: &str, id: &str) -> Self {
        Self::new(Kind::NotFound, "NOT_FOUND", format!("there is no {what} \"{id}\""))
    }

    /// A state that does not allow it.
    pub fn precondition(reason: Reason, message: impl Into<String>) -> Self {
        Self::new(Kind::FailedPrecondition, reason, message)
    }

    /// Ours to mend. The detail goes to the log only.
    pub fn internal(detail: impl fmt::Display) -> Self {
        Self {
            internal: detail.to_string(),
            ..Self::new(
                Kind::Internal,
                "INTERNAL",
                "something went wrong on our side; the log has it under the correlation id",
            )
        }
    }

    /// Adds what the log should say.
    #[must_use]
    pub fn because(mut self, detail: impl fmt::Display) -> Self {
        self.internal = detail.to_string();
        self
    }

    /// Names the field at fault.
    #[must_use]
    pub fn at(mut self, field: impl Into<String>) -> Self {
        self.field = field.into();
        self
    }

    /// True when the same request may succeed later without anybody mending anything.
    pub fn is_temporary(&self) -> bool {
        matches!(
            self.kind,
            Kind::Unavailable | Kind::ResourceExhausted | Kind::DeadlineExceeded | Kind::Aborted
        )
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.reason, self.message)?;
        if !self.field.is_empty() {
            write!(f, " (field {})", self.field)?;
        }
        if !self.internal.is_empty() {
            write!(f, " [{}]", self.internal)?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}
