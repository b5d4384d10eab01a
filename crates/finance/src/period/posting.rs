//! The day on which an event is posted.

use strata_kernel::{Date, Error, Result};

use super::{ADJUST_SCOPE, Period, PeriodState};
use crate::reason;

/// Whether the posting day may be another than the day of the event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DateRule {
    /// Cost, revenue, adjustments: the money goes to an open period.
    Movable,
    /// A document whose legal or tax date is what it is.
    Fixed,
}

impl DateRule {
    /// The rule of a kind of posting, named by words with underscores: `time_cost`, `customer_invoice`. A kind that
    /// names a document keeps its date, for the customer and the tax office have it; what is only booked moves.
    /// A kind without a word known here is `INVALID_FIELD`.
    ///
    /// Source: the date of supply and of the invoice are given by law, Directive 2006/112/EC, articles 63 to 66 and
    /// 226.
    pub fn of_kind(kind: &str) -> Result<Self> {
        let names = |words: &[&str]| kind.split('_').any(|word| words.contains(&word));
        if names(&DOCUMENTS) {
            Ok(Self::Fixed)
        } else if names(&BOOKED) {
            Ok(Self::Movable)
        } else {
            Err(Error::invalid("kind", format!("\"{kind}\" is not a kind of posting")))
        }
    }
}

/// Words of documents whose legal or tax date cannot move.
const DOCUMENTS: [&str; 5] = ["invoice", "credit", "document", "tax", "legal"];

/// Words of what is only booked.
const BOOKED: [&str; 12] = [
    "cost",
    "time",
    "expense",
    "revenue",
    "accrual",
    "adjustment",
    "intercompany",
    "deferral",
    "release",
    "provision",
    "unbilled",
    "wip",
];

/// Where an event is posted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posting {
    /// Day of the row.
    pub date: Date,
    /// Code of the period that the event belongs to, when it is posted in a later one.
    pub original_period: Option<String>,
}

/// The posting day of an event in the periods of one entity.
///
/// In an open period it is the day itself; in a soft-closed one too, if the caller's `scopes` have
/// [`ADJUST_SCOPE`]. Else the first day of the next open period, with the original period kept; a
/// document whose date is fixed, or an event with no later open period, is `PERIOD_CLOSED`. An event in a future
/// period, or in none that the entity has, is `PERIOD_NOT_OPEN`.
/// Source: period states of an ERP ledger (open, on hold, closed), as in Dynamics 365 Finance; changes of estimate in
/// the period they happen in, IAS 8.36.
pub fn posting(day: Date, rule: DateRule, scopes: &[&str], periods: &[Period]) -> Result<Posting> {
    let not_open = || {
        Error::precondition(
            reason::PERIOD_NOT_OPEN,
            format!("the accounting period of {day} is not open yet; open it, or post later"),
        )
    };
    let period = periods.iter().find(|period| period.contains(day)).ok_or_else(not_open)?;
    let on_the_day = match period.state {
        PeriodState::Future => return Err(not_open()),
        PeriodState::Open => true,
        PeriodState::SoftClosed => scopes.contains(&ADJUST_SCOPE),
        PeriodState::Closed => false,
    };
    if on_the_day {
        return Ok(Posting {
            date: day,
            original_period: None,
        });
    }
    let later = |next: &&Period| next.state == PeriodState::Open && next.from >= period.to;
    let next = periods.iter().filter(later).min_by_key(|next| next.from);
    match (rule, next) {
        (DateRule::Movable, Some(next)) => Ok(Posting {
            date: next.from,
            original_period: Some(period.code.clone()),
        }),
        (DateRule::Fixed, _) => Err(closed(period, &format!("{day} cannot move"))),
        (DateRule::Movable, None) => Err(closed(period, "no later one is open")),
    }
}

fn closed(period: &Period, why: &str) -> Error {
    let text = format!("the accounting period {} is closed, and {why}", period.code);
    Error::precondition(reason::PERIOD_CLOSED, text)
}

/// The posting day of a row between two entities: both must accept it, else the later of their days is used for
/// both. The original period is the first entity's. Fails as [`posting`] does for either of them.
///
/// Source: both companies book one transaction in the same period, IFRS 10.B86 (elimination).
pub fn intercompany_posting(day: Date, scopes: &[&str], periods: [&[Period]; 2]) -> Result<Posting> {
    let [first, second] = periods;
    let accepted = |day, periods| posting(day, DateRule::Movable, scopes, periods);
    let mut agreed = day;
    loop {
        let later = accepted(agreed, first)?.date.max(accepted(agreed, second)?.date);
        if later == agreed {
            break;
        }
        // A day only moves forward, to the first day of one of finitely many periods.
        agreed = later;
    }
    let own = first
        .iter()
        .find(|period| period.contains(day))
        .filter(|period| !period.contains(agreed));
    Ok(Posting {
        date: agreed,
        original_period: own.map(|period| period.code.clone()),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn periods(states: &[&str]) -> Vec<Period> {
        let period = |(index, state): (usize, &&str)| {
            let code = format!("2025-{:02}", index + 1);
            Period::month(&code, PeriodState::parse(state).unwrap()).unwrap()
        };
        states.iter().enumerate().map(period).collect()
    }

    fn post(day: &str, rule: DateRule, scopes: &[&str], states: &[&str]) -> Result<(String, Option<String>), &'static str> {
        posting(day.parse().unwrap(), rule, scopes, &periods(states))
            .map(|posting| (posting.date.to_string(), posting.original_period))
            .map_err(|error| error.reason)
    }

    #[test]
    fn every_state_with_and_without_the_scope() {
        let states = ["closed", "soft_closed", "open", "open", "future"];
        let moved = |period: &str| Ok(("2025-03-01".to_owned(), Some(period.to_owned())));
        let stays = |day: &str| Ok((day.to_owned(), None));
        let adjust = [ADJUST_SCOPE];
        let cases: [(&str, &[&str], _); 7] = [
            ("2025-01-31", &[], moved("2025-01")),
            ("2025-01-31", &adjust, moved("2025-01")),
            ("2025-02-28", &[], moved("2025-02")),
            ("2025-02-28", &adjust, stays("2025-02-28")),
            ("2025-04-30", &[], stays("2025-04-30")),
            ("2025-05-01", &adjust, Err(reason::PERIOD_NOT_OPEN)),
            ("2024-12-31", &[], Err(reason::PERIOD_NOT_OPEN)),
        ];
        for (day, scopes, expected) in cases {
            assert_eq!(post(day, DateRule::Movable, scopes, &states), expected, "{day} {scopes:?}");
        }
    }

    #[test]
    fn a_fixed_date_does_not_move() {
        let states = ["closed", "soft_closed", "open"];
        assert_eq!(post("2025-01-15", DateRule::Fixed, &[], &states), Err(reason::PERIOD_CLOSED));
        assert_eq!(post("2025-02-15", DateRule::Fixed, &[], &states), Err(reason::PERIOD_CLOSED));
        assert!(post("2025-02-15", DateRule::Fixed, &[ADJUST_SCOPE], &states).is_ok());
        assert_eq!(
            post("2025-01-15", DateRule::Movable, &[], &["closed", "future"]),
            Err(reason::PERIOD_CLOSED)
        );
        for kind in ["invoice", "credit_memo", "customer_invoice", "tax_document", "legal_document"] {
            assert_eq!(DateRule::of_kind(kind).unwrap(), DateRule::Fixed, "{kind}");
        }
        for kind in [
            "time_cost",
            "expense_cost",
            "revenue",
            "accrual",
            "adjustment",
            "intercompany",
            "loss_provision",
        ] {
            assert_eq!(DateRule::of_kind(kind).unwrap(), DateRule::Movable, "{kind}");
        }
        assert_eq!(DateRule::of_kind("gift").unwrap_err().field, "kind");
    }

    #[test]
    fn two_entities_agree_on_the_later_day() {
        let day = "2025-01-15".parse().unwrap();
        let agree = |one: &[&str], other: &[&str]| {
            let posting = intercompany_posting(day, &[], [&periods(one), &periods(other)]).unwrap();
            (posting.date.to_string(), posting.original_period)
        };
        let moved = |day: &str| (day.to_owned(), Some("2025-01".to_owned()));
        assert_eq!(agree(&["open"], &["open"]), ("2025-01-15".to_owned(), None));
        assert_eq!(agree(&["open", "open"], &["closed", "open"]), moved("2025-02-01"));
        // What one of them moves to may be closed for the other.
        assert_eq!(
            agree(&["closed", "open", "open"], &["open", "closed", "open"]),
            moved("2025-03-01")
        );
    }
}
