//! Why this rate? The line that won, the lines it stood against, and what decided, for a person.

use strata_kernel::{Currency, Date, Result};

use super::fit::{Beaten, beaten_by};
use super::resolve::{resolved, winner};
use super::{ANY_ROLE, RateBook, RateLevel, RateQuestion, Resolved};

/// The rule in one sentence.
pub const RULE: &str = "contract, project, customer card, standard card: the first level with a match wins; \
                        inside a level the role goes before every role, the organisation unit before none, \
                        amendment or override before base, the contract's own before any contract";

/// A line that could have priced the hour and did not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BeatenLine {
    /// Id of the line.
    pub line_id: String,
    /// Level it stands on.
    pub level: RateLevel,
    /// Why it gave way.
    pub why: Beaten,
}

/// A resolved rate with what led to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// The line that won, with its level.
    pub resolved: Resolved,
    /// Currency of the rate.
    pub currency: Currency,
    /// First work date that the line prices.
    pub from: Date,
    /// First work date that it no longer prices. None: open.
    pub to: Option<Date>,
    /// First day on which it is known.
    pub known_from: Date,
    /// Day of the work.
    pub work_date: Date,
    /// The day whose knowledge counted.
    pub known_on: Date,
    /// Lines of the same contract, project, customer or entity for this role or every role, strongest level first.
    pub beaten: Vec<BeatenLine>,
}

/// Resolves a rate as [`super::resolve`] does, and tells what it stood against. Slower: for one question at a
/// time, to show a person. Refuses what `resolve` refuses.
///
/// Source: as [`super::resolve`].
pub fn explain(question: &RateQuestion<'_>, book: &RateBook) -> Result<Explanation> {
    let won = winner(question, book)?;
    let roles = [question.role, ANY_ROLE];
    let roles = if question.role == ANY_ROLE { &roles[..1] } else { &roles[..] };
    let mut beaten = Vec::new();
    for level in RateLevel::ORDER {
        for role in roles {
            let group = book.group(level, question.key(level), role);
            beaten.extend(group.iter().filter(|line| line.id != won.id).map(|line| BeatenLine {
                line_id: line.id.clone(),
                level,
                why: beaten_by(question, won, group, line),
            }));
        }
    }
    Ok(Explanation {
        resolved: resolved(won),
        currency: won.currency,
        from: won.from,
        to: won.to,
        known_from: won.recorded.day(),
        work_date: question.work_date,
        known_on: question.known_on,
        beaten,
    })
}

impl Explanation {
    /// The explanation as sentences: the price, the dates, the rule, then one for each line that gave way.
    pub fn in_words(&self) -> Vec<String> {
        let until = self.to.map_or_else(|| "on".to_owned(), |to| format!("to before {to}"));
        let mut words = vec![
            format!(
                "Rate line {} prices the work: {} {} per {}, {}.",
                self.resolved.line_id,
                self.resolved.rate,
                self.currency,
                self.resolved.unit.in_words(),
                self.resolved.why
            ),
            format!(
                "The work was done on {}; the line prices work from {} {until}, and is known since {}. What was known on {} counts.",
                self.work_date, self.from, self.known_from, self.known_on
            ),
            format!("The rule: {RULE}."),
        ];
        words.extend(self.beaten.iter().map(|line| {
            let level = line.level.as_str();
            format!("Not {level} line {}: {}.", line.line_id, line.why.in_words())
        }));
        words
    }
}
