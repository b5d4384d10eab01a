//! Milestones: accepted by the customer, with a day and something to show for it.

use strata_kernel::{Date, Error, Result};

/// Lets a milestone be accepted on a day up to `today`, with evidence: a reference to the customer's acceptance.
///
/// A day in the future and missing evidence are `INVALID_FIELD`. Source: customer acceptance as the moment control
/// passes, IFRS 15 B83-B86, ASC 606-10-55-85 to 55-88.
pub fn check_acceptance(accepted_on: Date, evidence: &str, today: Date) -> Result<()> {
    if accepted_on > today {
        return Err(Error::invalid("accepted_on", format!("{accepted_on} is not yet")));
    }
    if evidence.trim().is_empty() {
        return Err(Error::invalid("evidence", "say where the customer accepted it"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn needs_evidence_and_a_day_that_is() {
        let check = |day: &str, evidence| {
            let today = "2025-03-31".parse().unwrap();
            check_acceptance(day.parse().unwrap(), evidence, today).map_err(|error| error.field)
        };
        assert_eq!(check("2025-03-31", "mail of 31 March"), Ok(()));
        assert_eq!(check("2025-04-01", "mail").unwrap_err(), "accepted_on");
        assert_eq!(check("2025-03-31", "  ").unwrap_err(), "evidence");
    }
}
