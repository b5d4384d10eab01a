//! Contract modifications (IFRS 15.18-21, ASC 606-10-25-10 to 25-13): how a change of scope or price is
//! accounted for.

mod remaining;
mod units;

pub use remaining::{CatchUp, RemainingPromise, SeriesTerms, ServiceSeries, catch_up, modify_series, reallocate};
pub use units::{AddedUnits, UnitsContract, UnitsOutcome, modify_units};

/// What the parties have agreed about a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Agreement {
    /// No enforceable change: neither approved nor its scope agreed.
    Nothing,
    /// The scope is agreed, the price is still open.
    ScopeOnly,
    /// Scope and price.
    ScopeAndPrice,
}

impl Agreement {
    /// An approved change is agreed in scope and price unless it is said that one of them is open; of a
    /// change that is not approved only what is said to be agreed is.
    ///
    /// Source: IFRS 15.18-19, ASC 606-10-25-10 and 25-11.
    pub fn of(approved: bool, scope_agreed: Option<bool>, price_agreed: Option<bool>) -> Self {
        let agreed = |part: Option<bool>| part.unwrap_or(approved);
        match (agreed(scope_agreed), agreed(price_agreed)) {
            (false, _) => Self::Nothing,
            (true, false) => Self::ScopeOnly,
            (true, true) => Self::ScopeAndPrice,
        }
    }
}

/// Whether what is added, with what remains, is distinct from what was transferred before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Distinctness {
    /// Distinct goods or services.
    Distinct,
    /// Part of one performance obligation that is partly fulfilled.
    NotDistinct,
    /// Some of each.
    Mixed,
}

/// How a modification is accounted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Treatment {
    /// Not at all yet: its cost is cost, its revenue waits.
    NoChange,
    /// Its price is estimated as variable consideration, with the constraint; then it is treated by its
    /// distinctness and price (IFRS 15.19, ASC 606-10-25-11).
    EstimatePrice,
    /// It is a modification; its distinctness is not given.
    Modification,
    /// A contract of its own; the old one is untouched (IFRS 15.20).
    SeparateContract,
    /// The old price that is not recognised and the addition, over the remaining work; the past is untouched
    /// (IFRS 15.21(a)).
    Prospective,
    /// New progress x new price less revenue so far, now (IFRS 15.21(b)).
    CumulativeCatchUp,
    /// Each performance obligation by its own kind (IFRS 15.21(c)).
    SplitPerObligation,
}

impl Treatment {
    /// The name in lower snake case.
    pub fn name(self) -> &'static str {
        match self {
            Self::NoChange => "none",
            Self::EstimatePrice => "estimate_price",
            Self::Modification => "modification",
            Self::SeparateContract => "separate_contract",
            Self::Prospective => "prospective",
            Self::CumulativeCatchUp => "cumulative_catch_up",
            Self::SplitPerObligation => "split_per_obligation",
        }
    }
}

/// Treatment of an agreed change by its distinctness, and by whether the price of what is added is its
/// stand-alone selling price.
///
/// Source: IFRS 15.20-21, ASC 606-10-25-12 and 25-13.
pub fn treatment(distinctness: Distinctness, price_is_standalone: bool) -> Treatment {
    match distinctness {
        Distinctness::Distinct if price_is_standalone => Treatment::SeparateContract,
        Distinctness::Distinct => Treatment::Prospective,
        Distinctness::NotDistinct => Treatment::CumulativeCatchUp,
        Distinctness::Mixed => Treatment::SplitPerObligation,
    }
}

/// Whether a change is accounted for at all, and how: by its agreement first, then by [`treatment`].
///
/// Source: IFRS 15.18-21, ASC 606-10-25-10 to 25-13.
pub fn gate(agreement: Agreement, distinctness: Option<Distinctness>, price_is_standalone: bool) -> Treatment {
    match (agreement, distinctness) {
        (Agreement::Nothing, _) => Treatment::NoChange,
        (Agreement::ScopeOnly, _) => Treatment::EstimatePrice,
        (Agreement::ScopeAndPrice, None) => Treatment::Modification,
        (Agreement::ScopeAndPrice, Some(distinctness)) => treatment(distinctness, price_is_standalone),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agreement_comes_before_kind() {
        let cases = [
            ((false, None, None), Treatment::NoChange),
            ((false, Some(false), Some(true)), Treatment::NoChange),
            ((false, Some(true), None), Treatment::EstimatePrice),
            ((true, None, Some(false)), Treatment::EstimatePrice),
            ((true, None, None), Treatment::SeparateContract),
            ((false, Some(true), Some(true)), Treatment::SeparateContract),
        ];
        for ((approved, scope, price), expected) in cases {
            let agreement = Agreement::of(approved, scope, price);
            assert_eq!(gate(agreement, Some(Distinctness::Distinct), true), expected);
        }
        assert_eq!(gate(Agreement::ScopeAndPrice, None, true).name(), "modification");
    }

    #[test]
    fn kind_decides_an_agreed_change() {
        use Distinctness::{Distinct, Mixed, NotDistinct};
        let names = |kind| [true, false].map(|standalone| treatment(kind, standalone).name());
        assert_eq!(names(Distinct), ["separate_contract", "prospective"]);
        assert_eq!(names(NotDistinct), ["cumulative_catch_up"; 2]);
        assert_eq!(names(Mixed), ["split_per_obligation"; 2]);
    }
}
