//! Resource names.

/// Collection of engagements.
const ENGAGEMENTS: &str = "engagements/";

/// Resource name of an engagement.
pub(crate) fn engagement(id: &str) -> String {
    format!("{ENGAGEMENTS}{id}")
}

/// Id in the resource name of an engagement. The contract refuses what is no such name before it comes here.
pub(crate) fn engagement_id(name: &str) -> &str {
    name.strip_prefix(ENGAGEMENTS).unwrap_or(name)
}
