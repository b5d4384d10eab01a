//! When a milestone bills: once, when it is accepted, and not on the day that was planned.

use strata_kernel::Date;

/// How far a milestone is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MilestoneState {
    /// Planned, delivered or refused: a planned date bills nothing.
    Open,
    /// Accepted by the customer, not on an invoice.
    Accepted,
    /// On an invoice that was not credited.
    Invoiced,
}

impl MilestoneState {
    /// How far a milestone is, by the day of its acceptance, as known at the end of a period: what is accepted later is
    /// open still. What is billed stays billed, whichever day it is asked for.
    /// Source: output method by milestones reached, IFRS 15 B15, ASC 606-10-55-17.
    pub fn known(billed: bool, accepted_on: Option<Date>, until: Date) -> Self {
        match (billed, accepted_on) {
            (true, _) => Self::Invoiced,
            (false, Some(day)) if day <= until => Self::Accepted,
            (false, _) => Self::Open,
        }
    }

    /// True when a run bills it: accepted, and on no invoice. After a full credit it is due again.
    /// Source: billing rule "milestone", Dynamics 365 Project Operations, "Project contracts".
    pub fn is_due(self) -> bool {
        self == Self::Accepted
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn bills_once_when_accepted() {
        let day = |text: &str| text.parse::<Date>().unwrap();
        let due = |billed, accepted: Option<&str>| MilestoneState::known(billed, accepted.map(day), day("2025-03-31")).is_due();
        assert!(due(false, Some("2025-03-31")));
        assert!(!due(false, Some("2025-04-01")), "accepted after the period");
        assert!(!due(false, None), "planned, or refused");
        assert!(!due(true, Some("2025-03-01")), "on an invoice");
        assert!(!due(true, None));
    }
}
