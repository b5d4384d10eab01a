//! A contract's rates as its version history prints them, turned into rate lines on two clocks.

use strata_kernel::{Currency, Date, Decimal};

use crate::rates::{RateLevel, RateLine, RateUnit, Recorded};

/// One version of a contract's rate, as the history shows it today.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RateVersion {
    /// Id of the version; the number of the amendment that made it, if one did.
    pub id: String,
    /// Role it prices, or [`crate::rates::ANY_ROLE`].
    pub role: String,
    /// First work date.
    pub from: Date,
    /// First work date no longer, as it is known today. None: open.
    pub to: Option<Date>,
    /// Price per hour in major units.
    pub rate: Decimal,
    /// Day since which it is known.
    pub recorded_on: Date,
}

/// Rate lines of a contract from its version history.
///
/// What was recorded on the first day came with the contract; everything later came by amendment. An end that a
/// later amendment set is not known before that amendment is, so it is left off: the amendment closes the line
/// itself, from the day it is known. That keeps "the rate of that day as known on this day" answerable.
/// Rates are exact decimals in major units per hour, not rounded. Nothing is refused here:
/// [`crate::rates::RateBook::try_new`] checks the lines. Source: date-effective price overrides, Dynamics 365 Project
/// Operations.
pub fn contract_lines(contract: &str, currency: Currency, versions: &[RateVersion]) -> Vec<RateLine> {
    let first = versions.iter().map(|version| version.recorded_on).min();
    let ended_later = |version: &RateVersion| {
        let follows = |other: &RateVersion| {
            other.role == version.role && Some(other.from) == version.to && other.recorded_on > version.recorded_on
        };
        versions.iter().any(follows)
    };
    let line = |version: &RateVersion| RateLine {
        id: version.id.clone(),
        level: RateLevel::Contract,
        level_key: contract.to_owned(),
        role: version.role.clone(),
        org_unit: None,
        scope: None,
        currency,
        rate: version.rate,
        unit: RateUnit::HOUR,
        from: version.from,
        to: version.to.filter(|_| !ended_later(version)),
        recorded: Recorded::On(version.recorded_on),
        amendment: (Some(version.recorded_on) != first).then(|| version.id.clone()),
        overrides: false,
        retroactive: false,
    };
    versions.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::rates::{ANY_ROLE, RateBook, RateQuestion, resolve};
    use strata_kernel::{Reason, Result};

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn version(rate: i64, from: &str, to: Option<&str>, recorded_on: &str) -> RateVersion {
        RateVersion {
            id: rate.to_string(),
            role: ANY_ROLE.to_owned(),
            from: day(from),
            to: to.map(day),
            rate: Decimal::from(rate),
            recorded_on: day(recorded_on),
        }
    }

    fn rate(versions: &[RateVersion], work_date: &str, known_on: &str) -> Result<String, Reason> {
        let eur = Currency::parse("EUR").unwrap();
        let book = RateBook::try_new(contract_lines("CT-1", eur, versions)).unwrap();
        let question = RateQuestion {
            contract: "CT-1",
            project: "",
            customer: "",
            entity: "",
            role: "consultant",
            org_unit: None,
            currency: eur,
            work_date: day(work_date),
            known_on: day(known_on),
            cards_known_on: None,
        };
        resolve(&question, &book)
            .map(|found| found.line_id)
            .map_err(|error| error.reason)
    }

    #[test]
    fn an_end_is_known_when_what_follows_is() {
        let versions = [
            version(150, "2025-01-01", Some("2025-03-16"), "2024-12-20"),
            version(165, "2025-03-16", Some("2025-06-01"), "2025-04-10"),
            version(170, "2025-06-01", Some("2025-12-31"), "2025-05-20"),
        ];
        let known = |work_date, known_on| rate(&versions, work_date, known_on).unwrap();
        assert_eq!(known("2025-03-16", "2025-04-09"), "150");
        assert_eq!(known("2025-03-16", "2025-04-10"), "165");
        assert_eq!(known("2025-06-01", "2025-05-19"), "165");
        assert_eq!(known("2025-06-01", "2025-05-20"), "170");
        assert_eq!(known("2025-03-15", "2025-12-01"), "150");
        assert_eq!(
            rate(&versions, "2025-12-31", "2026-01-01"),
            Err(crate::reason::RATE_NOT_FOUND),
            "an end that nothing follows is an end"
        );
    }

    #[test]
    fn versions_that_came_with_the_contract_keep_their_ends() {
        let versions = [
            version(100, "2025-01-01", Some("2026-01-01"), "2024-12-20"),
            version(110, "2026-01-01", None, "2024-12-20"),
        ];
        assert_eq!(rate(&versions, "2025-12-31", "2024-12-20").unwrap(), "100");
        assert_eq!(rate(&versions, "2026-01-01", "2024-12-20").unwrap(), "110");
        assert!(contract_lines("CT-1", Currency::parse("EUR").unwrap(), &[]).is_empty());
    }
}
