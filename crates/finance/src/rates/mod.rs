//! Which rate prices an hour of work, on two clocks: the work date, and what was
//! known on a day.

mod book;
mod chain;
mod explain;
mod fit;
mod markup;
mod resolve;
mod revision;
#[cfg(test)]
mod tests;
mod unit;

pub use book::RateBook;
pub use chain::{ChainKind, ChainLevel, ChainPrice, price_by_chain};
pub use explain::{BeatenLine, Explanation, RULE, explain};
pub use fit::Beaten;
pub use markup::{MarkedUp, Markup, markup_on, rate_with_markup};
pub use resolve::{Resolved, resolve};
pub use revision::{PriceVersion, Revision, price_on, revise};
pub use unit::RateUnit;

use strata_kernel::{Currency, Date, Decimal, Error, Instant, Result};

/// The role of a line that prices every role: a blended rate.
pub const ANY_ROLE: &str = "*";

/// Where a rate line stands. The first level with a match wins, however specific a weaker level is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RateLevel {
    /// Agreed in one contract. Keyed by contract number.
    Contract,
    /// Agreed for one project. Keyed by project code.
    Project,
    /// A customer's card. Keyed by customer.
    Customer,
    /// The standard card of a legal entity. Keyed by its code.
    Standard,
}

impl RateLevel {
    /// Strongest first.
    pub const ORDER: [Self; 4] = [Self::Contract, Self::Project, Self::Customer, Self::Standard];

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Contract => "contract",
            Self::Project => "project",
            Self::Customer => "customer",
            Self::Standard => "standard",
        }
    }

    /// The level of a word. Any other word is `INVALID_FIELD`.
    pub fn parse(word: &str) -> Result<Self> {
        Self::ORDER.into_iter().find(|level| level.as_str() == word).ok_or_else(|| {
            Error::invalid(
                "level",
                format!("\"{word}\" is no level; use contract, project, customer or standard"),
            )
        })
    }
}

/// Since when a line is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Recorded {
    /// Known since an instant; its UTC day counts.
    At(Instant),
    /// Known from a calendar day on: the day an amendment was signed.
    On(Date),
}

impl Recorded {
    /// First day on which it is known.
    pub fn day(self) -> Date {
        match self {
            Self::At(instant) => instant.date_naive(),
            Self::On(day) => day,
        }
    }

    /// True when it is known at a moment, or on the day of that moment where only its day is kept.
    pub fn is_known_at(self, moment: Instant) -> bool {
        match self {
            Self::At(instant) => instant <= moment,
            Self::On(day) => day <= moment.date_naive(),
        }
    }
}

/// One immutable line of a rate card, or one rate of an amendment. A change is another line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RateLine {
    /// Id, unique in a book.
    pub id: String,
    /// Level it stands on.
    pub level: RateLevel,
    /// Key within the level.
    pub level_key: String,
    /// Role it prices, or [`ANY_ROLE`].
    pub role: String,
    /// Only for work of this organisation unit. None: of every unit.
    pub org_unit: Option<String>,
    /// Only for work under this contract, on a card that serves many. None: under every contract.
    pub scope: Option<String>,
    /// Currency of the rate. Rates are never converted.
    pub currency: Currency,
    /// Price per unit in major units, not below zero.
    pub rate: Decimal,
    /// The stretch of work that the rate pays for.
    pub unit: RateUnit,
    /// First work date it prices.
    pub from: Date,
    /// First work date it no longer prices. None: open.
    pub to: Option<Date>,
    /// Since when it is known.
    pub recorded: Recorded,
    /// Number of the signed amendment it comes from. It then stands above base lines, closes the version it
    /// replaces, and reaches work that is billed already.
    pub amendment: Option<String>,
    /// A temporary override of a card: stands above base lines while it lasts, closes nothing.
    pub overrides: bool,
    /// A card version that was declared to reach work that is billed already.
    pub retroactive: bool,
}

/// What does an hour cost?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateQuestion<'a> {
    /// Contract number.
    pub contract: &'a str,
    /// Project code.
    pub project: &'a str,
    /// Key of the customer's card.
    pub customer: &'a str,
    /// Code of the contracting legal entity.
    pub entity: &'a str,
    /// Role on the time entry, not the employee's present one.
    pub role: &'a str,
    /// Organisation unit that does the work.
    pub org_unit: Option<&'a str>,
    /// Currency of the contract.
    pub currency: Currency,
    /// Day of the work, at the place of work.
    pub work_date: Date,
    /// What was known at the end of this day.
    pub known_on: Date,
    /// For work that is billed already: the day its cards were read. Later card versions do not reach it;
    /// amendments and retroactive versions do. None: as `known_on`.
    pub cards_known_on: Option<Date>,
}

impl<'a> RateQuestion<'a> {
    fn key(&self, level: RateLevel) -> &'a str {
        match level {
            RateLevel::Contract => self.contract,
            RateLevel::Project => self.project,
            RateLevel::Customer => self.customer,
            RateLevel::Standard => self.entity,
        }
    }
}
