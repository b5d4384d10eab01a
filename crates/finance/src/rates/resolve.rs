//! The rule that picks one line, or says why there is none.

use strata_kernel::{Decimal, Error, Result};

use super::fit::{PREFERENCES, begun, closed, ended, misfit};
use super::{ANY_ROLE, RateBook, RateLevel, RateLine, RateQuestion, RateUnit};
use crate::reason;

/// The line that prices an hour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolved {
    /// Id of the line.
    pub line_id: String,
    /// Price per unit in major units of the contract's currency.
    pub rate: Decimal,
    /// The stretch of work that the rate pays for.
    pub unit: RateUnit,
    /// Level it stands on.
    pub level: RateLevel,
    /// Why this one, in words for a person.
    pub why: String,
}

/// Finds the one rate line that prices an hour.
///
/// Levels go from contract to standard card, and the first with a match wins. Inside a level the role goes
/// before "*", then the organisation unit before none, amendment or override before base, scoped before
/// unscoped. An amendment closes the version of the same role, unit and scope that it replaces at its
/// effective date, from the day it is known; of several the newest effective date is the version that holds.
///
/// Refuses with `RATE_AMBIGUOUS` when two are left (which was recorded later decides nothing), with
/// `RATE_CURRENCY_MISMATCH` when only lines in other currencies fit, and with `RATE_NOT_FOUND` otherwise:
/// a price is never a silent zero.
/// Rates are exact decimals in major units per unit, not rounded. Source: "Set up labor bill rates" and "Set up
/// date-effective price overrides", Dynamics 365 Project Operations, for role, unit, override and scope; Kimai's rate
/// service for the order of levels.
pub fn resolve(question: &RateQuestion<'_>, book: &RateBook) -> Result<Resolved> {
    winner(question, book).map(resolved)
}

/// The line itself.
pub(super) fn winner<'b>(question: &RateQuestion<'_>, book: &'b RateBook) -> Result<&'b RateLine> {
    let mut other_currency = None;
    for level in RateLevel::ORDER {
        for role in [question.role, ANY_ROLE] {
            let group = book.group(level, question.key(level), role);
            if group.is_empty() {
                continue;
            }
            let mut left = matching(question, group);
            if left.is_empty() {
                other_currency = other_currency.or_else(|| in_other_currency(question, group));
                continue;
            }
            strongest(&mut left);
            return match left.as_slice() {
                [line] => Ok(*line),
                _ => Err(ambiguous(question, &left)),
            };
        }
    }
    Err(none_left(question, other_currency))
}

/// Lines of one level and role that price the question.
fn matching<'b>(question: &RateQuestion<'_>, group: &'b [RateLine]) -> Vec<&'b RateLine> {
    let begun = begun(question, group);
    begun
        .iter()
        .copied()
        .filter(|line| ended(question, line).is_none() && closed(&begun, line).is_none())
        .collect()
}

/// Keeps the strongest lines of one level and role, preference by preference.
fn strongest(left: &mut Vec<&RateLine>) {
    for (strong, _) in PREFERENCES {
        if left.len() > 1 && left.iter().any(|line| strong(line)) {
            left.retain(|line| strong(line));
        }
    }
}

fn in_other_currency(question: &RateQuestion<'_>, group: &[RateLine]) -> Option<String> {
    group
        .iter()
        .find(|line| line.currency != question.currency && misfit(question, line).is_none() && ended(question, line).is_none())
        .map(|line| line.currency.to_string())
}

pub(super) fn resolved(line: &RateLine) -> Resolved {
    let role = if line.role == ANY_ROLE { "every role" } else { &line.role };
    let source = match &line.amendment {
        Some(number) => format!(", amendment {number}"),
        None if line.overrides => ", override".to_owned(),
        None => String::new(),
    };
    Resolved {
        line_id: line.id.clone(),
        rate: line.rate,
        unit: line.unit,
        level: line.level,
        why: format!(
            "{} rate of {} for {role} from {}{source}",
            line.level.as_str(),
            line.level_key,
            line.from
        ),
    }
}

fn ambiguous(question: &RateQuestion<'_>, left: &[&RateLine]) -> Error {
    let mut ids: Vec<&str> = left.iter().map(|line| line.id.as_str()).collect();
    ids.sort_unstable();
    Error::precondition(
        reason::RATE_AMBIGUOUS,
        format!(
            "rate lines {} all price {} on {}; end all but one",
            ids.join(", "),
            question.role,
            question.work_date
        ),
    )
}

fn none_left(question: &RateQuestion<'_>, other_currency: Option<String>) -> Error {
    let asked = format!(
        "{} under contract {} on {}",
        question.role, question.contract, question.work_date
    );
    match other_currency {
        Some(other) => Error::precondition(
            reason::RATE_CURRENCY_MISMATCH,
            format!("{asked} has a rate in {other} but the contract is in {}", question.currency),
        ),
        None => Error::precondition(
            reason::RATE_NOT_FOUND,
            format!("{asked} has no rate in {}", question.currency),
        ),
    }
}
