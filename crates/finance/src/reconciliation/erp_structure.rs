//! Projects that the ERP should know and does not.

use chrono::Duration;
use strata_kernel::{Error, Instant, Result};

/// How far the link of a project to the ERP is. Only a linked one is a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LinkState {
    /// Sent, not acknowledged.
    Pending,
    /// Acknowledged.
    Linked,
    /// The sending failed.
    Failed,
    /// The ERP refused it.
    Rejected,
}

impl LinkState {
    /// Reads a state by its name. Another word is `INVALID_FIELD`.
    pub fn parse(name: &str) -> Result<Self> {
        Ok(match name {
            "pending" => Self::Pending,
            "linked" => Self::Linked,
            "failed" => Self::Failed,
            "rejected" => Self::Rejected,
            _ => return Err(Error::invalid("state", format!("\"{name}\" is not a state of a link"))),
        })
    }
}

/// A project's link to the ERP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ErpLink {
    /// How far it is.
    pub state: LinkState,
    /// True when customer, legal entity, cost center and project are all set.
    pub dimensions_complete: bool,
}

/// A project, as far as the ERP structure asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectLink {
    /// Id.
    pub id: String,
    /// When it became active. None: it is not.
    pub activated_at: Option<Instant>,
    /// True when any of its time is approved: then the structure is due at once.
    pub has_approved_time: bool,
    /// Its link, if there is any.
    pub link: Option<ErpLink>,
}

/// Ids of the projects that lack the ERP structure: active for more than the grace time, or with approved time,
/// and without a link that is acknowledged and complete.
///
/// Grace is in minutes, and equal to it is not more. Source: the platform's tie-out of projects between PSA and ERP.
pub fn missing_erp(projects: &[ProjectLink], now: Instant, grace_minutes: u32) -> Vec<&str> {
    let grace = Duration::minutes(i64::from(grace_minutes));
    let due = |project: &&ProjectLink| {
        let waited = project.activated_at.is_some_and(|at| now.signed_duration_since(at) > grace);
        waited || project.has_approved_time
    };
    let linked = |project: &ProjectLink| {
        let link = project.link;
        link.is_some_and(|link| link.state == LinkState::Linked && link.dimensions_complete)
    };
    let missing = projects.iter().filter(due).filter(|project| !linked(project));
    missing.map(|project| project.id.as_str()).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn project(activated_at: Option<&str>, has_approved_time: bool, link: Option<(&str, bool)>) -> ProjectLink {
        ProjectLink {
            id: "p".to_owned(),
            activated_at: activated_at.map(|at| at.parse().unwrap()),
            has_approved_time,
            link: link.map(|(state, dimensions_complete)| ErpLink {
                state: LinkState::parse(state).unwrap(),
                dimensions_complete,
            }),
        }
    }

    fn is_missing(project: ProjectLink) -> bool {
        !missing_erp(&[project], "2025-05-10T12:00:00Z".parse().unwrap(), 60).is_empty()
    }

    #[test]
    fn due_after_the_grace_time_or_with_approved_time() {
        assert!(
            !is_missing(project(Some("2025-05-10T11:00:00Z"), false, None)),
            "exactly the grace time"
        );
        assert!(is_missing(project(Some("2025-05-10T10:59:59Z"), false, None)));
        assert!(is_missing(project(Some("2025-05-10T11:59:00Z"), true, None)));
        assert!(is_missing(project(None, true, None)));
        assert!(!is_missing(project(None, false, None)));
    }

    #[test]
    fn only_a_complete_acknowledged_link_counts() {
        for (state, complete, missing) in [
            ("linked", true, false),
            ("linked", false, true),
            ("pending", true, true),
            ("failed", true, true),
            ("rejected", true, true),
        ] {
            let project = project(Some("2025-05-01T00:00:00Z"), false, Some((state, complete)));
            assert_eq!(is_missing(project), missing, "{state} {complete}");
        }
        assert_eq!(LinkState::parse("maybe").unwrap_err().field, "state");
    }
}
