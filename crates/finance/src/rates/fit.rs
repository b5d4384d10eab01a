//! Whether one line prices a question, and why it does not. Resolution and its explanation both ask here.

use strata_kernel::{Currency, Date};

use super::{ANY_ROLE, RateLine, RateQuestion};

/// Why a line does not price a question, or gives way to the line that does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Beaten {
    /// It is in this currency, not the contract's.
    OtherCurrency(Currency),
    /// It is known from this day on only.
    NotKnownYet(Date),
    /// It prices work from this day on only.
    NotBegun(Date),
    /// This was the first day that it did not price any more.
    Ended(Date),
    /// An amendment replaced it.
    Closed {
        /// Number of the amendment.
        amendment: String,
        /// First day that the amendment prices.
        from: Date,
    },
    /// It is for this organisation unit.
    OtherUnit(String),
    /// It is for this contract.
    OtherContract(String),
    /// A stronger level has a match.
    WeakerLevel,
    /// It prices every role, the other this role.
    EveryRole,
    /// It is for every organisation unit, the other for this one.
    EveryUnit,
    /// It is a base line, the other an amendment or override.
    Base,
    /// It is for every contract, the other for this one.
    EveryContract,
}

impl Beaten {
    /// The reason for a person, as the end of "it does not price the hour because ...".
    pub fn in_words(&self) -> String {
        match self {
            Self::OtherCurrency(currency) => format!("it is in {currency}"),
            Self::NotKnownYet(day) => format!("it is known from {day} on only"),
            Self::NotBegun(day) => format!("it prices work from {day} on only"),
            Self::Ended(day) => format!("it ended before {day}"),
            Self::Closed { amendment, from } => format!("amendment {amendment} replaced it from {from}"),
            Self::OtherUnit(unit) => format!("it is for the organisation unit {unit}"),
            Self::OtherContract(contract) => format!("it is for contract {contract}"),
            Self::WeakerLevel => "a stronger level has a match".to_owned(),
            Self::EveryRole => "it prices every role, and there is a rate for this one".to_owned(),
            Self::EveryUnit => "it is for every organisation unit, and there is a rate for this one".to_owned(),
            Self::Base => "it is a base line, and there is an amendment or override".to_owned(),
            Self::EveryContract => "it is for every contract, and there is a rate for this one".to_owned(),
        }
    }
}

/// One preference: true of a line that has it, and why a line without it gives way.
pub(super) type Preference = (fn(&RateLine) -> bool, Beaten);

/// What makes a line strong among those of one level and role, strongest first.
pub(super) const PREFERENCES: [Preference; 3] = [
    (|line| line.org_unit.is_some(), Beaten::EveryUnit),
    (|line| line.amendment.is_some() || line.overrides, Beaten::Base),
    (|line| line.scope.is_some(), Beaten::EveryContract),
];

/// Why a line is not known, not begun, or for another unit or contract. None: it fits.
/// Currency and end are looked at elsewhere.
pub(super) fn misfit(question: &RateQuestion<'_>, line: &RateLine) -> Option<Beaten> {
    let reaches_billed = line.amendment.is_some() || line.retroactive;
    let known_on = match question.cards_known_on {
        Some(cards) if !reaches_billed => cards.min(question.known_on),
        _ => question.known_on,
    };
    let recorded = line.recorded.day();
    if recorded > known_on {
        return Some(Beaten::NotKnownYet(recorded));
    }
    if line.from > question.work_date {
        return Some(Beaten::NotBegun(line.from));
    }
    let unit = line.org_unit.as_ref().filter(|unit| Some(unit.as_str()) != question.org_unit);
    let scope = line.scope.as_ref().filter(|scope| *scope != question.contract);
    unit.cloned()
        .map(Beaten::OtherUnit)
        .or_else(|| scope.cloned().map(Beaten::OtherContract))
}

/// Lines of a group in the contract's currency that fit, whether they have ended or not.
pub(super) fn begun<'b>(question: &RateQuestion<'_>, group: &'b [RateLine]) -> Vec<&'b RateLine> {
    group
        .iter()
        .filter(|line| line.currency == question.currency && misfit(question, line).is_none())
        .collect()
}

/// The end of a line that is over on the work date.
pub(super) fn ended(question: &RateQuestion<'_>, line: &RateLine) -> Option<Date> {
    line.to.filter(|to| *to <= question.work_date)
}

/// The amendment that closed a line, among the lines that have begun.
///
/// An amendment closes older versions for good: when it ends they do not come back.
/// Two amendments of one effective date close neither, and are ambiguous.
pub(super) fn closed<'b>(begun: &[&'b RateLine], line: &RateLine) -> Option<&'b RateLine> {
    begun.iter().copied().find(|other| {
        other.amendment.is_some()
            && other.org_unit == line.org_unit
            && other.scope == line.scope
            && match line.amendment {
                Some(_) => other.from > line.from,
                None => other.from >= line.from,
            }
    })
}

/// Why a line of a group gave way to the line that won.
pub(super) fn beaten_by(question: &RateQuestion<'_>, winner: &RateLine, group: &[RateLine], line: &RateLine) -> Beaten {
    if line.currency != question.currency {
        return Beaten::OtherCurrency(line.currency);
    }
    if let Some(misfit) = misfit(question, line) {
        return misfit;
    }
    if let Some(end) = ended(question, line) {
        return Beaten::Ended(end);
    }
    if let Some(by) = closed(&begun(question, group), line) {
        return Beaten::Closed {
            amendment: by.amendment.clone().unwrap_or_default(),
            from: by.from,
        };
    }
    if line.level != winner.level {
        return Beaten::WeakerLevel;
    }
    if line.role == ANY_ROLE && winner.role != ANY_ROLE {
        return Beaten::EveryRole;
    }
    let lost = PREFERENCES.into_iter().find(|(strong, _)| strong(winner) && !strong(line));
    // A winner stands alone, so one preference at least tells it from any line that matches.
    lost.map_or(Beaten::WeakerLevel, |(_, why)| why)
}
