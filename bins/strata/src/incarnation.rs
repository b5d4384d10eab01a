//! The one thing that follows from nothing: a name for each start of a server.

/// A name that no other start of any server has.
pub(crate) fn new() -> String {
    #[expect(
        clippy::disallowed_methods,
        reason = "two starts with everything equal must have different names"
    )]
    uuid::Uuid::new_v4().to_string()
}
